/// What clients may leave on a node's disk.
public struct StorageLimits: Hashable, Sendable {
  /// How many files.
  public var files: Int
  /// What all of them together may have, bytes; those under way count.
  public var totalBytes: Int64
  /// What one may have, bytes.
  public var fileBytes: Int64

  /// What uploads leave free on the disk, bytes: the node's own records need room.
  public var freeBytes: Int64

  public init(
    files: Int = 10_000, totalBytes: Int64 = 2_000_000_000, fileBytes: Int64 = 200_000_000,
    freeBytes: Int64 = 250_000_000
  ) {
    self.files = files
    self.totalBytes = totalBytes
    self.fileBytes = fileBytes
    self.freeBytes = freeBytes
  }
}
