/// A device's registers at one moment: what was read from it, or what a simulated one serves.
///
/// Registers that a device doesn't have are absent, not zero, so that a read across a gap is seen.
public struct RegisterImage: Hashable, Sendable {
  /// Sorted by address, apart from each other by at least one register.
  public private(set) var holding: [RegisterBlock] = []
  public private(set) var input: [RegisterBlock] = []

  public init() {}

  /// Whether there is no register at all.
  public var isEmpty: Bool { holding.isEmpty && input.isEmpty }

  /// The blocks of one table, in order of address.
  public func blocks(of table: RegisterTable) -> [RegisterBlock] {
    switch table {
    case .holding: holding
    case .input: input
    }
  }

  /// The words of `span`, or nil unless every one of its registers is there.
  public func words(in span: RegisterSpan) -> [UInt16]? {
    for block in blocks(of: span.table) where block.end > span.address {
      guard block.address <= span.address, block.end >= span.end else { return nil }
      let start = span.address - block.address
      return Array(block.words[start..<(start + span.count)])
    }
    return nil
  }

  /// Puts `words` at `address` and after, over what was there.
  ///
  /// Traps when they leave the address space of 65,536 registers.
  public mutating func write(_ words: [UInt16], at address: Int, in table: RegisterTable) {
    guard !words.isEmpty else { return }
    precondition(address >= 0 && address + words.count <= 65536, "registers are 0 to 65535")
    let blocks = Self.blocks(blocks(of: table), with: RegisterBlock(address: address, words: words))
    switch table {
    case .holding: holding = blocks
    case .input: input = blocks
    }
  }

  /// Puts everything that `other` holds over what is here.
  public mutating func merge(_ other: RegisterImage) {
    for table in RegisterTable.allCases {
      for block in other.blocks(of: table) { write(block.words, at: block.address, in: table) }
    }
  }

  private static func blocks(_ old: [RegisterBlock], with new: RegisterBlock) -> [RegisterBlock] {
    var before: [RegisterBlock] = []
    var after: [RegisterBlock] = []
    var address = new.address
    var words = new.words
    for block in old {
      if block.end < new.address {
        before.append(block)
      } else if block.address > new.end {
        after.append(block)
      } else {
        // It overlaps or touches: keep what sticks out on either side.
        if block.address < address {
          words.insert(contentsOf: block.words[..<(address - block.address)], at: 0)
          address = block.address
        }
        if block.end > new.end {
          words.append(contentsOf: block.words[(new.end - block.address)...])
        }
      }
    }
    return before + [RegisterBlock(address: address, words: words)] + after
  }
}
