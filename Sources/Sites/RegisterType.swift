import Quantities

/// How a number lies in one or two registers.
public enum RegisterType: String, Hashable, Sendable, CaseIterable, Codable {
  case u16, s16, u32, s32
  /// IEEE 754 single precision.
  case f32

  /// Which half of a 32-bit number comes first. Within a register Modbus sends the high byte first.
  public enum WordOrder: String, Hashable, Sendable, CaseIterable, Codable {
    case highFirst, lowFirst
  }

  /// How many registers it takes, 1 or 2.
  public var width: Int {
    switch self {
    case .u16, .s16: 1
    case .u32, .s32, .f32: 2
    }
  }

  /// Whether it can hold a number below zero.
  public var isSigned: Bool {
    switch self {
    case .u16, .u32: false
    case .s16, .s32, .f32: true
    }
  }

  /// The smallest and largest count of an integer type.
  var counts: ClosedRange<Int64> {
    switch self {
    case .u16: 0...0xFFFF
    case .s16: -0x8000...0x7FFF
    case .u32: 0...0xFFFF_FFFF
    case .s32: -0x8000_0000...0x7FFF_FFFF
    case .f32: -magnitudeLimit...magnitudeLimit
    }
  }

  /// The words as one number, the first 16 bits highest, as a sentinel is written.
  func pattern(_ words: [UInt16], order: WordOrder) -> UInt32? {
    guard words.count == width else { return nil }
    guard width == 2 else { return UInt32(words[0]) }
    let high = order == .highFirst ? words[0] : words[1]
    let low = order == .highFirst ? words[1] : words[0]
    return UInt32(high) << 16 | UInt32(low)
  }

  /// The words that hold `pattern`.
  func words(_ pattern: UInt32, order: WordOrder) -> [UInt16] {
    let low = UInt16(truncatingIfNeeded: pattern)
    guard width == 2 else { return [low] }
    let high = UInt16(truncatingIfNeeded: pattern >> 16)
    return order == .highFirst ? [high, low] : [low, high]
  }

  /// What a register's bits mean in a quantity's smallest unit; nil is unknown.
  ///
  /// - Parameter base: smallest units in one watt, watt-hour or percent.
  ///
  /// Floating point happens here only, and the result is rounded half away from zero. Not-a-number
  /// and infinity are how float devices say "not implemented".
  func value(of pattern: UInt32, scale: RegisterScale, base: Int64) -> Int64? {
    let count: Int64
    switch self {
    case .u16, .u32: count = Int64(pattern)
    case .s16: count = Int64(Int16(truncatingIfNeeded: pattern))
    case .s32: count = Int64(Int32(bitPattern: pattern))
    case .f32:
      let float = Double(Float(bitPattern: pattern))
      let scaled = float * Double(scale.numerator * base) / Double(scale.denominator)
      guard scaled.isFinite, scaled.magnitude <= Double(magnitudeLimit) else { return nil }
      return Int64(scaled.rounded(.toNearestOrAwayFromZero))
    }
    return RegisterScale.rounded(count, times: scale.numerator * base, over: scale.denominator)
  }

  /// The bits that come nearest to `value` smallest units: the inverse of `value(of:scale:base:)`.
  ///
  /// A value beyond the type's range becomes its nearest end, as a saturated device shows it; nil
  /// when the arithmetic leaves 64 bits.
  func pattern(of value: Int64, scale: RegisterScale, base: Int64) -> UInt32? {
    if self == .f32 {
      let float = Double(value) * Double(scale.denominator) / Double(scale.numerator * base)
      return Float(float).bitPattern
    }
    let count = RegisterScale.rounded(
      value, times: scale.denominator, over: scale.numerator * base)
    guard let count else { return nil }
    let held = min(max(count, counts.lowerBound), counts.upperBound)
    return width == 2
      ? UInt32(truncatingIfNeeded: held) : UInt32(UInt16(truncatingIfNeeded: held))
  }
}
