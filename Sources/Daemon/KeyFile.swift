import Glibc
import Sealing

/// The file that holds the node's secret: a 32-byte seed in hexadecimal, readable by its owner.
public enum KeyFile {
  /// The key pair in `path`; makes the file with a new seed where there is none.
  ///
  /// Refuses a file that others may read, and one that holds anything but 64 hexadecimal digits:
  /// a damaged key is never silently replaced, since the node *is* its key.
  public static func open(_ path: String) throws(ConfigurationError) -> KeyPair {
    var information = stat()
    if stat(path, &information) != 0, errno == ENOENT { return try create(path) }
    func problem(_ message: String) -> ConfigurationError {
      ConfigurationError(file: path, line: nil, field: "key", message: message)
    }
    let bytes: [UInt8]
    do {
      bytes = try FileAccess.read(path, atMost: 4096)
    } catch { throw problem("can't be read: \(error.reason)") }
    guard information.st_mode & 0o077 == 0 else {
      throw problem("others may read it: expected permissions 600 (chmod 600 \(path))")
    }
    let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    guard let seed = Hexadecimal.bytes(text), let keyPair = KeyPair(seed: seed) else {
      throw problem("expected 64 hexadecimal digits; restore it from the household's copy")
    }
    return keyPair
  }

  private static func create(_ path: String) throws(ConfigurationError) -> KeyPair {
    func problem(_ message: String) -> ConfigurationError {
      ConfigurationError(file: path, line: nil, field: "key", message: message)
    }
    // The system's generator is getrandom(2): fit for keys, and it waits until it is seeded.
    var random = SystemRandomNumberGenerator()
    let seed = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    guard let keyPair = KeyPair(seed: seed) else { throw problem("libsodium refused the seed") }
    do {
      let slash = path.lastIndex(of: "/") ?? path.startIndex
      try FileAccess.makeDirectory(String(path[..<slash]))
      try FileAccess.replace(path, with: Array((Hexadecimal.text(seed) + "\n").utf8), mode: 0o600)
    } catch { throw problem("can't be made: \(error)") }
    return keyPair
  }
}
