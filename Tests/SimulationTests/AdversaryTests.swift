import Quantities
import Simulation
import Testing
import Thrown

import heliosim

/// Streets in which some houses cheat; `make soak` runs them by the thousand.
@Suite struct AdversaryTests {
  private func outcome(_ plan: SimulationPlan) -> (Neighbourhood, BrokenInvariant?) {
    var street = Neighbourhood(plan)
    do {
      try street.runToEnd()
      return (street, nil)
    } catch {
      return (street, error)
    }
  }

  private func plan(
    _ kinds: [AdversaryKind], seed: UInt64, houses: Int = 5
  ) -> SimulationPlan {
    var plan = SimulationPlan(seed: seed, houses: houses, days: 1)
    plan.adversaries = kinds
    return plan
  }

  @Test(
    "each kind of adversary cheats, and every rule holds for the others",
    arguments: AdversaryKind.allCases)
  func eachKind(kind: AdversaryKind) async {
    var acts = 0
    var settled = 0
    for seed in (1...2) as ClosedRange<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      let (street, broken) = outcome(plan([kind], seed: seed))
      #expect(broken == nil)
      acts += street.tally.acts[kind] ?? 0
      settled += street.tally.settledAmongHonest
    }
    #expect(acts > 0)
    // Nobody is kept from trading with those who keep the rules.
    #expect(settled > 0)
  }

  @Test("all kinds together, on seeds of their own", arguments: UInt64(21)...22)
  func together(seed: UInt64) async {
    let (street, broken) = outcome(plan(AdversaryKind.allCases, seed: seed, houses: 9))
    #expect(broken == nil)
    #expect(street.tally.acts.count == 3)
    #expect(street.tally.settledAmongHonest > 0)
  }

  @Test(
    "seeds that once broke a rule hold",
    arguments: [
      // A circle took off a debt that what was sold had counted on already.
      UInt64(1030)
    ])
  func oldFailures(seed: UInt64) {
    let (_, broken) = outcome(plan(AdversaryKind.allCases, seed: seed, houses: 6))
    #expect(broken == nil)
  }

  @Test(
    "seeds of twelve houses and three days that once broke a rule hold",
    arguments: [
      // What a circle had taken off beyond a house's own purchases was not counted as lent.
      UInt64(1)
    ])
  func oldFailuresOfDays(seed: UInt64) {
    var plan = plan(AdversaryKind.allCases, seed: seed, houses: 12)
    plan.days = 3
    let (_, broken) = outcome(plan)
    #expect(broken == nil)
  }

  @Test("a street with adversaries replays to the byte")
  func determinism() {
    let plan = plan(AdversaryKind.allCases, seed: 5)
    let (first, _) = outcome(plan)
    let (again, _) = outcome(plan)
    #expect(first.digest == again.digest)
  }

  @Test("at most a third of the houses cheat, and none where none is asked for")
  func few() {
    let (street, _) = outcome(plan(AdversaryKind.allCases, seed: 3, houses: 5))
    #expect(street.tally.acts.count == 1)
    let (calm, _) = outcome(plan([], seed: 3, houses: 3))
    #expect(calm.tally.acts.isEmpty)
  }

  @Test("the command line names adversaries, and replays them")
  func options() throws {
    let all = try SimulateOptions(["--seeds", "5", "--adversaries", "on"])
    #expect(all.plan(seed: 1).adversaries == AdversaryKind.allCases)
    #expect(all.replay(of: 7).hasSuffix("--adversaries on"))
    let two = try SimulateOptions(["--adversaries", "fork,flooder"])
    #expect(two.plan(seed: 1).adversaries == [.fork, .flooder])
    #expect(two.replay(of: 7).hasSuffix("--adversaries fork,flooder"))
    #expect(throws: SimulateOptions.Problem.self) {
      try SimulateOptions(["--adversaries", "saint"])
    }
  }
  @Test("many seeds run in processes of their own, and what they came to is added up")
  func processes() async throws {
    var crashes = 0
    var honest = 0
    var flooded = 0
    for seed in (1...3) as ClosedRange<UInt64> {
      let (street, broken) = outcome(plan([.flooder], seed: seed, houses: 3))
      #expect(broken == nil)
      crashes += street.tally.crashes
      honest += street.tally.settledAmongHonest
      flooded += street.tally.acts[.flooder] ?? 0
    }
    let output = try await besidePool {
      try Heliosim.run(["--seeds", "3", "--houses", "3", "--adversaries", "flooder"])
    }
    #expect(output.status == 0)
    let sums = ["3 seeds held", "\(crashes) crashes", "flooder \(flooded);", "\(honest) contracts"]
    for sum in sums { #expect(output.text.contains(sum), "\(output.text)") }
  }
}
