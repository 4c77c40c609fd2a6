import Quantities

/// Adds up power over time without losing what is below a milliwatt-hour.
struct EnergyCounter: Hashable, Sendable {
  private(set) var energy: Energy
  /// Milliwatt-milliseconds, 0 to 3 599 999.
  private var remainder: Int64 = 0

  init(_ energy: Energy = .zero) { self.energy = energy }

  /// Adds `power` (0 to 1 MW) during `span` (0 to a day).
  mutating func add(_ power: Power, over span: TimeSpan) {
    let perHour = TimeSpan.hour.milliseconds
    let work = power.milliwatts * span.milliseconds + remainder
    energy = energy + Energy(milliwattHours: work / perHour)
    remainder = work % perHour
  }
}
