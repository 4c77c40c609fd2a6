import Planning
import Quantities
import Sites
import Testing
import Thrown

@Suite struct JobQueuePlanTests {
  /// A plan for the queue's jobs over slots of this much surplus, from noon on.
  static func plan(_ surplus: [Int64], for house: QueueHarness) -> Plan {
    let first = TimeSlot(containing: QueueHarness.noon)
    let slots = surplus.enumerated().map { index, watts in
      PlanningProblem.Slot(
        forecast: SlotForecast(
          slot: first.advanced(by: Int64(index)),
          pv: PowerQuantiles(certain: Power(watts: watts)), load: PowerQuantiles(certain: .zero)),
        importPrice: Price(creditsPerKilowattHour: 30),
        exportPrice: Price(creditsPerKilowattHour: 8))
    }
    return Planner.plan(
      PlanningProblem(
        slots: slots, battery: nil, jobs: house.queue.planningJobs(at: QueueHarness.noon)))
  }

  @Test("says until when the surplus is expected to last")
  func until() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    house.plan = Self.plan([700, 700, 200, 0], for: house)
    #expect(
      house.control(60, spare: 640) == ["start 1", "job 1 starts: 640 W spare until about 12:30"])
  }

  @Test("starts without surplus for a deadline's sake, and isn't paused for lack of it")
  func deadline() throws {
    var house = QueueHarness()
    // 90 requests of 20 s: two quarter-hours, due at 13:00, in slots without sun.
    _ = try house.add(QueueHarness.batch(requests: 90, due: 3600))
    house.plan = Self.plan([0, 0, 0, 0, 900], for: house)
    #expect(house.control(60, spare: -100, surplus: false).isEmpty)
    #expect(
      house.control(1800, spare: -100, surplus: false)
        == ["start 1", "job 1 starts: due 13:00, no sun for all of it expected before"])
    for second in stride(from: Int64(1810), to: 3600, by: 30) {
      #expect(house.control(second, spare: -400, surplus: false).isEmpty)
    }
  }

  @Test("a fixed job waits for its window when there is a forecast")
  func window() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(requests: 90, interruptible: false))
    house.plan = Self.plan([400, 100, 900, 900, 0], for: house)
    #expect(house.control(60, spare: 400).isEmpty)
    #expect(house.control(1801, spare: 800).first == "start 1")
  }

  @Test("what has no time left runs, whatever the plan and the sun say, and takes another's place")
  func lastMoment() throws {
    var house = QueueHarness()
    // 60 requests of 20 s: 20 min, and 10 min of margin; due at 13:00.
    _ = try house.add(QueueHarness.batch(requests: 60, due: 3600))
    _ = try house.add(QueueHarness.batch(requests: 900, priority: 5))
    #expect(house.control(0, spare: 900).first == "start 2")
    #expect(house.control(1790, spare: 900).isEmpty)
    #expect(
      house.control(1800, spare: 900) == ["pause 2", "job 2 pauses: job 1 goes first"])
    _ = house.progress(1810, 2, completed: 10)
    #expect(
      house.control(1820, spare: -500, surplus: false)
        == ["start 1", "job 1 starts: due 13:00, no time left to wait"])
    #expect(house.control(2400, spare: nil, unknownSince: 1900).isEmpty)
    #expect(house.control(3000, spare: -900, surplus: false).isEmpty)
  }

  @Test("waits for what the plan expects to be better, and says when it goes on")
  func better() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(requests: 40, due: 4 * 3600))
    house.plan = Self.plan([100, 100, 100, 900, 900, 900], for: house)
    #expect(house.control(10, spare: 100).isEmpty)
    #expect(house.control(2710, spare: 900).first == "start 1")
    house.plan = Self.plan([0, 0, 0, 0, 0, 900, 900], for: house)
    #expect(house.control(2840, spare: 120).isEmpty)
    #expect(
      house.control(2910, spare: 120)
        == ["pause 1", "job 1 pauses: 120 W spare, needs 300 W; goes on about 13:15"])
  }

  @Test("runs on what the sky promises while the panels are held back, and says so")
  func heldBack() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(requests: 40, due: 4 * 3600))
    house.plan = Self.plan([900, 900, 900, 0], for: house)
    let said = house.queue.control(
      surplus: .none(.zero), possible: Power(watts: 900), plan: house.plan, engine: house.engine,
      at: QueueHarness.at(10))
    #expect(
      house.words(said)
        == ["start 1", "job 1 starts: panels are held back, about 900 W could be spare"])
  }

  @Test("plans with the pace that the job has shown")
  func pace() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(requests: 100))
    #expect(house.queue.planningJobs(at: QueueHarness.noon)[0].remaining == TimeSpan(seconds: 2000))
    _ = house.control(0, spare: 900)
    _ = house.progress(600, 1, completed: 10, inFlight: 2, feeding: true)
    #expect(house.queue.planningJobs(at: QueueHarness.noon)[0].remaining == TimeSpan(seconds: 5400))
    #expect(house.queue.planningJobs(at: QueueHarness.noon)[0].running)
  }

  @Test("whatever comes, one job at a time, within its limits, and restored as it was")
  func randomWalk() throws {
    for seed in 0..<60 as Range<UInt64> {
      var source = SeededSource(seed: seed)
      var house = QueueHarness(rules: JobRules(liveLimit: 6, doneLimit: 3))
      var fed: JobNumber?
      for step in 1...400 as ClosedRange<Int64> {
        let now = step * 20
        var said: [String] = []
        switch source.number(0...9) {
        case 0:
          _ = try? house.add(
            QueueHarness.batch(
              watts: source.number(0...900), requests: Int(source.number(1...20)),
              due: source.chance(40) ? now + source.number(0...9000) : nil,
              priority: source.number(0...2), interruptible: source.chance(80)), at: now)
        case 1:
          house.plan = Self.plan(
            (0..<40).map { _ in source.number(-500...1500) }, for: house)
        case 2:
          guard let job = house.queue.jobs.randomElement(using: &source) else { break }
          let pausing = source.chance(50)
          let actions =
            pausing
            ? try? house.queue.pause(job.number, at: QueueHarness.at(now))
            : try? house.queue.resume(job.number, at: QueueHarness.at(now))
          said = house.words(actions ?? [])
        case 3 where source.chance(5):
          house = house.restarted(at: now).harness
          fed = nil
        case 3...5:
          guard let job = house.queue.running else { break }
          let more = min(job.requestsLeft, Int(source.number(0...3)))
          let draining = job.status == .draining
          said = house.progress(
            now, job.number.value, completed: job.completed + more,
            inFlight: draining ? Int(source.number(0...1)) : 1, feeding: !draining)
        default:
          let known = source.chance(90)
          said = house.control(
            now, spare: known ? source.number(-500...1500) : nil, surplus: source.chance(60),
            unknownSince: now - source.number(0...300))
        }
        for line in said {
          #expect(line.count <= 120, "seed \(seed)")
          if line.hasPrefix("start ") {
            #expect(fed == nil, "seed \(seed), step \(step)")
            fed = house.queue.running?.number
          }
        }
        if house.queue.running == nil { fed = nil }
        #expect(house.queue.jobs.count(where: \.isDrawing) <= 1, "seed \(seed)")
        #expect(house.queue.jobs.count(where: \.isLive) <= 6, "seed \(seed)")
        #expect(house.queue.jobs.count { !$0.isLive } <= 3, "seed \(seed)")
      }
      let back = house.restarted(at: 8001).harness.queue
      #expect(back.jobs.map(\.number) == house.queue.jobs.map(\.number), "seed \(seed)")
      #expect(back.jobs.map(\.batch) == house.queue.jobs.map(\.batch), "seed \(seed)")
      #expect(back.jobs.allSatisfy { !$0.isDrawing }, "seed \(seed)")
    }
  }
}
