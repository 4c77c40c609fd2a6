import Quantities

/// What a weather service expects, put as a share of a clear sky's light.
extension SurplusForecast {
  /// An outlook read longer ago than this says nothing any more.
  static let outlookLasts = TimeSpan(minutes: 36 * 60)

  /// The share in thousandths; nil in the dark and where nothing is known.
  ///
  /// From radiation where it is given, otherwise from cloud: 1 − 0.75 c³·⁴ (Kasten and Czeplak,
  /// Solar Energy 24, 1980).
  func outlookPermille(_ slot: TimeSlot, under sky: SkyCourse) -> Int64? {
    guard let weather, slot.start.since(weather.readAt) < Self.horizonSpan,
      let level = sky.level(slot.index), level > 20,
      let hour = hour(of: weather, at: slot.start)
    else { return nil }
    if let latest, latest.start.since(weather.readAt) > Self.outlookLasts { return nil }
    if let radiation = hour.radiation {
      // The hour's mean against the mean clear sky of its four slots.
      let first = TimeSlot(containing: hour.start).index
      let clear = (first..<first + 4).reduce(0.0) { $0 + (sky.level($1) ?? level) } / 4
      guard clear > 20 else { return nil }
      let share = Double(radiation.rawValue) / clear
      return Int64(min(max(0, share), 1300))
    }
    return hour.cloudPermille.map { permille in
      let cloud = Double(min(max(permille, 0), 1000)) / 1000
      return Int64(1000 - 750 * raise(cloud, to: 3.4))
    }
  }

  private static var horizonSpan: TimeSpan {
    TimeSpan(milliseconds: outlookLasts.milliseconds * 3)
  }

  /// The hour that an instant lies in, by halving.
  private func hour(of weather: WeatherOutlook, at instant: Instant) -> WeatherOutlook.Hour? {
    var low = 0
    var high = weather.hours.count
    while low < high {
      let middle = (low + high) / 2
      if weather.hours[middle].start <= instant { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let hour = weather.hours[low - 1]
    return instant.since(hour.start) < .hour ? hour : nil
  }
}
