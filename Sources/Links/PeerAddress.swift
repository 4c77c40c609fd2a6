import Sealing

/// A neighbour to dial: its key, and where it was last known to listen.
public struct PeerAddress: Hashable, Sendable {
  public let key: PublicKey
  public let address: HostPort

  public init(key: PublicKey, address: HostPort) {
    self.key = key
    self.address = address
  }
}
