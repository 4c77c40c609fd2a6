import HeliographCore
import Quantities
import Simulation
import Testing

@Suite struct StreetSummaryTests {
  private func house(_ name: String, balance: Int64, _ day: (inout Snapshot.Day) -> Void)
    -> StreetHouse
  {
    var snapshot = Snapshot(name: name, at: .zero, clock: "21:30")
    snapshot.balance = Credits(millicredits: balance)
    day(&snapshot.day)
    return StreetHouse(name: name, snapshot: snapshot)
  }

  private var seller: StreetHouse {
    house("amber", balance: 4500) {
      $0.surplusUsedByJobs = Energy(wattHours: 1500)
      $0.requestsCompleted = 60
      $0.requestsFailed = 1
      $0.timesPaused = 2
      $0.energySold = Energy(wattHours: 3000)
      $0.creditsEarned = Credits(millicredits: 4500)
      $0.exported = Energy(wattHours: 20_000)
      $0.imported = .zero
      $0.tradesSettled = 5
    }
  }

  private var buyer: StreetHouse {
    house("cedar", balance: -4500) {
      $0.surplusUsedByJobs = .zero
      $0.energyBought = Energy(wattHours: 3000)
      $0.creditsSpent = Credits(millicredits: 4500)
      $0.exported = .zero
      $0.imported = Energy(wattHours: 5000)
      $0.tradesSettled = 5
    }
  }

  @Test("adds up the houses' days, each trade once")
  func addsUp() {
    let summary = StreetSummary(houses: [seller, buyer])
    #expect(summary.surplusUsed == Energy(wattHours: 1500))
    #expect(summary.requestsCompleted == 60)
    #expect(summary.energySold == summary.energyBought)
    #expect(summary.creditsEarned == Credits(millicredits: 4500))
    #expect(summary.tradesSettled == 5)
    #expect(summary.balanceSum == .zero)
    #expect(summary.problems.isEmpty)
  }

  @Test("counts as given for nothing what was exported and not sold")
  func countsWaste() {
    let summary = StreetSummary(houses: [seller, buyer])
    #expect(summary.wastedBefore == Energy(wattHours: 21_500))
    #expect(summary.wastedAfter == Energy(wattHours: 17_000))
    let text = summary.lines().map(\.text).joined(separator: "\n")
    #expect(text.contains("17.00 kWh; 21.50 kWh"))
    #expect(text.contains("60, and 1 failed"))
  }

  @Test("counts a trade that only one side knows to be settled")
  func countsHalfKnownTrades() {
    let alone = house("birch", balance: 0) { $0.tradesSettled = 1 }
    #expect(StreetSummary(houses: [seller, buyer, alone]).tradesSettled == 6)
  }

  @Test("knows no waste when a house's meter was not read")
  func unknownMeter() {
    var blind = buyer
    blind.snapshot?.day.exported = nil
    let summary = StreetSummary(houses: [seller, blind])
    #expect(summary.wastedAfter == nil)
    #expect(summary.energySold == Energy(wattHours: 3000))
    let line = summary.lines().map(\.text).first { $0.contains("for nothing") }
    #expect(line?.contains("?; ?") == true)
  }

  @Test("knows no sum when a node does not answer, and says so")
  func unknownStaysUnknown() {
    let summary = StreetSummary(houses: [seller, StreetHouse(name: "cedar")])
    #expect(summary.energySold == nil)
    #expect(summary.wastedBefore == nil)
    #expect(summary.tradesSettled == nil)
    #expect(summary.balanceSum == nil)
    #expect(summary.problems == ["cedar: its node does not answer, so the sums are unknown"])
    let lines = summary.lines().map(\.text)
    #expect(lines.first { $0.contains("credits moved") }?.hasSuffix("?") == true)
  }

  @Test("says what did not happen")
  func saysProblems() {
    let idle = house("amber", balance: 1) { _ in }
    let problems = StreetSummary(houses: [idle]).problems
    #expect(problems.count == 3)
    #expect(problems.contains("no trade was settled"))
    #expect(problems.contains { $0.contains("balances do not agree") })
  }

  @Test("keeps within 79 columns")
  func fits() {
    let lines = StreetSummary(houses: [seller, buyer, seller]).lines()
    #expect(lines.allSatisfy { $0.width <= 79 })
  }
}
