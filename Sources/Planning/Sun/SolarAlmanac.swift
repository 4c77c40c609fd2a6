import Quantities

/// Where the sun is on each of some days: a table to read off in between, the same for every place.
///
/// The full algorithm costs some three hundred sines. What it gives, the earth's turning aside,
/// changes so evenly that a third-degree curve through four noons is within 0.000 001° of it.
package struct SolarAlmanac: Hashable, Sendable {
  /// The most days that one holds: two years.
  package static let maximumDays: Int64 = 2 * 366

  /// Noon in universal time of the table's first day, in days since the epoch.
  private let firstNoon: Int64
  /// One for each noon; right ascension goes on rising past 2π.
  private let noons: [GeocentricSun]

  /// For instants from `start` to `end`; what is beyond `maximumDays` is left out.
  package init(from start: Instant, to end: Instant) {
    let first = Int64(UniversalDays(start).count.rounded(.down)) - 1
    let last = Int64(UniversalDays(max(start, end)).count.rounded(.down)) + 2
    var noons: [GeocentricSun] = []
    for noon in first...min(last, first + Self.maximumDays + 3) {
      var sun = GeocentricSun(at: UniversalDays(count: Double(noon)))
      if let before = noons.last {
        sun.rightAscension =
          before.rightAscension
          + wholeTurnsRemoved(from: sun.rightAscension - before.rightAscension)
      }
      noons.append(sun)
    }
    firstNoon = first
    self.noons = noons
  }

  /// The sun on one of the table's days; before and after them by the full algorithm.
  package func sun(at days: UniversalDays) -> GeocentricSun {
    let noon = days.count.rounded(.down)
    let index = Int(noon) - Int(firstNoon)
    guard index >= 1, index + 2 < noons.count else { return GeocentricSun(at: days) }
    let weights = Self.weights(at: days.count - noon)
    // A closure: through a key path each reading took as long as the sum.
    func between(_ value: (GeocentricSun) -> Double) -> Double {
      let before = weights.0 * value(noons[index - 1])
      let left = weights.1 * value(noons[index])
      let right = weights.2 * value(noons[index + 1])
      return before + left + right + weights.3 * value(noons[index + 2])
    }
    return GeocentricSun(
      rightAscension: between { $0.rightAscension }, declination: between { $0.declination },
      distance: between { $0.distance })
  }

  /// Lagrange's weights of the values at −1, 0, 1 and 2 for a point from 0 to 1.
  private static func weights(at point: Double) -> (Double, Double, Double, Double) {
    let before = point + 1
    let ahead = point - 1
    let far = point - 2
    let outer = point * ahead / 6
    let inner = before * far / 2
    return (-outer * far, inner * ahead, -inner * point, outer * before)
  }
}
