import Quantities

/// The registers of one model as read; offsets count from the model's identity register.
///
/// Every "not implemented" value comes out as nil.
/// Source: SunSpec Device Information Model Specification 1.1, §4.2 (point types and the values
/// that mean "not implemented").
struct SunSpecWords {
  private(set) var words: [UInt16]

  init(_ words: [UInt16]) { self.words = words }

  /// The point as it stands, before its power of ten; nil for a float, which is no count.
  func count(_ point: SunSpecPoint) -> Int64? {
    guard let bits = bits(at: point.offset, width: point.kind.width) else { return nil }
    switch point.kind {
    case .uint16: return bits == 0xFFFF ? nil : Int64(bits)
    case .int16: return bits == 0x8000 ? nil : Int64(Int16(truncatingIfNeeded: bits))
    case .uint32: return bits == 0xFFFF_FFFF ? nil : Int64(bits)
    case .int32: return bits == 0x8000_0000 ? nil : Int64(Int32(truncatingIfNeeded: bits))
    // All ones is no reading either: SolarEdge says so where no meter is wired
    // (github.com/biemond/solaredge.modbus, issue 60).
    case .acc32: return bits == 0 || bits == 0xFFFF_FFFF ? nil : Int64(bits)
    case .acc64: return bits == 0 ? nil : Int64(exactly: bits)
    case .uint64: return Int64(exactly: bits)
    case .float32: return nil
    }
  }

  /// The point times `base`, rounded half away from zero.
  ///
  /// - Parameter base: smallest units in one watt, watt-hour or percent.
  func value(_ point: SunSpecPoint, base: Int64) -> Int64? {
    if point.kind == .float32 {
      guard let bits = bits(at: point.offset, width: 2) else { return nil }
      return RegisterType.f32.value(of: bits, scale: .one, base: base)
    }
    guard let count = count(point) else { return nil }
    guard let offset = point.factor else {
      return RegisterScale.rounded(count, times: base, over: 1)
    }
    guard let exponent = factor(offset) else { return nil }
    let ten = Self.powerOfTen(exponent.magnitude)
    return exponent < 0
      ? RegisterScale.rounded(count, times: base, over: ten)
      : RegisterScale.rounded(count, times: ten * base, over: 1)
  }

  /// A power of ten, −10 to 10; anything else is "not implemented" or a broken device.
  func factor(_ offset: Int) -> Int64? {
    guard let exponent = count(SunSpecPoint(.int16, offset)), (-10...10).contains(exponent) else {
      return nil
    }
    return exponent
  }

  /// What one count of the point is worth in smallest units, at least 1.
  func step(_ point: SunSpecPoint, base: Int64) -> Int64? {
    if point.kind == .float32 {
      guard let bits = bits(at: point.offset, width: 2) else { return nil }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      guard float.isFinite else { return nil }
      // A float tells large numbers coarsely; no meter is known to count finer than its unit.
      let step = Double(max(float.ulp, 1)) * Double(base)
      return step < Double(magnitudeLimit) ? Int64(step) : nil
    }
    guard let offset = point.factor else { return base }
    guard let exponent = factor(offset) else { return nil }
    let ten = Self.powerOfTen(exponent.magnitude)
    return exponent < 0 ? max(base / ten, 1) : ten * base
  }

  /// Text, two characters a register, up to its first NUL, without blanks at the ends.
  func text(at offset: Int, registers: Int) -> String {
    guard offset >= 0, offset + registers <= words.count else { return "" }
    var bytes: [UInt8] = []
    for word in words[offset..<(offset + registers)] {
      bytes += [UInt8(word >> 8), UInt8(truncatingIfNeeded: word)]
    }
    let text = bytes.prefix { $0 != 0 }.map { (0x20..<0x7F).contains($0) ? $0 : 0x3F }
    return String(decoding: text, as: UTF8.self).trimmed
  }

  static func powerOfTen(_ exponent: UInt64) -> Int64 {
    (0..<exponent).reduce(into: Int64(1)) { ten, _ in ten *= 10 }
  }

  private func bits(at offset: Int, width: Int) -> UInt64? {
    guard offset >= 0, offset + width <= words.count else { return nil }
    return words[offset..<(offset + width)].reduce(0) { $0 << 16 | UInt64($1) }
  }
}

extension SunSpecWords {
  /// Sets the point to `value` smallest units, as near as it can tell; nothing where its factor
  /// says "not implemented".
  mutating func put(_ value: Int64, at point: SunSpecPoint, base: Int64) {
    if point.kind == .float32 {
      putBits(UInt64(Float(Double(value) / Double(base)).bitPattern), at: point.offset, width: 2)
      return
    }
    var exponent: Int64 = 0
    if let offset = point.factor {
      guard let known = factor(offset) else { return }
      exponent = known
    }
    let ten = Self.powerOfTen(exponent.magnitude)
    let count =
      exponent < 0
      ? RegisterScale.rounded(value, times: ten, over: base)
      : RegisterScale.rounded(value, times: 1, over: base * ten)
    guard let count else { return }
    putCount(count, at: point)
  }

  /// Sets the point to `value`, and its factor to the least power of ten that makes room for it.
  ///
  /// For a factor that belongs to this point alone.
  mutating func putFitted(_ value: Int64, at point: SunSpecPoint, base: Int64) {
    if let offset = point.factor {
      let limit = point.kind == .int16 ? Int64(0x7FFF) : 0xFFFE
      var exponent: Int64 = 0
      while exponent < 10, (value / base / Self.powerOfTen(UInt64(exponent))).magnitude > limit {
        exponent += 1
      }
      putFactor(exponent, at: offset)
    }
    put(value, at: point, base: base)
  }

  /// Sets the point to a count; one beyond its range becomes its nearest end.
  mutating func putCount(_ count: Int64, at point: SunSpecPoint) {
    let bits =
      switch point.kind {
      case .uint16: UInt64(min(max(count, 0), 0xFFFE))
      case .int16: UInt64(UInt16(bitPattern: Int16(min(max(count, -0x7FFF), 0x7FFF))))
      case .uint32: UInt64(min(max(count, 0), 0xFFFF_FFFE))
      case .int32: UInt64(UInt32(bitPattern: Int32(min(max(count, -0x7FFF_FFFF), 0x7FFF_FFFF))))
      // A counter wraps.
      case .acc32: UInt64(UInt32(truncatingIfNeeded: count))
      case .acc64, .uint64: UInt64(max(count, 0))
      case .float32: UInt64(Float(count).bitPattern)
      }
    putBits(bits, at: point.offset, width: point.kind.width)
  }

  /// Sets a point of one register to these bits.
  mutating func putRaw(_ bits: UInt16, at point: SunSpecPoint) {
    putBits(UInt64(bits), at: point.offset, width: 1)
  }

  mutating func putFactor(_ exponent: Int64, at offset: Int) {
    putCount(exponent, at: SunSpecPoint(.int16, offset))
  }

  /// Sets text of at most `registers` × 2 characters; longer text is cut.
  mutating func putText(_ text: String, at offset: Int, registers: Int) {
    guard offset >= 0, offset + registers <= words.count else { return }
    var bytes = Array(text.utf8.prefix(registers * 2))
    bytes += Array(repeating: 0, count: registers * 2 - bytes.count)
    for index in 0..<registers {
      words[offset + index] = UInt16(bytes[index * 2]) << 8 | UInt16(bytes[index * 2 + 1])
    }
  }

  private mutating func putBits(_ bits: UInt64, at offset: Int, width: Int) {
    guard offset >= 0, offset + width <= words.count else { return }
    for index in 0..<width {
      let shift = UInt64(16 * (width - 1 - index))
      words[offset + index] = UInt16(truncatingIfNeeded: bits >> shift)
    }
  }
}

extension String {
  /// Without blanks at either end.
  fileprivate var trimmed: String {
    let front = drop { $0 == " " }
    return String(front.reversed().drop { $0 == " " }.reversed())
  }
}
