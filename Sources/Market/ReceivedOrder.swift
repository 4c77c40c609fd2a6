import Sealing

/// An order's bytes from a neighbour, with what is known of them before the book sees them.
///
/// The edge may decode and verify them beforehand; the trader verifies what nobody did.
public struct ReceivedOrder: Sendable {
  public let bytes: [UInt8]
  /// What they say; nil where they are no order, or nobody has looked.
  public let order: Order?
  /// Whether the signature was verified by this node.
  public let isGenuine: Bool

  /// Bytes that may be anything.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    order = try? Order(decoding: bytes, verifying: false)
    isGenuine = false
  }

  /// An order whose signature was verified, or not.
  public init(_ order: Order, isGenuine: Bool) {
    bytes = order.bytes
    self.order = order
    self.isGenuine = isGenuine
  }
}
