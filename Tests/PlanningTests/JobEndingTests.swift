import Planning
import Quantities
import Testing

@Suite("Ends of jobs")
struct JobEndingTests {
  @Test("takes a running job back: what is with the engine finishes, then its files are closed")
  func cancelRunning() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch())
    _ = house.control(0, spare: 500)
    _ = house.progress(60, 1, completed: 3, inFlight: 2, feeding: true)
    let actions = try house.queue.cancel(JobNumber(1), at: QueueHarness.at(90))
    #expect(house.words(actions) == ["close 1 cancelled", "job 1 ends: taken back"])
    #expect(house.queue.drawing == Power(watts: 300), "two requests are still with the engine")
    #expect(house.progress(95, 1, completed: 4, inFlight: 1).isEmpty)
    let said = house.progress(99, 1, completed: 5, closed: true)
    #expect(said.first?.hasPrefix("job 1 cancelled: 5 requests, 0 failed") == true)
    let job = try #require(house.queue.job(JobNumber(1)))
    #expect(job.ending == .cancelled && job.status == .done)
    #expect(house.queue.drawing == .zero)
  }

  @Test("a job that is taken back is neither started nor paused nor taken back again")
  func cancelledRests() throws {
    var house = QueueHarness()
    let number = try house.add(QueueHarness.batch())
    _ = house.words(try house.queue.cancel(number, at: QueueHarness.at(1)))
    #expect(house.control(10, spare: 900).isEmpty)
    #expect(try house.queue.cancel(number, at: QueueHarness.at(11)).isEmpty)
    #expect(try house.queue.pause(number, at: QueueHarness.at(12)).isEmpty)
    #expect(try house.queue.resume(number, at: QueueHarness.at(13)).isEmpty)
  }

  @Test("a job through all its requests before it could be taken back was completed")
  func cancelledTooLate() throws {
    var house = QueueHarness()
    let number = try house.add(QueueHarness.batch(requests: 2))
    _ = house.control(0, spare: 500)
    _ = house.words(try house.queue.cancel(number, at: QueueHarness.at(20)))
    let said = house.progress(30, 1, completed: 2, closed: true)
    #expect(said.first?.hasPrefix("job 1 done:") == true)
    #expect(house.queue.job(number)?.ending == .completed)
  }

  @Test("after a restart the runner is told again to close what was to end")
  func endsAfterRestart() throws {
    var house = QueueHarness()
    let number = try house.add(QueueHarness.batch())
    _ = house.words(try house.queue.cancel(number, at: QueueHarness.at(5)))
    var (again, said) = house.restarted(at: 60)
    #expect(said == ["close 1 cancelled"])
    _ = again.progress(61, 1, completed: 0, closed: true)
    #expect(again.queue.job(number)?.ending == .cancelled)
    #expect(again.restarted(at: 70).said.isEmpty)
  }

  @Test("a job that can't be closed is held, and closed when the owner says go on")
  func heldWhileEnding() throws {
    var house = QueueHarness()
    let number = try house.add(QueueHarness.batch())
    _ = house.words(try house.queue.cancel(number, at: QueueHarness.at(5)))
    _ = house.words(house.queue.held(number, reason: "no room left", at: QueueHarness.at(6)))
    let resumed = try house.queue.resume(number, at: QueueHarness.at(7))
    #expect(house.words(resumed).first == "close 1 cancelled")
  }

  @Test(
    "ends at its deadline only what is not wanted later",
    arguments: [(true, ["close 1 expired"]), (false, [])] as [(Bool, [String])])
  func expires(expires: Bool, expected: [String]) throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(due: 3600, expires: expires))
    let early = house.control(3599, spare: nil).filter { $0.hasPrefix("close") }
    #expect(early.isEmpty)
    #expect(house.control(3600, spare: nil).filter { $0.hasPrefix("close") } == expected)
  }

  @Test("an expired job counts the lines of the requests that were left, and stays expired")
  func expiredCounts() throws {
    var house = QueueHarness()
    let number = try house.add(QueueHarness.batch(requests: 10, due: 60, expires: true))
    _ = house.control(60, spare: nil)
    let said = house.progress(61, 1, completed: 4, failed: 6, closed: true)
    #expect(said.first?.hasPrefix("job 1 expired: 4 requests, 6 failed") == true)
    #expect(house.queue.job(number)?.ending == .expired)
  }

  @Test("one that is held on its way to an end is brought there by another CANCEL")
  func endsAgain() throws {
    var house = QueueHarness()
    let number = try house.add(QueueHarness.batch())
    _ = house.words(try house.queue.cancel(number, at: QueueHarness.at(1)))
    let again = house.words(try house.queue.cancel(number, at: QueueHarness.at(2)))
    #expect(again.isEmpty, "it is on its way")
    _ = house.words(house.queue.held(number, reason: "no room", at: QueueHarness.at(3)))
    let third = house.words(try house.queue.cancel(number, at: QueueHarness.at(4)))
    #expect(third == ["close 1 cancelled", "job 1 ends: taken back"])
    #expect(house.progress(5, 1, completed: 0, closed: true).first?.hasPrefix("job 1 c") == true)
  }

  @Test("waits for the jobs that must be done first, whatever its priority")
  func after() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(requests: 1))
    let second = try house.add(QueueHarness.batch(priority: 50, after: [1]))
    #expect(house.queue.planningJobs(at: QueueHarness.noon)[1].after == [JobNumber(1)])
    let job = try #require(house.queue.job(second))
    #expect(house.queue.forerunner(of: job) == JobNumber(1))
    #expect(house.control(1, spare: 500).first == "start 1")
    _ = house.progress(2, 1, completed: 1)
    #expect(house.queue.forerunner(of: job) == nil)
    #expect(house.control(3, spare: 500).first == "start 2")
  }

  @Test("a forerunner that came to no good end holds the job; the owner may run it all the same")
  func forlorn() throws {
    var house = QueueHarness()
    let first = try house.add(QueueHarness.batch())
    let second = try house.add(QueueHarness.batch(after: [1]))
    _ = house.words(try house.queue.cancel(first, at: QueueHarness.at(1)))
    _ = house.progress(2, 1, completed: 0, closed: true)
    let said = house.control(3, spare: 500)
    #expect(
      said.first == "job 2 held: job 1 was cancelled, which this one waits for; RESUME 2 goes on")
    _ = house.words(try house.queue.resume(second, at: QueueHarness.at(4)))
    #expect(house.control(5, spare: 500).first == "start 2")
  }

  @Test("refuses to wait for a job that never was")
  func unknownForerunner() throws {
    var house = QueueHarness()
    #expect(throws: PlanningError.noSuchJob(JobNumber(1))) {
      try house.add(QueueHarness.batch(after: [1]))
    }
  }
}
