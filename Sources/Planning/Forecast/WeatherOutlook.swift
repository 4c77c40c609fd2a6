import Quantities

/// What a weather service expects, hour by hour; improves a forecast, which does without it.
public struct WeatherOutlook: Hashable, Sendable {
  /// One hour; what isn't known of it is nil.
  public struct Hour: Hashable, Sendable {
    public let start: Instant
    /// Global radiation on level ground, the hour's mean.
    public var radiation: Irradiance?
    /// How much of the sky is cloud, in thousandths.
    public var cloudPermille: Int64?
    /// In thousandths of a degree Celsius.
    public var temperatureMillidegrees: Int64?

    public init(
      start: Instant, radiation: Irradiance? = nil, cloudPermille: Int64? = nil,
      temperatureMillidegrees: Int64? = nil
    ) {
      self.start = start
      self.radiation = radiation
      self.cloudPermille = cloudPermille
      self.temperatureMillidegrees = temperatureMillidegrees
    }
  }

  /// The most hours that are kept: 16 days.
  public static let maximumHours = 16 * 24

  /// When it was read.
  public let readAt: Instant
  /// In order of time, each once.
  public let hours: [Hour]

  public init(readAt: Instant, hours: [Hour]) {
    self.readAt = readAt
    var kept: [Hour] = []
    for hour in hours.sorted(by: { $0.start < $1.start }) where kept.last?.start != hour.start {
      kept.append(hour)
    }
    self.hours = Array(kept.prefix(Self.maximumHours))
  }
}
