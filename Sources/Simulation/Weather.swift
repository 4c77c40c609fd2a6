import Quantities

/// The sky over a simulated street: a clear-sky bell and seeded clouds.
///
/// A pure function of seed and time, in integers: asking twice, or in other steps, changes
/// nothing. Good enough to give a household mornings, clouds and dull days; it is no forecast.
public struct Weather: Hashable, Sendable {
  /// What a day is like.
  public enum Sky: String, Hashable, Sendable, CaseIterable {
    case clear, mixed, dull
    /// Dark clouds that come and go every few minutes; no day is so by itself.
    case broken
  }

  private let seed: UInt64
  private let fixedSky: Sky?
  /// When the sun is highest, in minutes after midnight UTC: 13:00 is a place at 15° west.
  private let solarNoonMinute: Int64 = 780
  /// How much longer than 12 h the longest day is, in minutes: about 42° of latitude.
  private let daylightSwingMinutes: Int64 = 180

  /// A sky that `seed` decides day by day, or one that is like `sky` every day.
  public init(seed: UInt64, sky: Sky? = nil) {
    self.seed = seed
    self.fixedSky = sky
  }

  /// What the UTC day of `instant` is like: half the days mixed, a third clear, the rest dull.
  public func sky(at instant: Instant) -> Sky {
    if let fixedSky { return fixedSky }
    let draw = Noise.value(
      seed: seed, stream: 1, place: LocalTime.utc.dayNumber(at: instant), below: 6)
    return draw < 3 ? .mixed : draw < 5 ? .clear : .dull
  }

  /// Sunrise and sunset of the UTC day of `instant`.
  public func daylight(at instant: Instant) -> ClosedRange<Instant> {
    let day =
      Instant(millisecondsSince1970: 0)
      + TimeSpan(minutes: LocalTime.utc.dayNumber(at: instant) * 1440)
    let length = 720 + daylightSwingMinutes * season(at: instant) / 1000
    let sunrise = day + TimeSpan(minutes: solarNoonMinute - length / 2)
    return sunrise...(sunrise + TimeSpan(minutes: length))
  }

  /// Sunlight on panels whose bell comes `lag` minutes late (a roof to the west) or, when negative,
  /// early (to the east).
  public func irradiance(at instant: Instant, lagMinutes lag: Int64 = 0) -> Irradiance {
    let daylight = daylight(at: instant)
    guard daylight.contains(instant) else { return .zero }
    let shifted = instant - TimeSpan(minutes: lag)
    let bell = Noise.halfSine(
      shifted.since(daylight.lowerBound).seconds,
      of: daylight.upperBound.since(daylight.lowerBound).seconds)
    // Low sun passes more air, so the shoulders are lower than the sine's.
    let height = bell * (700 + 300 * bell / 1000) / 1000
    let noon = 780 + 220 * season(at: instant) / 1000
    let clear = height * noon
    return Irradiance(rawValue: clear * transmission(at: instant) / 1000)
  }

  /// The share of sunlight that clouds let through, in thousandths.
  private func transmission(at instant: Instant) -> Int64 {
    let second = instant.millisecondsSince1970 / 1000
    let slow = Noise.smooth(seed: seed, stream: 2, at: second, spacing: 2400)
    let fast = Noise.smooth(seed: seed, stream: 3, at: second, spacing: 240)
    switch sky(at: instant) {
    case .clear: return 960 + fast / 25
    case .mixed:
      // Fair-weather clouds: long bright spells, then a bank that takes two thirds and flickers.
      guard slow < 420 else { return 900 + fast / 10 }
      return 280 + slow * 500 / 420 + fast / 8
    case .dull: return 120 + slow / 8 + fast / 20
    case .broken: return isUnderCloud(second) ? 30 + fast / 25 : 940 + fast / 25
    }
  }

  /// Whether one of the clouds of a broken sky is before the sun: every twelve minutes one comes,
  /// up to two minutes late, and stays for five to seven.
  private func isUnderCloud(_ second: Int64) -> Bool {
    let period: Int64 = 720
    let number = second / period
    let begin = Noise.value(seed: seed, stream: 4, place: number, below: 121)
    let length = 300 + Noise.value(seed: seed, stream: 5, place: number, below: 121)
    return (begin..<begin + length).contains(second % period)
  }

  /// Where the year stands: 1000 at midsummer, −1000 at midwinter (northern half).
  private func season(at instant: Instant) -> Int64 {
    let day = LocalTime.utc.dayNumber(at: instant)
    // 20 March 1970 was day 78; a mean year has 365.2425 days, counted here in ten-thousandths.
    let year: Int64 = 3_652_425
    let phase = ((day - 78) * 10_000 % year + year) % year
    let half = year / 2
    return phase < half
      ? Noise.halfSine(phase, of: half) : -Noise.halfSine(phase - half, of: half)
  }
}
