import HeliographCore
import Sealing

/// The node's own highest record, kept in a small file outside the database and its backups.
///
/// A database that was restored or lost its last writes is behind this marker; a node that signed
/// on from there would fork its own chain. So the marker is compared before anything is signed.
public struct HeadMarker: Sendable {
  private let path: String

  /// The marker file of a data directory, `<directory>/head`.
  public init(directory: String) { path = directory + "/head" }

  /// What the marker says; nil when there is none yet.
  ///
  /// Throws for a file that says something else: nobody but the node writes it.
  public func read() throws(ConfigurationError) -> StoredState.OwnHead? {
    let bytes: [UInt8]
    do {
      bytes = try FileAccess.read(path, atMost: 256)
    } catch {
      if error.code == 2 { return nil }  // ENOENT
      throw ConfigurationError(file: path, line: nil, field: "", message: "\(error)")
    }
    let words = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }
    guard words.count == 2, let count = Int64(words[0]), count > 0,
      let identity = Digest(hexadecimal: String(words[1]))
    else {
      throw ConfigurationError(
        file: path, line: 1, field: "",
        message: "expected a count and a digest; remove it only if this node has never "
          + "traded, or after it has caught up from its neighbours")
    }
    return StoredState.OwnHead(count: count, head: identity)
  }

  /// Writes the count of own records and the last one's identity; on the disk when this returns.
  func write(_ own: StoredState.OwnHead) throws(FileAccess.Failure) {
    let text = "\(own.count) \(own.head.hexadecimal)\n"
    try FileAccess.replace(path, with: Array(text.utf8), mode: 0o640)
  }
}
