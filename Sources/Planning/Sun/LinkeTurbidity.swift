import Quantities

/// How many clean, dry atmospheres weaken sunlight as much as the real one does.
///
/// About 2 in cold, clean air, 3 in Europe, 4 to 5 in moist or dusty air, 6 and more in smog.
public struct LinkeTurbidity: Hashable, Sendable {
  /// In thousandths, 1000 to 10 000.
  public let thousandths: Int64

  /// A value outside the range is brought back to it.
  public init(thousandths: Int64) { self.thousandths = min(max(thousandths, 1000), 10_000) }

  /// What is usual at a latitude in a season.
  ///
  /// 1.6 + 2.3 cos²φ + 0.3 sin φ + 0.65 sin 2φ · s with φ the latitude and s from −1 in mid-January
  /// to 1 in mid-July: a fit of ours to the means along the latitudes of the world map of Remund
  /// and others (2003), 0.2 off them between 72° north and 57° south. Places differ from their
  /// latitude's mean by 0.7 or so, which makes 5 % of global radiation at most; what a roof is seen
  /// to give corrects for it.
  public static func usual(at place: Place, on instant: Instant) -> LinkeTurbidity {
    let latitude = place.latitude.radians
    let midJanuary = 14.0
    let years = (UniversalDays(instant).count - midJanuary) / 365.25
    let season = -cosine(of: wholeTurnsRemoved(from: years * 2 * Double.pi))
    let moist = cosine(of: latitude)
    let north = sine(of: latitude)
    let value = 1.6 + 2.3 * moist * moist + 0.3 * north
    let swing = 0.65 * 2 * north * moist * season
    return LinkeTurbidity(thousandths: Int64(((value + swing) * 1000).rounded()))
  }

  var value: Double { Double(thousandths) / 1000 }
}
