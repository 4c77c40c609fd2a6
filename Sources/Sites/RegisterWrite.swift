/// A run of holding registers that one request writes.
public struct RegisterWrite: Hashable, Sendable {
  /// The most registers that one Modbus write may carry (1.1b3, §6.12).
  public static let maximumCount = 123

  /// The first register, zero-based.
  public let address: Int
  /// 1 to `maximumCount`.
  public let words: [UInt16]

  /// Traps when the run is empty, longer than `maximumCount` or leaves the address space.
  public init(address: Int, words: [UInt16]) {
    precondition((1...Self.maximumCount).contains(words.count), "a write is of 1 to 123 registers")
    precondition(
      address >= 0 && address + words.count <= 65536, "registers are numbered 0 to 65535")
    self.address = address
    self.words = words
  }

  /// The first address behind the run.
  public var end: Int { address + words.count }
}
