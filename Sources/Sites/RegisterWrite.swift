/// Neighbouring holding registers that one request writes, so that a device never sees half of it.
public struct RegisterWrite: Hashable, Sendable {
  /// The most registers that one Modbus write may carry (1.1b3, §6.12).
  public static let maximumCount = 123

  /// The first register, zero-based.
  public let address: Int
  /// 1 to `maximumCount`.
  public let words: [UInt16]
  /// Places in `words` that need not read back as written, such as a time-out that counts down.
  public let unchecked: Set<Int>

  /// Traps when there are no words, too many, or when they leave the address space.
  public init(address: Int, words: [UInt16], unchecked: Set<Int> = []) {
    precondition(!words.isEmpty && words.count <= Self.maximumCount, "a write has 1 to 123 words")
    precondition(address >= 0 && address + words.count <= 65536, "registers are 0 to 65535")
    self.address = address
    self.words = words
    self.unchecked = unchecked
  }

  /// The registers that it writes.
  public var span: RegisterSpan {
    RegisterSpan(table: .holding, address: address, count: words.count)
  }

  /// Whether `held`, as read from `span`, is what this would write.
  public func isHeld(in held: [UInt16]) -> Bool {
    held.count == words.count
      && words.indices.allSatisfy { unchecked.contains($0) || held[$0] == words[$0] }
  }
}
