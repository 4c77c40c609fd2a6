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
    limits.startMilliseconds = 3000
    limits.stopMilliseconds = 3000
    return try CommandRunner(
      [
        OwnerCommand(
          name: "photos", power: Power(watts: 80), span: TimeSpan(minutes: 30),
          kind: .unit(OwnerCommand.unit(of: "photos")))
      ], jobsDirectory: scratch.path + "/jobs", limits: limits, root: machine.folder.path
    ) { log.add($0) }
  }

  /// The command as job 1, running.
  private func begin(_ runner: CommandRunner) async throws -> StagedBatch {
    let batch = try runner.stage(
      BatchRequest(file: "photos"), power: .zero, terms: BatchTerms())
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.latest(1)?.inFlight == 1 })
    return batch
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
    _ = try await begin(runner)
    try machine.folder.write("Freezing is not supported\n", to: "refuse")
    runner.pause(job: JobNumber(1), .cut)
    #expect(try await log.wait { !$0.held.isEmpty })
    #expect(log.held.first?.hasPrefix("it can't stand still and was stopped: ") == true)
    #expect(machine.folder.read("state") == "inactive\n")
  }

  @Test("one that is stopped from outside has not done its work")
  func stoppedFromOutside() async throws {
    let machine = try EngineUnitTests.StandIn()
    let runner = try runner(machine, log)
    defer { runner.stop() }
    _ = try await begin(runner)
    try machine.folder.write("15\n", to: "code")
    try machine.folder.write("inactive\n", to: "state")
    try machine.events(populated: false, frozen: false)
    #expect(try await log.wait { $0.held == ["it was told to end (15)"] })
    #expect(log.latest(1)?.completed == 0)
  }

  @Test("while the node ends, its service manager may stop the unit: it will begin anew")
  func leaves() async throws {
    let machine = try EngineUnitTests.StandIn()
    let runner = try runner(machine, log)
    let batch = try await begin(runner)
    runner.leave()
    runner.pause(job: JobNumber(1), .drain)
    #expect(try await log.wait { $0.latest(1)?.inFlight == 0 })
    runner.stop()
    #expect(log.held.isEmpty)
    #expect(log.latest(1)?.completed == 0 && log.latest(1)?.isClosed == false)
    #expect(scratch.names(in: "jobs/\(batch.folder)").contains("begun"))
  }

  @Test("one that can't be stopped stays in mind and is held, to be tried again")
  func cannotBeStopped() async throws {
    let machine = try EngineUnitTests.StandIn()
    let runner = try runner(machine, log)
    let batch = try await begin(runner)
    // systemd does not stop what it believes to be frozen.
    try machine.folder.write("frozen\n", to: "freezer")
    runner.close(job: JobNumber(1), folder: batch.folder, .cancelled)
    #expect(try await log.wait { !$0.held.isEmpty })
    #expect(log.latest(1)?.isClosed == false)
    try machine.folder.write("running\n", to: "freezer")
    runner.close(job: JobNumber(1), folder: batch.folder, .cancelled)
    #expect(try await log.wait { $0.latest(1)?.isClosed == true })
    #expect(machine.folder.read("state") == "inactive\n")
    runner.stop()
  }

  @Test("a job whose command, or whose engine, is in the configuration no more can be taken back")
  func withoutConfiguration() async throws {
    let machine = try EngineUnitTests.StandIn()
    let first = try runner(machine, log)
    let command = try first.stage(
      BatchRequest(file: "photos"), power: .zero, terms: BatchTerms())
    first.stop()
    let log = log
    let none = try CommandRunner([], jobsDirectory: scratch.path + "/jobs") { log.add($0) }
    let household = HouseholdRunner(commands: none, batches: nil) { log.add($0) }
    for (job, folder) in [(Int64(1), command.folder), (2, "batch-00000000")] {
      household.start(job: JobNumber(job), folder: folder)
      household.close(job: JobNumber(job), folder: folder, .cancelled)
      #expect(try await log.wait { $0.latest(job)?.isClosed == true })
    }
    #expect(
      log.held == [
        "the configuration knows no command \"photos\" any more", "no engine is configured",
      ])
    household.stop()
  }

  @Test("a job that was being taken back when the node died is closed in the next life")
  func closesLater() async throws {
    let machine = try EngineUnitTests.StandIn()
    let first = try runner(machine, log)
    let batch = try await begin(first)
    let later = EventLog()
    let second = try runner(machine, later)
    second.close(job: JobNumber(1), folder: batch.folder, .cancelled)
    #expect(try await later.wait { $0.latest(1)?.isClosed == true })
    #expect(machine.folder.read("state") == "inactive\n")
    second.stop()
    first.stop()
  }
}
