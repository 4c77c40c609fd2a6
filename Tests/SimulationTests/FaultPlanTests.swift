import Simulation
import Testing

@Suite("A plan of faults")
struct FaultPlanTests {
  @Test("is read from words")
  func words() {
    #expect(FaultPlan.Entry(text: "torn") == .init(.torn))
    #expect(FaultPlan.Entry(text: "wrong-unit@7") == .init(.wrongUnit, every: 7))
    for wrong in ["", "Torn", "torn@", "torn@0", "torn@1000001", "torn@2@3", "@3"] {
      #expect(FaultPlan.Entry(text: wrong) == nil, "\(wrong)")
    }
  }

  @Test("strikes with every fault once in each stretch, one at a time, the same for a seed")
  func strikes() {
    let kinds = HouseFault.allCases.filter { !$0.isLasting }
    let entries = HouseFault.allCases.map { FaultPlan.Entry($0, every: 50) }
    var first = FaultPlan(entries, seed: 9)
    var again = first
    var other = FaultPlan(entries, seed: 10)
    let struck = (0..<5000).map { _ in first.next() }
    let repeated = (0..<5000).map { _ in again.next() }
    let others = (0..<5000).map { _ in other.next() }
    #expect(struck == repeated && struck != others)
    for kind in kinds {
      let count = struck.filter { $0 == kind }.count
      // The last may still be waiting for its turn.
      #expect((99...100).contains(count), "\(kind)")
      #expect(first.strikes(of: kind) == count)
    }
    #expect(struck.allSatisfy { $0?.isLasting != true })
    #expect(first.lasts(.night) && first.lasts(.oneClient) && !first.lasts(.torn))
    #expect(first.strikes(of: .night) == 0)
  }

  @Test("without entries never strikes")
  func empty() {
    var plan = FaultPlan(seed: 1)
    let struck = (0..<1000).compactMap { _ in plan.next() }
    #expect(struck.isEmpty)
    #expect(!plan.lasts(.night))
  }
}
