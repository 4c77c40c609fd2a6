import Quantities

/// How a number lies in one, two or four registers.
public enum RegisterType: String, Hashable, Sendable, CaseIterable, Codable {
  case u16, s16, u32, s32, u64, s64
  /// IEEE 754 single precision.
  case f32

  /// Which word of a longer number comes first. Within a register Modbus sends the high byte first.
  public enum WordOrder: String, Hashable, Sendable, CaseIterable, Codable {
    case highFirst, lowFirst
  }

  /// How many registers it takes: 1, 2 or 4.
  public var width: Int {
    switch self {
    case .u16, .s16: 1
    case .u32, .s32, .f32: 2
    case .u64, .s64: 4
    }
  }

  /// Whether it can hold a number below zero.
  public var isSigned: Bool {
    switch self {
    case .u16, .u32, .u64: false
    case .s16, .s32, .s64, .f32: true
    }
  }

  /// The largest pattern of bits that fits.
  public var largestPattern: UInt64 { UInt64.max >> (64 - 16 * UInt64(width)) }

  /// The smallest and largest count of an integer type.
  var counts: ClosedRange<Int64> {
    switch self {
    case .u16: 0...0xFFFF
    case .s16: -0x8000...0x7FFF
    case .u32: 0...0xFFFF_FFFF
    case .s32: -0x8000_0000...0x7FFF_FFFF
    case .u64: 0...Int64.max
    case .s64: Int64.min...Int64.max
    case .f32: -magnitudeLimit...magnitudeLimit
    }
  }

  /// The words as one number, as a sentinel is written: the first 16 bits highest.
  func pattern(_ words: [UInt16], order: WordOrder) -> UInt64? {
    guard words.count == width else { return nil }
    let highFirst = order == .highFirst ? words : words.reversed()
    return highFirst.reduce(0) { $0 << 16 | UInt64($1) }
  }

  /// The words that hold `pattern`.
  func words(_ pattern: UInt64, order: WordOrder) -> [UInt16] {
    let lowFirst = (0..<width).map { UInt16(truncatingIfNeeded: pattern >> UInt64(16 * $0)) }
    return order == .lowFirst ? lowFirst : lowFirst.reversed()
  }

  /// The count that bits stand for; nil beyond 63 bits, and for a float, which is no count.
  func count(of pattern: UInt64) -> Int64? {
    switch self {
    case .u16, .u32, .u64: Int64(exactly: pattern)
    case .s16: Int64(Int16(truncatingIfNeeded: pattern))
    case .s32: Int64(Int32(truncatingIfNeeded: pattern))
    case .s64: Int64(bitPattern: pattern)
    case .f32: nil
    }
  }

  /// What a register's bits mean in a quantity's smallest unit; nil is unknown.
  ///
  /// - Parameters:
  ///   - offset: counts added before scaling.
  ///   - base: smallest units in one watt, watt-hour or percent.
  ///
  /// Floating point happens here only, and the result is rounded half away from zero. Not-a-number
  /// and infinity are how float devices say "not implemented".
  func value(of pattern: UInt64, offset: Int64 = 0, scale: RegisterScale, base: Int64) -> Int64? {
    if self == .f32 {
      let float = Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern))) + Double(offset)
      let scaled = float * Double(scale.numerator * base) / Double(scale.denominator)
      guard scaled.isFinite, scaled.magnitude <= Double(magnitudeLimit) else { return nil }
      return Int64(scaled.rounded(.toNearestOrAwayFromZero))
    }
    guard let count = count(of: pattern) else { return nil }
    let (moved, overflow) = count.addingReportingOverflow(offset)
    guard !overflow else { return nil }
    return RegisterScale.rounded(moved, times: scale.numerator * base, over: scale.denominator)
  }

  /// The bits that come nearest to `value` smallest units: the inverse of `value`.
  ///
  /// A value beyond the type's range becomes its nearest end, as a saturated device shows it; nil
  /// when the arithmetic leaves 64 bits.
  func pattern(of value: Int64, offset: Int64 = 0, scale: RegisterScale, base: Int64) -> UInt64? {
    if self == .f32 {
      let float = Double(value) * Double(scale.denominator) / Double(scale.numerator * base)
      return UInt64(Float(float - Double(offset)).bitPattern)
    }
    let count = RegisterScale.rounded(
      value, times: scale.denominator, over: scale.numerator * base)
    guard let count else { return nil }
    let (moved, overflow) = count.subtractingReportingOverflow(offset)
    guard !overflow else { return nil }
    let held = min(max(moved, counts.lowerBound), counts.upperBound)
    return UInt64(bitPattern: held) & largestPattern
  }
}
