/// Hears what is done to the files of jobs, in order: for tests that let the power fail between any
/// two steps.
///
/// It is called on whichever thread does the step, after it was done.
package protocol DiskWitness: Sendable {
  func saw(_ step: DiskStep)
}

/// One step of those that a disk may lose until it was told to keep it.
package enum DiskStep: Hashable, Sendable {
  case madeFolder(String)
  /// Made where it was not there before.
  case made(file: String)
  case cut(file: String, length: Int64)
  case wrote(file: String, offset: Int64, bytes: [UInt8])
  /// The file's content is on disk.
  case kept(file: String)
  case renamed(from: String, to: String)
  case removed(file: String)
  /// The names in a folder are on disk.
  case keptNames(folder: String)
}
