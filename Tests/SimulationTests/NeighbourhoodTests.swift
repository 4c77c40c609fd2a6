import Quantities
import Simulation
import Testing

@Suite struct NeighbourhoodTests {
  private func outcome(_ plan: SimulationPlan) -> (Neighbourhood, BrokenInvariant?) {
    var street = Neighbourhood(plan)
    do {
      try street.runToEnd()
      return (street, nil)
    } catch {
      return (street, error)
    }
  }

  @Test("a seed replays to the byte and another seed does not")
  func determinism() {
    let plan = SimulationPlan(seed: 11, houses: 3, days: 1)
    let (first, broken) = outcome(plan)
    let (again, _) = outcome(plan)
    let (other, _) = outcome(SimulationPlan(seed: 12, houses: 3, days: 1))
    #expect(broken == nil)
    #expect(first.digest == again.digest)
    #expect(first.steps == again.steps)
    #expect(first.digest != other.digest)
  }

  @Test("every rule holds through crashes and partitions", arguments: UInt64(1)...6)
  func rulesHold(seed: UInt64) {
    let (street, broken) = outcome(SimulationPlan(seed: seed, houses: 4, days: 1))
    #expect(broken == nil)
    #expect(street.tally.crashes > 0)
    #expect(street.tally.linksLost > 0)
  }

  @Test("a node may lose power within any commit of its own records")
  func everyCommit() async throws {
    var street = Neighbourhood(SimulationPlan(seed: 2, houses: 3, days: 1, crashes: false))
    var commits = 0
    while let node = try street.runToOwnCommit() {
      commits += 1
      for point in SimulatedNode.CrashPoint.allCases {
        // Others share the pool: none may wait for a long computation.
        await Task.yield()
        var copy = street
        copy.cutPower(of: node, at: point)
        // It starts again within 20 minutes; some days are lived through to their agreement.
        if commits % 32 == 0 {
          try copy.runToEnd()
        } else {
          try copy.run(until: copy.now + TimeSpan(minutes: 25))
        }
        #expect(copy.tally.crashes == 1)
      }
    }
    #expect(commits >= 40)
  }

  @Test("a disk that lies about a commit of own records is found")
  func everyLyingCommit() throws {
    var street = Neighbourhood(SimulationPlan(seed: 2, houses: 3, days: 1, crashes: false))
    // Each single one: the power goes once the records are durable, before anything was seen.
    for _ in 0..<8 {
      guard let node = try street.runToOwnCommit() else { break }
      var copy = street
      copy.cutPower(of: node, at: .afterSync, on: .losesNewestCommit)
      #expect(throws: BrokenInvariant.self) { try copy.run(until: copy.now + .minute) }
    }
  }

  @Test("a calm day trades, works and balances")
  func calmDay() {
    let (street, broken) = outcome(
      SimulationPlan(seed: 2, houses: 3, days: 1, crashes: false))
    #expect(broken == nil)
    #expect(street.tally.crashes == 0)
    #expect(street.tally.contractsSettled > 0)
    #expect(street.tally.creditsMoved > .zero)
    #expect(street.tally.requestsCompleted > 0)
  }

  @Test(
    "a disk that breaks its promise is found",
    arguments: [SimulatedStore.Fault.losesNewestCommit, .turnsBit])
  func lyingDisk(fault: SimulatedStore.Fault) async {
    // A lost commit matters only when it held a record, and most commits hold but what the forecast
    // and the day's record keep, so few seeds show it.
    for seed in (1...120) as ClosedRange<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var plan = SimulationPlan(seed: seed, houses: 3, days: 1)
      plan.diskFaults = [0: fault, 2: fault]
      if outcome(plan).1?.rule == .nothingLost { return }
    }
    Issue.record("no seed showed it")
  }
}
