import Planning
import Quantities
import Testing
import Texting

@Suite("Reply to PLAN")
struct PlanReplyTests {
  /// A house with a battery of 10 kWh; the sun from 6:00 to 18:00 UTC of each day, `peak` all day.
  static func problem(
    from start: Instant, peak: Power, jobs: [PlanningJob] = [], charge: Int64 = 50
  ) -> PlanningProblem {
    let first = TimeSlot(containing: start)
    let slots = (Int64(0)..<192).map { offset -> PlanningProblem.Slot in
      let slot = first.advanced(by: offset)
      let hour = LocalTime.utc.minuteOfDay(at: slot.start) / 60
      let pv: Power = (6..<18).contains(hour) ? peak : .zero
      return PlanningProblem.Slot(
        forecast: SlotForecast(
          slot: slot, pv: PowerQuantiles(certain: pv),
          load: PowerQuantiles(certain: Power(watts: 300))),
        importPrice: Price(creditsPerKilowattHour: 30), exportPrice: .zero)
    }
    let battery = BatteryLimits(
      capacity: Energy(wattHours: 10_000), stateOfCharge: StateOfCharge(percent: charge),
      reserve: StateOfCharge(percent: 30), maximumCharge: Power(watts: 2500),
      maximumDischarge: Power(watts: 2500))
    return PlanningProblem(slots: slots, battery: battery, jobs: jobs)
  }

  static func view(_ problem: PlanningProblem) -> HouseholdView {
    var view = ordinaryView()
    view.plan = Planner.plan(problem)
    view.batteryCapacity = problem.battery?.capacity
    view.stateOfCharge = problem.battery?.stateOfCharge
    view.reserve = problem.battery?.reserve
    return view
  }

  @Test("tells a job's next run, the best of the sun, the battery and tomorrow")
  func tellsWhatIsNext() {
    let job = PlanningJob(
      number: JobNumber(3), power: Power(watts: 500), remaining: TimeSpan(minutes: 60))
    let reply = TextReply.reply(
      to: .plan,
      view: Self.view(Self.problem(from: afternoon, peak: Power(watts: 4000), jobs: [job])))
    #expect(reply.hasPrefix("Next: now job 3 (sun) 1 h; sun best now-18:00, 3700 W spare; "))
    #expect(reply.contains("battery full "))
    #expect(reply.hasSuffix("tomorrow 48.00 kWh of sun."), "\(reply)")
    #expect(isOneMessage(reply))
  }

  @Test("tells when the battery comes to its reserve, and tomorrow's hours as tomorrow's")
  func tellsTheReserve() {
    let job = PlanningJob(
      number: JobNumber(3), power: Power(watts: 2000), remaining: TimeSpan(minutes: 150))
    let evening = afternoon + TimeSpan(minutes: 240)
    var view = Self.view(
      Self.problem(from: evening, peak: Power(watts: 4000), jobs: [job], charge: 50))
    view.at = evening
    let reply = TextReply.reply(to: .plan, view: view)
    #expect(reply.contains("tomorrow 06:"), "\(reply)")
    #expect(reply.contains("(sun) 2.5 h"), "\(reply)")
    #expect(isOneMessage(reply))
  }

  @Test("a battery that waits for later sun is not told of as charging")
  func tellsTheWait() {
    var slots = Self.problem(from: afternoon, peak: Power(watts: 1000)).slots
    // So little may go to the grid that the battery must keep room for the sun of the next hours.
    for index in 8..<20 {
      slots[index].forecast.pv = PowerQuantiles(certain: Power(watts: 3000))
    }
    for index in slots.indices { slots[index].exportPrice = Price(creditsPerKilowattHour: 8) }
    let battery = BatteryLimits(
      capacity: Energy(wattHours: 4000), stateOfCharge: .empty, reserve: .empty,
      maximumCharge: Power(watts: 4000), maximumDischarge: Power(watts: 4000), isSteered: true)
    let problem = PlanningProblem(
      slots: Array(slots.prefix(20)), battery: battery, exportLimit: Power(watts: 1000), jobs: [])
    var view = Self.view(problem)
    let waiting = view.plan?.slots.first { $0.order == .charge(.zero) }
    view.at = waiting?.slot.start ?? view.at
    let reply = TextReply.reply(to: .plan, view: view)
    #expect(reply.contains("now battery waits for later sun"), "\(reply)")
    #expect(!reply.contains("charges 0"), "\(reply)")
  }

  @Test("says that there is no plan, and that nothing is known")
  func saysWhenUnknown() {
    var view = emptyView()
    #expect(TextReply.reply(to: .plan, view: view).hasPrefix("There is no plan yet."))
    let first = TimeSlot(containing: afternoon)
    let slots = (Int64(0)..<192).map {
      PlanningProblem.Slot(
        forecast: SlotForecast(slot: first.advanced(by: $0), pv: nil, load: nil),
        importPrice: .zero, exportPrice: .zero)
    }
    view.plan = Planner.plan(PlanningProblem(slots: slots, battery: nil, jobs: []))
    #expect(TextReply.reply(to: .plan, view: view).hasPrefix("Nothing is planned:"))
  }

  @Test("says why a job runs where the sun does not carry it")
  func saysDue() {
    let night = afternoon + TimeSpan(minutes: 360)
    let job = PlanningJob(
      number: JobNumber(2), power: Power(watts: 500), remaining: TimeSpan(minutes: 30),
      deadline: night + .hour)
    var view = Self.view(Self.problem(from: night, peak: Power(watts: 4000), jobs: [job]))
    view.at = night
    view.jobs[1].deadline = night + .hour
    let reply = TextReply.reply(to: .plan, view: view)
    #expect(reply.contains("job 2 (due 22:10) 30 min"), "\(reply)")
  }

  @Test("fits one message with any plan, at any time within and after it", arguments: 1...40)
  func fitsAlways(seed: UInt64) {
    var random = SplitMix(state: seed)
    func number(_ range: ClosedRange<Int64>) -> Int64 {
      range.lowerBound + Int64(random.next() % UInt64(range.upperBound - range.lowerBound + 1))
    }
    let first = TimeSlot(containing: afternoon + TimeSpan(minutes: number(-2000...2000)))
    let most = [Int64(500), 9_000_000, 1_000_000_000][Int(number(0...2))]
    func quantiles() -> PowerQuantiles? {
      guard number(1...10) > 1 else { return nil }
      return PowerQuantiles(certain: Power(milliwatts: number(0...most)))
    }
    let slots = (0..<number(0...192)).map { (offset: Int64) -> PlanningProblem.Slot in
      PlanningProblem.Slot(
        forecast: SlotForecast(
          slot: first.advanced(by: offset), pv: quantiles(), load: quantiles()),
        importPrice: Price(rawValue: number(-90_000...90_000)), exportPrice: .zero)
    }
    let jobs = (0..<number(0...60)).map { (index: Int64) -> PlanningJob in
      let due = first.start + TimeSpan(minutes: number(-60...4000))
      let deadline: Instant? = number(1...2) == 1 ? due : nil
      return PlanningJob(
        number: JobNumber(999_900 + index), power: Power(milliwatts: number(0...most)),
        remaining: TimeSpan(minutes: number(1...900)),
        deadline: deadline, interruptible: number(1...3) > 1)
    }
    let battery = BatteryLimits(
      capacity: Energy(milliwattHours: number(0...most)),
      stateOfCharge: StateOfCharge(permille: number(0...1000)),
      reserve: StateOfCharge(permille: number(0...1000)),
      maximumCharge: Power(milliwatts: number(0...most)),
      maximumDischarge: Power(milliwatts: number(0...most)))
    var view = extremeView()
    view.plan = Planner.plan(
      PlanningProblem(slots: slots, battery: number(1...3) > 1 ? battery : nil, jobs: jobs))
    view.batteryCapacity = battery.capacity
    view.stateOfCharge = number(1...4) > 1 ? battery.stateOfCharge : nil
    for hours in [0, 1, 20, 47, 49] as [Int64] {
      view.at = first.start + TimeSpan(minutes: 60 * hours + 7)
      let reply = TextReply.reply(to: .plan, view: view)
      #expect(isOneMessage(reply), "\(reply)")
    }
  }
}
