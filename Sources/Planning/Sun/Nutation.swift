/// How the earth's axis nods: table A4.3 of Reda and Andreas (2004), the IAU's theory of 1980.
package struct Nutation {
  /// In longitude, radians.
  package let longitude: Double
  /// In obliquity, radians.
  package let obliquity: Double

  /// At this many Julian ephemeris centuries since 2000 (equations 15 to 23).
  package init(centuries: Double) {
    let cube = centuries * centuries * centuries
    let angles = Self.angles.map { row in
      (polynomial(Array(row.prefix(3)), at: centuries) + cube / row[3]) * .degree
    }
    var longitude = 0.0
    var obliquity = 0.0
    for row in 0..<Self.arguments.count / 5 {
      var argument = 0.0
      for (index, angle) in angles.enumerated() {
        argument += Double(Self.arguments[row * 5 + index]) * angle
      }
      let first = row * 4
      let ofSine = Self.amplitudes[first] + Self.amplitudes[first + 1] * centuries
      let ofCosine = Self.amplitudes[first + 2] + Self.amplitudes[first + 3] * centuries
      longitude += ofSine * sine(of: argument)
      obliquity += ofCosine * cosine(of: argument)
    }
    // The amplitudes are in units of 0.0001 seconds of arc.
    self.longitude = longitude / 36_000_000 * .degree
    self.obliquity = obliquity / 36_000_000 * .degree
  }

  /// In degrees, by powers of the centuries, the third power's divisor last: the moon's mean
  /// elongation from the sun, the sun's and the moon's mean anomaly, the moon's argument of
  /// latitude and its ascending node.
  private static let angles: [[Double]] = [
    [297.85036, 445_267.111480, -0.0019142, 189_474],
    [357.52772, 35999.050340, -0.0001603, -300_000],
    [134.96298, 477_198.867398, 0.0086972, 56250],
    [93.27191, 483_202.017538, -0.0036825, 327_270],
    [125.04452, -1934.136261, 0.0020708, 450_000],
  ]

  /// Rows of five: how often each of the angles goes into a term's argument.
  private static let arguments: [Int8] = [
    0, 0, 0, 0, 1, -2, 0, 0, 2, 2, 0, 0, 0, 2, 2, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0,
    -2, 1, 0, 2, 2, 0, 0, 0, 2, 1, 0, 0, 1, 2, 2, -2, -1, 0, 2, 2, -2, 0, 1, 0, 0, -2, 0, 0, 2, 1,
    0, 0, -1, 2, 2, 2, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 0, -1, 2, 2, 0, 0, -1, 0, 1, 0, 0, 1, 2, 1,
    -2, 0, 2, 0, 0, 0, 0, -2, 2, 1, 2, 0, 0, 2, 2, 0, 0, 2, 2, 2, 0, 0, 2, 0, 0, -2, 0, 1, 2, 2,
    0, 0, 0, 2, 0, -2, 0, 0, 2, 0, 0, 0, -1, 2, 1, 0, 2, 0, 0, 0, 2, 0, -1, 0, 1, -2, 2, 0, 2, 2,
    0, 1, 0, 0, 1, -2, 0, 1, 0, 1, 0, -1, 0, 0, 1, 0, 0, 2, -2, 0, 2, 0, -1, 2, 1, 2, 0, 1, 2, 2,
    0, 1, 0, 2, 2, -2, 1, 1, 0, 0, 0, -1, 0, 2, 2, 2, 0, 0, 2, 1, 2, 0, 1, 0, 0, -2, 0, 2, 2, 2,
    -2, 0, 1, 2, 1, 2, 0, -2, 0, 1, 2, 0, 0, 0, 1, 0, -1, 1, 0, 0, -2, -1, 0, 2, 1,
    -2, 0, 0, 0, 1, 0, 0, 2, 2, 1, -2, 0, 2, 0, 1, -2, 1, 0, 2, 1, 0, 0, 1, -2, 0, -1, 0, 1, 0, 0,
    -2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, -2, 2, 2, -1, -1, 1, 0, 0, 0, 1, 1, 0, 0,
    0, -1, 1, 2, 2, 2, -1, -1, 2, 2, 0, 0, 3, 2, 2, 2, -1, 0, 2, 2,
  ]

  /// Rows of four: a, b, c, d of (a + b · centuries) · sine and (c + d · centuries) · cosine.
  private static let amplitudes: [Double] = [
    -171996, -174.2, 92025, 8.9, -13187, -1.6, 5736, -3.1, -2274, -0.2, 977, -0.5,
    2062, 0.2, -895, 0.5, 1426, -3.4, 54, -0.1, 712, 0.1, -7, 0, -517, 1.2, 224, -0.6,
    -386, -0.4, 200, 0, -301, 0, 129, -0.1, 217, -0.5, -95, 0.3, -158, 0, 0, 0, 129, 0.1, -70, 0,
    123, 0, -53, 0, 63, 0, 0, 0, 63, 0.1, -33, 0, -59, 0, 26, 0, -58, -0.1, 32, 0, -51, 0, 27, 0,
    48, 0, 0, 0, 46, 0, -24, 0, -38, 0, 16, 0, -31, 0, 13, 0, 29, 0, 0, 0, 29, 0, -12, 0,
    26, 0, 0, 0, -22, 0, 0, 0, 21, 0, -10, 0, 17, -0.1, 0, 0, 16, 0, -8, 0, -16, 0.1, 7, 0,
    -15, 0, 9, 0, -13, 0, 7, 0, -12, 0, 6, 0, 11, 0, 0, 0, -10, 0, 5, 0, -8, 0, 3, 0, 7, 0, -3, 0,
    -7, 0, 0, 0, -7, 0, 3, 0, -7, 0, 3, 0, 6, 0, 0, 0, 6, 0, -3, 0, 6, 0, -3, 0, -6, 0, 3, 0,
    -6, 0, 3, 0, 5, 0, 0, 0, -5, 0, 3, 0, -5, 0, 3, 0, -5, 0, 3, 0, 4, 0, 0, 0, 4, 0, 0, 0,
    4, 0, 0, 0, -4, 0, 0, 0, -4, 0, 0, 0, -4, 0, 0, 0, 3, 0, 0, 0, -3, 0, 0, 0, -3, 0, 0, 0,
    -3, 0, 0, 0, -3, 0, 0, 0, -3, 0, 0, 0, -3, 0, 0, 0, -3, 0, 0, 0,
  ]
}
