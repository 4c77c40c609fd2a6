import Glibc

/// The key that clients of the Batch API must send, kept in a file of its own.
enum APIKey {
  static let lengths = 16...512

  /// The file's first line; errors say what is wrong and never what is in it.
  static func read(_ path: String) throws(ServiceError) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let words = String(cString: strerror(errno))
      throw ServiceError("jobs.api.keyFile \(path): \(words)")
    }
    guard status.st_mode & 0o007 == 0 else {
      throw ServiceError("jobs.api.keyFile \(path): others may use it; chmod 640 \(path)")
    }
    let bytes: [UInt8]
    do {
      bytes = try FileAccess.read(path, atMost: 4096)
    } catch { throw ServiceError("jobs.api.keyFile \(path): \(error.reason)") }
    let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
    guard lengths.contains(line.count), line.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ServiceError(
        "jobs.api.keyFile \(path): expected a line of \(lengths.lowerBound) to "
          + "\(lengths.upperBound) letters and digits, such as openssl rand -hex 32 prints")
    }
    return Array(line)
  }
}
