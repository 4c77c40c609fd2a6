import Glibc
import Sealing

/// Tells whether a model's file is the one that its digest names.
///
/// A model has gigabytes, so what was found is remembered beside the database together with the
/// file's size, time and inode, and found again in no time until one of them changes.
package struct ModelFile {
  /// In the data directory.
  static let cacheName = "models.digests"
  private static let chunkBytes = 1 << 20
  private static let maximumEntries = 64

  package let path: String

  package init(path: String) { self.path = path }

  /// The SHA-256 digest of the file; `cache` is the path of what is remembered.
  package func digest(cache: String) throws -> Digest {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw FileAccess.Failure(path: path, operation: "open", code: errno)
    }
    defer { close(file) }
    let before = try identity(of: file)
    let known = Self.entries(cache)
    if let found = known.first(where: { $0.identity == before }) { return found.digest }
    let digest = try read(file)
    guard try identity(of: file) == before else {
      throw FileAccess.Failure(path: path, operation: "read while it is written", code: EBUSY)
    }
    let others = known.filter { $0.identity != before }.suffix(Self.maximumEntries - 1)
    let lines = (others + [Entry(identity: before, digest: digest)]).map(\.line)
    try FileAccess.replace(cache, with: Array(lines.joined().utf8), mode: 0o640)
    return digest
  }

  private func read(_ file: Int32) throws(FileAccess.Failure) -> Digest {
    let digest = DigestStream(.sha256)
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw FileAccess.Failure(path: path, operation: "read", code: errno)
      }
      if count == 0 { return digest.finish() }
      digest.update(count == chunk.count ? chunk : Array(chunk.prefix(count)))
    }
  }

  /// What changes when the file does.
  private func identity(of file: Int32) throws(FileAccess.Failure) -> String {
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw FileAccess.Failure(path: path, operation: "look at", code: errno)
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileAccess.Failure(path: path, operation: "open as a file", code: EINVAL)
    }
    let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    return "\(status.st_dev)-\(status.st_ino)-\(status.st_size)-\(time)"
  }

  private struct Entry {
    var identity: String
    var digest: Digest
    var line: String { "\(identity) \(digest.hexadecimal)\n" }
  }

  /// What is remembered; a damaged line is as good as none.
  private static func entries(_ cache: String) -> [Entry] {
    guard let bytes = try? FileAccess.read(cache, atMost: 1 << 16) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard fields.count == 2, let digest = Digest(hexadecimal: String(fields[1])) else {
        return nil
      }
      return Entry(identity: String(fields[0]), digest: digest)
    }
  }
}
