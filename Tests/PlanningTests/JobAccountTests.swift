import Planning
import Quantities
import Testing

@Suite("JobAccount")
struct JobAccountTests {
  @Test("counts what a job drew, how much of it was sun, what was measured, and what it cost")
  func counts() throws {
    var house = QueueHarness()
    house.queue.importPrice = Price(creditsPerKilowattHour: 30)
    house.queue.exportPrice = Price(creditsPerKilowattHour: 10)
    let number = try house.add(QueueHarness.batch(watts: 1000, requests: 2))
    _ = house.control(0, spare: 1000)
    // Ten minutes all on sun, by its stated power.
    _ = house.control(600, spare: 1000)
    // Ten minutes at a measured 900 W, of which 450 W are spare.
    house.queue.measuredDrawing = Power(watts: 900)
    _ = house.control(601, spare: 450)
    _ = house.control(1201, spare: 450)
    _ = house.progress(1201, 1, completed: 2)
    let record = try #require(house.queue.account.records.first)
    #expect(record.number == number && record.ending == .completed)
    let stated = Power(watts: 1000).energy(over: TimeSpan(seconds: 600))
    #expect(abs((record.energy - record.measured - stated).milliwattHours) <= 1)
    #expect(record.measured.milliwattHours / 1000 == 150)
    // A sixth of a kilowatt-hour of sun, then 75 Wh of sun and 75 Wh from the grid.
    let surplus = record.surplus.milliwattHours
    #expect(abs(surplus - 241_666) < 600)
    let expected = 10 * surplus / 1000 + 30 * (record.energy.milliwattHours - surplus) / 1000
    #expect(abs(record.cost.millicredits - expected) <= 2)
  }

  @Test("remembers ended jobs through a restart, and forgets the oldest at its limit")
  func remembers() throws {
    var house = QueueHarness(rules: JobRules(doneLimit: 3))
    for number in 1...(JobAccount.limit + 5) {
      _ = try house.add(QueueHarness.batch(requests: 1))
      _ = house.progress(Int64(number), Int64(number), completed: 1)
    }
    #expect(house.queue.account.records.count == JobAccount.limit)
    #expect(house.queue.account.records.first?.number == JobNumber(6))
    let (again, said) = house.restarted(at: 5000)
    #expect(said.isEmpty)
    #expect(again.queue.account == house.queue.account)
    #expect(again.queue.jobs.count == 3)
  }

  @Test("adds small amounts without losing what is below a millicredit")
  func smallAmounts() throws {
    var house = QueueHarness()
    house.queue.importPrice = Price(millicreditsPerKilowattHour: 12_345)
    _ = try house.add(QueueHarness.batch(watts: 100, requests: 1))
    _ = house.control(0, spare: 200)
    for second in 1...3600 { _ = house.control(Int64(second), spare: 0, surplus: false) }
    let job = try #require(house.queue.jobs.first)
    let expected = job.energyUsed - job.surplusUsed
    let cost = Price(millicreditsPerKilowattHour: 12_345).cost(of: expected)
    #expect(abs(job.cost.millicredits - cost.millicredits) <= 1)
  }
}
