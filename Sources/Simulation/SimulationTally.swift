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
  /// How often each kind of adversary cheated.
  public internal(set) var acts: [AdversaryKind: Int] = [:]
  /// Contracts that honest houses settled among themselves.
  public internal(set) var settledAmongHonest = 0
  /// Contracts that honest houses settled with adversaries.
  public internal(set) var settledWithAdversaries = 0

  public init() {}

  /// What a run's adversaries did, and what honest houses settled in it.
  public init(amongHonest: Int, withAdversaries: Int, acts: [AdversaryKind: Int]) {
    settledAmongHonest = amongHonest
    settledWithAdversaries = withAdversaries
    self.acts = acts
  }

  /// Adds what another run's adversaries did, and what honest houses settled in it.
  public mutating func add(_ other: SimulationTally) {
    for kind in AdversaryKind.allCases {
      if let acts = other.acts[kind] { self.acts[kind, default: 0] += acts }
    }
    settledAmongHonest += other.settledAmongHonest
    settledWithAdversaries += other.settledWithAdversaries
  }
}
