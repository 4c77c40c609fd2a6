import Planning
import Quantities
import Testing

@Suite("Jobs that are the owner's commands")
struct CommandJobTests {
  @Test("a command needs no engine: it starts, stands still and goes on while there is none")
  func needsNoEngine() throws {
    var house = QueueHarness()
    house.engine = .unavailable(reason: "connection refused")
    _ = try house.add(QueueHarness.command())
    #expect(house.control(0, spare: 900) == ["start 1", "job 1 starts: 900 W spare"])
    #expect(!house.queue.wantsEngine)
    #expect(house.progress(1, 1, completed: 0, inFlight: 1, feeding: true).isEmpty)
    #expect(house.control(100, spare: 100, surplus: false).isEmpty)
    #expect(
      house.control(160, spare: 100, surplus: false)
        == ["cut 1", "job 1 pauses: 100 W spare, needs 300 W"])
    #expect(house.progress(161, 1, completed: 0).isEmpty)
    #expect(house.queue.job(JobNumber(1))?.status == .waiting)
    #expect(house.control(480, spare: 900).first == "start 1")
    let done = house.progress(600, 1, completed: 1, closed: true)
    #expect(done == ["job 1 done: ran 4 min, 23 Wh, 62% surplus"])
  }

  @Test("one without surplus does not keep the engine up; a batch beside it does")
  func engine() throws {
    var house = QueueHarness()
    house.engine = .unavailable(reason: "it is stopped")
    _ = try house.add(QueueHarness.command(interruptible: false))
    _ = try house.add(QueueHarness.batch())
    #expect(house.control(0, spare: 900).first == "start 1")
    #expect(!house.queue.wantsEngine)
    _ = house.progress(10, 1, completed: 1, closed: true)
    #expect(house.control(20, spare: 900).isEmpty)
    #expect(house.queue.wantsEngine)
  }

  @Test("the engine is never eased for a command")
  func easing() throws {
    var house = QueueHarness()
    house.queue.management = EngineManagement(
      startsEngine: true, freezes: true,
      cardPower: Power(watts: 100)...Power(watts: 300))
    _ = try house.add(QueueHarness.command())
    _ = house.control(0, spare: 900)
    #expect(house.control(100, spare: 250, surplus: false).isEmpty)
    #expect(house.control(110, spare: 250, surplus: false).isEmpty)
    #expect(house.queue.easing == .none)
  }

  @Test("a command is in the queue once")
  func once() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.command())
    _ = try house.add(QueueHarness.command("backup"))
    #expect(throws: PlanningError.alreadyQueued(JobNumber(1))) {
      try house.add(QueueHarness.command())
    }
    _ = house.control(0, spare: 900)
    _ = house.progress(10, 1, completed: 1, closed: true)
    #expect(try house.add(QueueHarness.command()) == JobNumber(3))
  }

  @Test("what is left is what its owner said, then a quarter of what it ran")
  func remaining() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.command(minutes: 60, interruptible: false))
    _ = house.control(0, spare: 900)
    let cases: [(ran: Int64, left: Int64)] = [
      (0, 60), (45, 15), (52, 13), (120, 30), (200, 50),
    ]
    var looked: Int64 = 0
    for (ran, left) in cases {
      while looked < ran {
        looked += 1
        _ = house.control(looked * 60, spare: 900)
      }
      let now = QueueHarness.at(ran * 60)
      let gone = now.since(TimeSlot(containing: now).start)
      let planned = house.queue.planningJobs(at: now).first?.remaining
      #expect(planned == TimeSpan(minutes: left) + gone, "after \(ran) minutes")
    }
  }

  @Test("is a command after a restart too, and waits")
  func restart() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.command(minutes: 90))
    _ = house.control(0, spare: 900)
    let (again, said) = house.restarted(at: 100)
    #expect(said.isEmpty)
    let job = try #require(again.queue.job(JobNumber(1)))
    #expect(job.status == .waiting)
    #expect(job.batch.command == QueueHarness.command(minutes: 90).command)
  }

  @Test("taken back or out of time, it is ended and said so")
  func endings() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.command())
    _ = house.control(0, spare: 900)
    let cancelled = house.words(try house.queue.cancel(JobNumber(1), at: QueueHarness.at(60)))
    #expect(cancelled == ["close 1 cancelled", "job 1 ends: taken back"])
    let ended = house.progress(61, 1, completed: 0, closed: true)
    #expect(ended == ["job 1 cancelled: ran 60 s, 5 Wh, 100% surplus"])
    var late = QueueHarness.command()
    late.deadline = QueueHarness.at(120)
    late.expires = true
    _ = try house.add(late, at: 100)
    #expect(
      house.control(120, spare: 0, surplus: false)
        == ["close 2 expired", "job 2 ends: due 12:02, not done by then"])
  }
}
