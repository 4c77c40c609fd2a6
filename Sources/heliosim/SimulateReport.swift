import Quantities
import Simulation

/// The lines that `heliosim` prints about a neighbourhood.
enum SimulateReport {
  static func day(of street: Neighbourhood) -> Int64 {
    (street.now.since(street.plan.start).milliseconds - 1) / TimeSpan.day.milliseconds + 1
  }

  static func progress(of street: Neighbourhood) -> String {
    let tally = street.tally
    return "day \(day(of: street)) \(LocalTime.utc.clock(at: street.now))"
      + "  \(tally.contractsSettled) settled, \(tally.requestsCompleted) requests,"
      + " \(tally.crashes) crashes, \(tally.partitions) splits, \(street.steps) steps"
  }

  static func sums(of street: Neighbourhood) -> [String] {
    let tally = street.tally
    let energies = tally.energies
    func text(_ microjoules: Int64) -> String {
      EnergyTotals.energy(microjoules: microjoules).text
    }
    var lines = [
      "panels \(text(energies.pv)), households \(text(energies.household)),"
        + " jobs \(text(energies.flexible))",
      "imported \(text(energies.imported)), exported \(text(energies.exported)),"
        + " charged \(text(energies.charged)), discharged \(text(energies.discharged))",
      "traded \(tally.energySettled.text) for \(tally.creditsMoved.text) credits:"
        + " \(tally.contractsBound) contracts bound, \(tally.contractsSettled) settled,"
        + " \(tally.records) records",
      "\(tally.computingSettled) settled for computing; \(tally.receipts) receipts,"
        + " \(tally.agreements) agreements to take debts off",
      "\(tally.requestsCompleted) requests completed; \(tally.crashes) crashes,"
        + " \(tally.partitions) splits, \(tally.linksLost) links lost,"
        + " \(tally.framesSent) frames",
    ]
    if !tally.acts.isEmpty { lines.append(adversaries(tally)) }
    return lines
  }

  /// Which adversaries there were, how often each cheated, and what was settled nevertheless.
  static func adversaries(_ tally: SimulationTally) -> String {
    let acts = AdversaryKind.allCases.compactMap { kind in
      tally.acts[kind].map { "\(kind.rawValue) \($0)" }
    }
    return "cheated: \(acts.joined(separator: ", ")); honest houses settled"
      + " \(tally.settledAmongHonest) contracts among themselves, \(tally.settledWithAdversaries)"
      + " with cheats"
  }

  /// Things a second, rounded down, one decimal below a hundred.
  static func rate(_ count: Int64, in duration: Duration) -> String {
    let milliseconds =
      duration.components.seconds * 1000 + duration.components.attoseconds
      / 1_000_000_000_000_000
    let thousandths = count * 1_000_000 / max(1, milliseconds)
    return DecimalText.thousandths(thousandths, places: thousandths < 100_000 ? 1 : 0)
  }
}
