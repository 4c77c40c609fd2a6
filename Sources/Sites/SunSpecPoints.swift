import Quantities

/// The points of one model as read; offsets count from the model's identity register.
///
/// Every "not implemented" value comes out as nil.
struct SunSpecPoints {
  let words: [UInt16]

  func uint16(_ offset: Int) -> Int64? {
    guard words.indices.contains(offset), words[offset] != 0xFFFF else { return nil }
    return Int64(words[offset])
  }

  func int16(_ offset: Int) -> Int64? {
    guard words.indices.contains(offset), words[offset] != 0x8000 else { return nil }
    return Int64(Int16(bitPattern: words[offset]))
  }

  /// A 32-bit accumulator, high word first; zero is "not implemented".
  func acc32(_ offset: Int) -> Int64? {
    guard words.indices.contains(offset + 1) else { return nil }
    let value = Int64(words[offset]) << 16 | Int64(words[offset + 1])
    return value == 0 ? nil : value
  }

  /// A power of ten, −10 to 10; anything else is "not implemented" or a broken device.
  func scaleFactor(_ offset: Int) -> Int64? {
    guard let exponent = int16(offset), (-10...10).contains(exponent) else { return nil }
    return exponent
  }

  /// `value` × 10^scale factor × `base`, rounded half away from zero.
  ///
  /// - Parameter base: smallest units in one watt, watt-hour or percent.
  func scaled(_ value: Int64?, factor offset: Int, base: Int64) -> Int64? {
    guard let value, let exponent = scaleFactor(offset) else { return nil }
    var ten: Int64 = 1
    for _ in 0..<abs(exponent) { ten *= 10 }
    return exponent < 0
      ? RegisterScale.rounded(value, times: base, over: ten)
      : RegisterScale.rounded(value, times: ten * base, over: 1)
  }
}
