import Sealing

/// A node that this household has introduced itself to, with the name its people use.
public struct Neighbour: Hashable, Sendable {
  /// At most 16 characters: letters, digits, `-`.
  public let name: String
  public let key: PublicKey

  public init(name: String, key: PublicKey) {
    self.name = name
    self.key = key
  }
}
