import Planning
import Quantities
import Runners
import Testing
import Texting

/// The same with units, whose systemd is a stand-in that acts on files.
@Suite("Running the owner's commands as units")
struct CommandUnitTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  private func runner(_ machine: EngineUnitTests.StandIn, _ log: EventLog) throws -> CommandRunner {
    var limits = EngineProcessLimits()
    limits.lookMilliseconds = 5
    return try CommandRunner(
      [
        OwnerCommand(
          name: "photos", power: Power(watts: 80), span: TimeSpan(minutes: 30),
          kind: .unit(OwnerCommand.unit(of: "photos")))
      ], jobsDirectory: scratch.path + "/jobs", limits: limits, root: machine.folder.path
    ) { log.add($0) }
  }

  @Test("what a killed node left running stands until the queue lets it go on")
  func adopts() async throws {
    let machine = try EngineUnitTests.StandIn()
    let first = try runner(machine, log)
    let batch = try first.stage(
      BatchRequest(file: "photos"), power: .zero, terms: BatchTerms())
    #expect(batch.command?.log == "journalctl -u heliograph-job@photos")
    first.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.latest(1)?.inFlight == 1 })
    // The first one is never told of the second, as if it were dead.
    let later = EventLog()
    let second = try runner(machine, later)
    #expect(
      try await ProcessWitness.wait { machine.folder.read("freezer") == "frozen\n" })
    #expect(later.all.isEmpty)
    second.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await later.wait { $0.latest(1)?.inFlight == 1 })
    #expect(
      try await ProcessWitness.wait { machine.folder.read("freezer") == "running\n" })
    second.stop()
    #expect(machine.folder.read("state") == "inactive\n")
    first.stop()
  }

  @Test("what can't be made to stand is stopped and held: nobody wants it to draw")
  func refusesToFreeze() async throws {
    let machine = try EngineUnitTests.StandIn()
    let runner = try runner(machine, log)
    defer { runner.stop() }
    let batch = try runner.stage(
      BatchRequest(file: "photos"), power: .zero, terms: BatchTerms())
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.latest(1)?.inFlight == 1 })
    try machine.folder.write("Freezing is not supported\n", to: "refuse")
    runner.pause(job: JobNumber(1), .cut)
    #expect(try await log.wait { !$0.held.isEmpty })
    #expect(log.held.first?.hasPrefix("it can't stand still and was stopped: ") == true)
    #expect(machine.folder.read("state") == "inactive\n")
  }

  @Test("a job that was being taken back when the node died is closed in the next life")
  func closesLater() async throws {
    let machine = try EngineUnitTests.StandIn()
    let first = try runner(machine, log)
    let batch = try first.stage(
      BatchRequest(file: "photos"), power: .zero, terms: BatchTerms())
    first.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.latest(1)?.inFlight == 1 })
    let later = EventLog()
    let second = try runner(machine, later)
    second.close(job: JobNumber(1), folder: batch.folder, .cancelled)
    #expect(try await later.wait { $0.latest(1)?.isClosed == true })
    #expect(machine.folder.read("state") == "inactive\n")
    second.stop()
    first.stop()
  }
}
