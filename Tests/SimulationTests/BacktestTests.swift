import Planning
import Quantities
import Simulation
import Testing

@Suite struct BacktestTests {
  private typealias Households = BacktestHouseholds

  private func wattHours(_ microjoules: Int64) -> Int64 {
    EnergyTotals.energy(microjoules: microjoules).wattHours
  }

  /// A day without a battery: sun from 08:00 to 16:00, most at 13:00, none spare at 10:00.
  private var handmade: BacktestPlan {
    let pv: [Int64] = [200, 400, 100, 500, 300, 900, 600, 150]
    let day = (0..<24).map { hour -> (load: Int64?, pv: Int64?) in
      (100, (8..<16).contains(hour) ? pv[hour - 8] + 0 : 0)
    }
    return BacktestPlan(
      record: Households.hours(day + day), equipment: RecordedEquipment(),
      pattern: JobPattern(power: Power(watts: 300), duration: TimeSpan(minutes: 180)))
  }

  @Test("each simple way takes the sun that was worked out by hand")
  func byHand() {
    let plan = handmade
    func sun(_ baseline: Baseline) -> Int64 {
      wattHours(Backtest.result(of: baseline, plan).supply.sun)
    }
    #expect(sun(.atOnce) == 0)
    // 10:00, 11:00, 12:00: nothing, 300 and 200 Wh spare, on both days.
    #expect(sun(.timer) == 2 * 500)
    // 09:00, 11:00, 13:00 and 14:00 have 300 W spare: three of them.
    #expect(sun(.foresight) == 2 * 900)
    // 12:00 to 15:00: 200, 300 and 300.
    #expect(sun(.foresightUnbroken) == 2 * 800)
    // The first day by the timer, the second as the first was best: they are alike.
    #expect(sun(.persistence) == 500 + 900)
    // On from 09:01 to 10:03, 11:01 to 12:03, 13:01 to its end: the three minutes cost sun.
    let threshold = Backtest.result(of: .threshold, plan)
    #expect(wattHours(threshold.supply.energy) == 2 * 900)
    #expect((2 * 880...2 * 899).contains(wattHours(threshold.supply.sun)))
    #expect(threshold.starts == 6)
  }

  @Test("all simple ways do the whole job in time, and none has more sun than foresight")
  func baselines() {
    for pattern in JobPattern.usual {
      for limit in [nil, Power.zero] {
        var plan = BacktestPlan(
          record: Households.days(10, seed: 5), equipment: Households.battery, pattern: pattern)
        plan.equipment.exportLimit = limit
        let results = Backtest.baselines(plan)
        guard let best = results.last else { return }
        for result in results {
          #expect(result.inTime == 10)
          #expect(result.imbalance == 0)
          #expect(result.impossibleJobs(beside: best) == 0)
          #expect(result.supply.sun <= best.supply.sun)
          #expect(result.supply.energy == best.supply.energy)
          let jobs = result.jobs.reduce(JobSupply()) { $0 + $1.supply }
          #expect(jobs == result.supply)
        }
      }
    }
  }

  @Test("no unbroken stretch, tried minute by minute, has more sun than the one found")
  func unbroken() {
    let record = Households.days(1, seed: 9)
    let pattern = JobPattern(power: Power(watts: 1700), duration: TimeSpan(minutes: 100))
    let plan = BacktestPlan(record: record, equipment: RecordedEquipment(), pattern: pattern)
    let found = Backtest.result(of: .foresightUnbroken, plan).supply.sun
    var most: Int64 = 0
    for minute in Int64(0)...1340 {
      var house = RecordedHouse(record, equipment: RecordedEquipment())
      house.step(to: record.start + TimeSpan(minutes: minute))
      house.jobPower = pattern.power
      house.step(to: house.now + pattern.duration)
      most = max(most, house.supply.sun)
    }
    #expect(found == most)
  }

  @Test("foresight for money is nearly never dearer than any other way")
  func cheapest() {
    for (pattern, limit) in [(0, nil), (0, Power.zero), (1, Power(watts: 1500)), (2, nil)] {
      var plan = BacktestPlan(
        record: Households.days(12, seed: 8), equipment: Households.battery,
        pattern: JobPattern.usual[pattern])
      plan.equipment.exportLimit = limit
      plan.prices.wearPrice = Price(creditsPerKilowattHour: 3)
      let cheapest = Backtest.result(of: .foresightCheapest, plan)
      #expect(cheapest.inTime == 12)
      for baseline in Baseline.allCases {
        let other = Backtest.result(of: baseline, plan)
        // What the grid of battery levels leaves open: a credit a fortnight.
        #expect(cheapest.cost <= other.cost + Credits(credits: 1), "\(baseline.rawValue)")
      }
    }
  }

  @Test("cost is what the meter and the battery say, counted again")
  func cost() {
    var plan = BacktestPlan(
      record: Households.days(6, seed: 3), equipment: Households.battery,
      pattern: JobPattern.usual[0])
    plan.prices.wearPrice = Price(creditsPerKilowattHour: 2)
    plan.prices.storedPrice = Price(creditsPerKilowattHour: 11)
    let result = Backtest.result(of: .timer, plan)
    var house = RecordedHouse(plan.record, equipment: plan.equipment)
    var credits = 0.0
    while house.now < plan.record.end {
      let minutes = house.now.since(plan.record.start).minutes % 1440
      house.jobPower = (600..<840).contains(minutes) ? Power(watts: 300) : .zero
      let flow = house.flow ?? EnergyFlow()
      let before = (house.totals, house.storedGain)
      house.step(to: house.now + TimeSpan(minutes: 5))
      func kilowattHours(_ microjoules: Int64) -> Double { Double(microjoules) / 3.6e12 }
      credits += 30 * kilowattHours(house.totals.imported - before.0.imported)
      credits -= 8 * kilowattHours(house.totals.exported - before.0.exported)
      credits += 2 * kilowattHours(house.totals.discharged - before.0.discharged)
      credits -= 11 * kilowattHours(house.storedGain - before.1)
      #expect(flow.grid == flow.household + flow.flexible + flow.battery - flow.pv)
    }
    let difference = Double(result.cost.millicredits) / 1000 - credits
    #expect(abs(difference) < 0.01)
  }

  @Test("the real station does fourteen days' jobs in time, mostly on sun, and its books balance")
  func station() {
    var plan = BacktestPlan(
      record: Households.days(14, seed: 21), equipment: Households.battery,
      pattern: JobPattern.usual[0])
    plan.equipment.exportLimit = Power(watts: 2000)
    var backtest = Backtest(plan, linesKept: 1000)
    while !backtest.isOver { backtest.run(until: backtest.now + .day) }
    let result = backtest.result
    let baselines = Backtest.baselines(plan)
    guard let best = baselines.last else { return }
    #expect(result.jobs.count == 14)
    #expect(result.inTime == 14)
    #expect(result.imbalance == 0)
    #expect(result.impossibleJobs(beside: best) == 0)
    #expect(result.supply.energy == best.supply.energy)
    #expect((result.sunPerMillion(of: best) ?? 0) > 900_000)
    #expect(result.cost < baselines[0].cost)
    #expect(backtest.lines.contains { $0.text.hasPrefix("job 14 done") })
    let scored = backtest.forecastScore.counts.flatMap { $0 }
    #expect(scored.allSatisfy { $0.total > 0 })
  }

  @Test("a day that is not known as a whole has no job")
  func gapInTheRecord() {
    let whole = Households.days(4, seed: 2)
    var load = whole.load
    load[150] = nil
    let record = HouseholdRecord(start: whole.start, step: whole.step, load: load, pv: whole.pv)
    let plan = BacktestPlan(
      record: record, equipment: Households.battery, pattern: JobPattern.usual[2])
    #expect(plan.days.count == 3)
    var backtest = Backtest(plan)
    backtest.run(until: record.end)
    #expect(backtest.result.imbalance == 0)
    #expect(backtest.result.jobs.count == 3)
  }

  @Test(
    "a job is read from its words",
    arguments: [
      ("300W x 4h", 300, 240), ("1kW x 90min", 1000, 90), ("60wx12h", 60, 720),
      ("1 kW x 24 h", 1000, 1440),
    ] as [(String, Int64, Int64)])
  func patterns(text: String, watts: Int64, minutes: Int64) {
    let pattern = JobPattern(text: text)
    #expect(pattern?.power == Power(watts: watts))
    #expect(pattern?.duration == TimeSpan(minutes: minutes))
  }

  @Test("other words are no job", arguments: ["", "300W", "0W x 1h", "300 x 4", "1W x 25h", "xx"])
  func noPatterns(text: String) { #expect(JobPattern(text: text) == nil) }
}
