import Glibc

/// The few things done to folders, what changes them durable when it returns.
enum Folder {
  /// Makes the folder (mode 0750) and waits until its name is on disk; one that is there already is
  /// fine unless it must be new.
  static func make(
    _ path: String, mustBeNew: Bool = false, witness: (any DiskWitness)? = nil
  ) throws(RunnerError) {
    guard mkdir(path, 0o750) != 0 else {
      witness?.saw(.madeFolder(path))
      // What is put in it later would go with it. A folder above that may not be read can't be
      // waited for, and that is no reason to do without this one.
      try? synchronise(parent(of: path), witness: witness)
      return
    }
    if errno == EEXIST, !mustBeNew { return }
    throw AppendOnlyFile.failure("made", path)
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Removes a file; one that is not there is fine.
  static func remove(_ file: String, witness: (any DiskWitness)? = nil) {
    if unlink(file) == 0 { witness?.saw(.removed(file: file)) }
  }

  /// The names in a folder, in no order; none where it can't be read.
  static func names(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      names.append(name)
    }
    return names
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Renames within `folder` and waits until the folder is on disk.
  static func rename(
    _ old: String, to new: String, in folder: String, witness: (any DiskWitness)? = nil
  ) throws(RunnerError) {
    guard Glibc.rename(folder + "/" + old, folder + "/" + new) == 0 else {
      throw AppendOnlyFile.failure("renamed to \(new)", folder + "/" + old)
    }
    witness?.saw(.renamed(from: folder + "/" + old, to: folder + "/" + new))
    try synchronise(folder, witness: witness)
  }

  /// Waits until the names in a folder are on disk.
  static func synchronise(
    _ path: String, witness: (any DiskWitness)? = nil
  ) throws(RunnerError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AppendOnlyFile.failure("opened", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw AppendOnlyFile.failure("put on disk", path) }
    witness?.saw(.keptNames(folder: path))
  }
}
