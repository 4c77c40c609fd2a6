/// Neighbouring registers and what they hold.
public struct RegisterBlock: Hashable, Sendable {
  /// The first register, zero-based.
  public let address: Int
  public internal(set) var words: [UInt16]

  /// The first address behind the block.
  public var end: Int { address + words.count }
}
