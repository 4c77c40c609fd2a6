import Quantities

/// Where the energy of a job came from, in microjoules.
///
/// Of what a job draws, the sun's part is what the panels could give beyond the household at that
/// moment: min(job, PV − load), never below zero, with what held-back panels could have given.
/// What the battery gives is shared between household and job as they fall short, and is sun as
/// far as what the battery holds came from the panels.
public struct JobSupply: Hashable, Sendable {
  /// What jobs drew.
  public var energy: Int64 = 0
  /// What of it was surplus of that moment.
  public var sun: Int64 = 0
  /// What of it was earlier surplus, out of the battery.
  public var storedSun: Int64 = 0

  public init() {}

  /// Sun of the moment in what jobs drew, in millionths; nil where nothing was drawn.
  public var sharePerMillion: Int64? { Self.perMillion(sun, of: energy) }

  /// Sun of the moment and from the battery, in millionths; nil where nothing was drawn.
  public var storedSharePerMillion: Int64? { Self.perMillion(sun + storedSun, of: energy) }

  static func perMillion(_ part: Int64, of whole: Int64) -> Int64? {
    guard whole > 0 else { return nil }
    let product = part.multipliedFullWidth(by: 1_000_000)
    return whole.dividingFullWidth(product).quotient
  }

  public static func + (left: JobSupply, right: JobSupply) -> JobSupply {
    var sum = left
    sum.energy += right.energy
    sum.sun += right.sun
    sum.storedSun += right.storedSun
    return sum
  }

  public static func - (left: JobSupply, right: JobSupply) -> JobSupply {
    var rest = left
    rest.energy -= right.energy
    rest.sun -= right.sun
    rest.storedSun -= right.storedSun
    return rest
  }
}
