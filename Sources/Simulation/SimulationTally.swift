import Quantities

/// The sums of a simulated neighbourhood's days.
public struct SimulationTally: Hashable, Sendable {
  /// What flowed in all houses together.
  public internal(set) var energies = EnergyTotals()
  public internal(set) var energySettled = Energy.zero
  public internal(set) var creditsMoved = Credits.zero
  public internal(set) var contractsBound = 0
  public internal(set) var contractsSettled = 0
  /// Contracts for computing among those that are settled.
  public internal(set) var computingSettled = 0
  public internal(set) var receipts = 0
  /// AGREEs to take circles of debts off.
  public internal(set) var agreements = 0
  public internal(set) var records = 0
  public internal(set) var requestsCompleted = 0
  public internal(set) var crashes = 0
  public internal(set) var partitions = 0
  public internal(set) var linksLost = 0
  public internal(set) var framesSent = 0

  public init() {}
}
