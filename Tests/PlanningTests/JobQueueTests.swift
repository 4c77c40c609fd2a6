import Planning
import Quantities
import Testing

@Suite struct JobQueueTests {
  @Test("starts with the surplus, pauses when it ends, and starts again after a rest")
  func startsAndPauses() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    let cycles: [(at: Int64, spare: Int64, surplus: Bool, said: [String])] = [
      (0, 640, false, []), (10, 250, true, []),
      (20, 640, true, ["start 1", "job 1 starts: 640 W spare"]),
      (30, 640, true, []), (100, 120, true, []), (130, 310, true, []), (140, 120, false, []),
      (190, 120, false, []),
      (200, 120, false, ["pause 1", "job 1 pauses: 120 W spare, needs 300 W"]),
      (210, 900, true, []),
    ]
    for cycle in cycles {
      let said = house.control(cycle.at, spare: cycle.spare, surplus: cycle.surplus)
      #expect(said == cycle.said, "at \(cycle.at) s")
    }
    #expect(house.queue.job(JobNumber(1))?.status == .draining)
    #expect(house.progress(220, 1, completed: 3, inFlight: 1).isEmpty)
    #expect(house.queue.drawing == Power(watts: 300))
    #expect(house.progress(230, 1, completed: 4).isEmpty)
    #expect(house.queue.job(JobNumber(1))?.status == .waiting)
    #expect(house.queue.drawing == .zero)
    // Five minutes of rest since it was told to pause.
    #expect(house.control(490, spare: 900).isEmpty)
    #expect(house.control(500, spare: 900) == ["start 1", "job 1 starts: 900 W spare"])
    let done = house.progress(600, 1, completed: 9, failed: 1)
    #expect(done == ["job 1 done: 9 requests, 1 failed, 26 Wh, 72% surplus"])
    #expect(house.queue.day.requestsCompleted == 9 && house.queue.day.requestsFailed == 1)
    #expect(house.queue.day.timesPaused == 1)
    #expect(house.control(610, spare: 900).isEmpty)
  }

  @Test("counts energy by power and time, and as surplus only what was spare")
  func energy() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(watts: 600))
    // 10 minutes on full surplus, 10 with half of it, 10 with it unknown
    _ = house.control(0, spare: 1000)
    for second in stride(from: Int64(10), through: 600, by: 10) {
      _ = house.control(second, spare: 1000)
    }
    #expect(house.queue.job(JobNumber(1))?.energyUsed == Energy(wattHours: 100))
    #expect(house.queue.job(JobNumber(1))?.surplusUsed == Energy(wattHours: 100))
    var fixed = QueueHarness()
    _ = try fixed.add(QueueHarness.batch(watts: 600, interruptible: false))
    _ = fixed.control(0, spare: 1000)
    for second in stride(from: Int64(7), through: 1200, by: 1) {
      _ = fixed.control(second, spare: second <= 600 ? 300 : nil)
    }
    #expect(fixed.queue.job(JobNumber(1))?.energyUsed == Energy(wattHours: 200))
    #expect(fixed.queue.job(JobNumber(1))?.surplusUsed == Energy(wattHours: 50))
    #expect(fixed.queue.day.surplusUsed == Energy(wattHours: 50))
    #expect(fixed.queue.job(JobNumber(1))?.ranFor == TimeSpan(minutes: 20))
  }

  @Test("an interruptible job pauses when the surplus has been unknown for two minutes")
  func unknownSurplus() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    #expect(house.control(0, spare: nil).isEmpty)
    #expect(house.control(10, spare: 900).first == "start 1")
    #expect(house.control(60, spare: nil, unknownSince: 60).isEmpty)
    #expect(house.control(179, spare: nil, unknownSince: 60).isEmpty)
    #expect(
      house.control(180, spare: nil, unknownSince: 60)
        == ["pause 1", "job 1 pauses: surplus unknown for 2 min"])
  }

  @Test("a fixed job, once started, goes on without surplus")
  func fixedJob() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(interruptible: false))
    #expect(house.control(0, spare: 400).first == "start 1")
    for second in stride(from: Int64(10), through: 3600, by: 10) {
      #expect(house.control(second, spare: second < 1800 ? -500 : nil, surplus: false).isEmpty)
    }
    #expect(house.queue.job(JobNumber(1))?.status == .running)
  }

  @Test("the most urgent job goes first, one at a time")
  func order() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    _ = try house.add(QueueHarness.batch(due: 9000))
    _ = try house.add(QueueHarness.batch(watts: 2000, priority: 2))
    #expect(house.control(0, spare: 500).first == "start 2")
    #expect(house.control(10, spare: 5000).isEmpty)
    // Job 3 is worth interrupting job 2 for as soon as it can run and job 2 has run two minutes.
    #expect(
      house.control(120, spare: 5000) == ["pause 2", "job 2 pauses: job 3 goes first"])
    #expect(house.control(130, spare: 5000).isEmpty)
    _ = house.progress(140, 2, completed: 1)
    #expect(house.control(150, spare: 5000).first == "start 3")
    #expect(house.queue.waitingCount == 2)
  }

  @Test("nothing starts without the engine, and what runs pauses when it goes")
  func engine() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(interruptible: false))
    house.engine = .unknown
    #expect(house.control(0, spare: 900).isEmpty)
    house.engine = QueueHarness.ready
    #expect(house.control(10, spare: 900).first == "start 1")
    house.engine = .unavailable(reason: "connection refused")
    #expect(
      house.control(20, spare: 900)
        == ["pause 1", "job 1 pauses: engine unavailable (connection refused)"])
  }

  @Test("the owner's pause and resume count more than any surplus")
  func owner() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    _ = try house.add(QueueHarness.batch())
    _ = house.control(0, spare: 900)
    let paused = try house.queue.pause(nil, at: QueueHarness.at(10))
    #expect(house.words(paused) == ["pause 1", "job 1 pauses: owner said pause"])
    _ = house.progress(20, 1, completed: 2)
    #expect(house.queue.jobs.map(\.status) == [.paused, .paused])
    #expect(house.control(600, spare: 900).isEmpty)
    let resumed = try house.queue.resume(JobNumber(2), at: QueueHarness.at(610))
    #expect(house.words(resumed) == ["job 2 waits again: owner said resume"])
    #expect(house.control(620, spare: 900).first == "start 2")
    _ = house.progress(630, 2, completed: 10)
    #expect(throws: PlanningError.alreadyDone(JobNumber(2))) {
      try house.queue.pause(JobNumber(2), at: QueueHarness.at(640))
    }
    #expect(throws: PlanningError.noSuchJob(JobNumber(9))) {
      try house.queue.resume(JobNumber(9), at: QueueHarness.at(640))
    }
  }

  @Test("a held job says why and waits for its owner")
  func held() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    _ = house.control(0, spare: 900)
    let said = house.words(
      house.queue.held(JobNumber(1), reason: "disk full", at: QueueHarness.at(5)))
    #expect(said == ["job 1 held: disk full; RESUME 1 goes on"])
    #expect(house.control(1000, spare: 900).isEmpty)
    #expect(house.restarted(at: 2000).harness.queue.jobs[0].status == .held(reason: "disk full"))
    _ = house.words(try house.queue.resume(JobNumber(1), at: QueueHarness.at(2000)))
    #expect(house.control(2010, spare: 900).first == "start 1")
  }

  @Test("after a restart what ran waits, and is started again by the same rules")
  func restart() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(due: 7200, priority: 3))
    _ = try house.add(QueueHarness.batch())
    _ = house.control(0, spare: 900)
    _ = house.progress(100, 1, completed: 4, inFlight: 2, feeding: true)
    _ = house.control(300, spare: 900)
    var (after, said) = house.restarted(at: 400)
    #expect(said.isEmpty)
    #expect(after.queue.jobs.map(\.status) == [.waiting, .waiting])
    #expect(after.queue.jobs[0].batch == house.queue.jobs[0].batch)
    #expect(after.queue.jobs[0].completed == 4)
    #expect(after.queue.jobs[0].energyUsed == Energy(wattHours: 25))
    #expect(after.queue.day.requestsCompleted == 4)
    #expect(after.control(410, spare: 200).isEmpty)
    #expect(after.control(420, spare: 900).first == "start 1")
    let next = try after.add(QueueHarness.batch())
    #expect(next == JobNumber(3))
  }

  @Test("a stored job that can't be read is left out and said, the others are there")
  func tornEntry() throws {
    var house = QueueHarness()
    for _ in 0..<3 { _ = try house.add(QueueHarness.batch()) }
    house.stored["job/000000000002"]?.removeLast()
    house.stored["market/x"] = [1, 2]
    let (after, said) = house.restarted(at: 10)
    #expect(after.queue.jobs.map(\.number.value) == [1, 3])
    #expect(said.count == 1 && said[0].contains("job/000000000002"))
  }

  @Test("holds no more than its limits and never gives a number twice")
  func limits() throws {
    var house = QueueHarness(rules: JobRules(liveLimit: 5, doneLimit: 2))
    for round in 0..<4 as Range<Int64> {
      for _ in 0..<5 { _ = try house.add(QueueHarness.batch(requests: 1)) }
      #expect(throws: PlanningError.queueFull(limit: 5)) { try house.add(QueueHarness.batch()) }
      for job in round * 5 + 1...round * 5 + 5 {
        _ = house.progress(round * 100 + job, job, completed: 1)
      }
    }
    #expect(house.queue.jobs.map(\.number.value) == [19, 20])
    #expect(house.stored.keys.filter { $0.hasPrefix("job/") }.count == 2)
    house.stored["job/000000000019"] = nil
    house.stored["job/000000000020"] = nil
    var after = house.restarted(at: 1000).harness
    let next = try after.add(QueueHarness.batch())
    #expect(next == JobNumber(21))
  }

  @Test("the day's sums begin again at local midnight")
  func midnight() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    _ = house.control(0, spare: 900)
    _ = house.progress(10, 1, completed: 4, inFlight: 1, feeding: true)
    #expect(house.queue.day.requestsCompleted == 4)
    _ = house.control(12 * 3600, spare: 900)
    #expect(house.queue.day.requestsCompleted == 0)
    _ = house.progress(12 * 3600 + 5, 1, completed: 6, inFlight: 1, feeding: true)
    #expect(house.queue.day.requestsCompleted == 2)
  }
}
