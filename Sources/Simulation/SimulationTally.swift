import Quantities

/// The sums of a simulated neighbourhood's days.
public struct SimulationTally: Hashable, Sendable {
  /// The energies of all houses together, in microjoules.
  public struct Energies: Hashable, Sendable {
    public private(set) var pv: Int64 = 0
    public private(set) var household: Int64 = 0
    public private(set) var jobs: Int64 = 0
    public private(set) var imported: Int64 = 0
    public private(set) var exported: Int64 = 0
    public private(set) var charged: Int64 = 0
    public private(set) var discharged: Int64 = 0

    public init() {}

    mutating func add(_ totals: EnergyTotals) {
      pv += totals.pv
      household += totals.household
      jobs += totals.flexible
      imported += totals.imported
      exported += totals.exported
      charged += totals.charged
      discharged += totals.discharged
    }

    /// What came in less what went out; anything but zero is a broken simulation.
    var imbalance: Int64 { pv + imported + discharged - household - jobs - exported - charged }
  }

  public internal(set) var energies = Energies()
  public internal(set) var energySettled = Energy.zero
  public internal(set) var creditsMoved = Credits.zero
  public internal(set) var contractsBound = 0
  public internal(set) var contractsSettled = 0
  public internal(set) var records = 0
  public internal(set) var requestsCompleted = 0
  public internal(set) var crashes = 0
  public internal(set) var partitions = 0
  public internal(set) var linksLost = 0
  public internal(set) var framesSent = 0

  public init() {}
}
