/// Real numbers in a row, as eight bytes each: what learned state is stored as.
struct NumberColumn {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ number: Double) {
    let pattern = number.bitPattern
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: pattern >> shift))
    }
  }

  mutating func append(_ numbers: [Double]) {
    for number in numbers { append(number) }
  }

  /// A slot number or count, exact below 2⁵³.
  mutating func append(_ number: Int64) { append(Double(number)) }
}

/// Takes numbers off a column in the order that they were put there.
struct NumberReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  /// The next number; nil at the end or where it isn't finite.
  mutating func number() -> Double? {
    guard position + 8 <= bytes.count else { return nil }
    var pattern: UInt64 = 0
    for offset in 0..<8 { pattern |= UInt64(bytes[position + offset]) << UInt64(8 * offset) }
    position += 8
    let number = Double(bitPattern: pattern)
    return number.isFinite ? number : nil
  }

  mutating func numbers(_ count: Int) -> [Double]? {
    var numbers: [Double] = []
    for _ in 0..<count {
      guard let number = number() else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// The next number where it is whole and within these limits.
  mutating func whole(in limits: ClosedRange<Int64>) -> Int64? {
    guard let number = number(), let whole = Int64(exactly: number), limits.contains(whole)
    else { return nil }
    return whole
  }
}

/// What is kept in a column of numbers, always as many in the same order.
protocol NumberStored {
  func store(in column: inout NumberColumn)
  /// Takes its numbers back; false when there are none, and then it is left in pieces.
  mutating func restore(from reader: inout NumberReader) -> Bool
}

extension NumberReader {
  /// Fills a row of numbers, keeping how many there are.
  mutating func fill(_ row: inout [Double]) -> Bool {
    guard let numbers = numbers(row.count) else { return false }
    row = numbers
    return true
  }

  mutating func fill(_ value: inout Double) -> Bool {
    guard let number = number() else { return false }
    value = number
    return true
  }
}
