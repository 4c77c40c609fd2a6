import Quantities

/// Days of universal time since 2000-01-01 12:00, the epoch that astronomers count from.
///
/// UTC is taken for universal time: they are never more than 0.9 s apart, 0.004° of the sun's way.
package struct UniversalDays: Hashable, Sendable {
  /// Negative before the epoch.
  package let count: Double

  package init(count: Double) { self.count = count }

  package init(_ instant: Instant) {
    // 10957.5 days after 1970 began; in whole milliseconds nothing is lost.
    let epoch = Instant(millisecondsSince1970: 946_728_000_000)
    count = Double(instant.since(epoch).milliseconds) / Double(TimeSpan.day.milliseconds)
  }

  /// Julian centuries of universal time.
  package var centuries: Double { count / 36525 }

  /// Julian centuries of terrestrial time.
  package var ephemerisCenturies: Double { ephemerisCenturies(deltaT: Self.deltaT(year: year)) }

  /// The same where terrestrial is so many seconds ahead of universal time.
  package func ephemerisCenturies(deltaT: Double) -> Double { (count + deltaT / 86400) / 36525 }

  /// The year with its fraction.
  private var year: Double { 2000 + count / 365.25 }

  /// Greenwich mean sidereal time in radians, 0 to 2π (Reda and Andreas, equation 28).
  package var siderealTime: Double {
    let turning = 280.46061837 + 360.98564736629 * count
    let slow = (0.000387933 - centuries / 38_710_000) * centuries * centuries
    return wholeTurnsRemoved(from: (turning + slow) * .degree)
  }

  /// Terrestrial less universal time in seconds.
  ///
  /// The polynomials of Espenak and Meeus (2006) for 1941 to 2150; the last known value is kept
  /// before and after. By 2025 they are 6 s too high: the sun moves 0.0001° against the stars in
  /// that time.
  package static func deltaT(year: Double) -> Double {
    let year = min(max(year, 1941), 2150)
    switch year {
    case ..<1961:
      let since = year - 1950
      return 29.07 + since * (0.407 - since * (1 / 233 - since / 2547))
    case ..<1986:
      let since = year - 1975
      return 45.45 + since * (1.067 - since * (1 / 260 + since / 718))
    case ..<2005:
      let terms = [63.86, 0.3345, -0.060374, 0.0017275, 0.000651814, 0.00002373599]
      return polynomial(terms, at: year - 2000)
    case ..<2050: return polynomial([62.92, 0.32217, 0.005589], at: year - 2000)
    default:
      let centuries = (year - 1820) / 100
      return -20 + 32 * centuries * centuries - 0.5628 * (2150 - year)
    }
  }
}
