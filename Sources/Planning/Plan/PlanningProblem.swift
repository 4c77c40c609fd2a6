import Quantities

/// Everything that a plan is made from.
///
/// Any problem has a plan: values outside their limits are brought back, jobs that don't fit are
/// late or wait, and say so.
public struct PlanningProblem: Hashable, Sendable {
  /// What is expected of one slot and what energy costs in it.
  public struct Slot: Hashable, Sendable {
    public var forecast: SlotForecast
    /// What a kWh from the grid costs.
    public var importPrice: Price
    /// What the grid pays for a kWh.
    public var exportPrice: Price

    public init(forecast: SlotForecast, importPrice: Price, exportPrice: Price) {
      self.forecast = forecast
      self.importPrice = importPrice
      self.exportPrice = exportPrice
    }
  }

  /// The most jobs that are placed; the less urgent beyond wait for a later plan.
  public static let maximumJobs = 50

  /// One after another without a gap; the first is the one that lasts now.
  public let slots: [Slot]
  /// Nil where the house has none, or its state isn't known.
  public var battery: BatteryLimits?
  /// The most that may be exported; nil is no limit.
  public var exportLimit: Power?
  /// Each number once.
  public var jobs: [PlanningJob]
  /// How many jobs may run at once.
  public var engineCapacity: Int
  /// What it is worth to the household that a kWh of its jobs comes straight from the sun, beyond
  /// what prices say, ≥ 0: it breaks near ties, as between a battery's losses and the sun itself.
  public var sunPremium: Price
  /// The clock on the wall, for the reasons.
  public var localTime: LocalTime

  public init(
    slots: [Slot], battery: BatteryLimits?, exportLimit: Power? = nil, jobs: [PlanningJob],
    engineCapacity: Int = 1, sunPremium: Price = .zero, localTime: LocalTime = .utc
  ) {
    for (left, right) in zip(slots, slots.dropFirst()) {
      precondition(left.forecast.slot.next == right.forecast.slot, "slots follow one another")
    }
    self.slots = slots
    self.battery = battery
    self.exportLimit = exportLimit.map { max(.zero, $0) }
    self.jobs = jobs
    self.engineCapacity = max(0, engineCapacity)
    self.sunPremium = max(.zero, sunPremium)
    self.localTime = localTime
  }
}
