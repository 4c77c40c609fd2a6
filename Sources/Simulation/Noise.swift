/// Noise that is a pure function of a seed and a place, so that a value does not depend on how
/// often or in which steps a simulation looked.
enum Noise {
  /// 2⁶⁴ divided by the golden ratio: SplitMix64's increment (Steele, Lea and Flood, 2014).
  static let goldenGamma: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// SplitMix64's finaliser: every bit of the input changes half the bits of the output.
  static func mixed(_ input: UInt64) -> UInt64 {
    var value = input
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// The noise of `seed` in a stream of its own at a place, 0 to `bound` − 1.
  static func value(seed: UInt64, stream: UInt64, place: Int64, below bound: Int64) -> Int64 {
    precondition(bound > 0, "a bound must be positive")
    let first = mixed(seed &+ goldenGamma &* (stream &+ 1))
    return Int64(mixed(first ^ UInt64(bitPattern: place) &* goldenGamma) % UInt64(bound))
  }

  /// Value noise: knots every `spacing`, joined by straight lines; 0 to 1000.
  static func smooth(seed: UInt64, stream: UInt64, at position: Int64, spacing: Int64) -> Int64 {
    let remainder = position % spacing
    let within = remainder < 0 ? remainder + spacing : remainder
    let knot = (position - within) / spacing
    let left = value(seed: seed, stream: stream, place: knot, below: 1001)
    let right = value(seed: seed, stream: stream, place: knot + 1, below: 1001)
    return left + (right - left) * within / spacing
  }

  /// The sine of a half turn's `part` of `whole`, in thousandths: 0 at both ends, 1000 at the
  /// middle; 0 outside.
  ///
  /// Bhaskara I's rational approximation, at most 0.002 off, in integers so that every machine
  /// sees the same sun.
  static func halfSine(_ part: Int64, of whole: Int64) -> Int64 {
    guard part > 0, part < whole, whole > 0 else { return 0 }
    let degrees = part * 18_000 / whole
    let product = degrees * (18_000 - degrees)
    return 4 * product * 1000 / (405_000_000 - product)
  }
}
