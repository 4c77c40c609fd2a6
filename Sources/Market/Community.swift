import Sealing

/// A neighbourhood whose members trade with each other and share one set of chains.
public struct Community: Hashable, Sendable {
  /// The first 16 bytes of the BLAKE2b-256 digest of the name: what records carry.
  public let identifier: [UInt8]
  public let name: String

  /// - Parameter name: what the neighbours agreed to call it; case and spaces count.
  public init(name: String) {
    self.name = name
    identifier = Array(Digest(of: Array(name.utf8)).bytes.prefix(16))
  }
}
