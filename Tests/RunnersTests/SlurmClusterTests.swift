import Glibc
import Planning
import Quantities
import Testing
import Texting

@testable import Runners

/// Against a real Slurm, whose daemons the tests start in folders of their own.
struct SlurmClusterTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  func settings(_ cluster: SlurmCluster, engine: StandInEngine) throws -> SlurmSettings {
    SlurmSettings(
      node: "amani", licence: "surplus100w",
      command: [try #require(SlurmCluster.feedProgram), "feed"],
      engine: "http://127.0.0.1:\(engine.port)", configurationFile: cluster.configurationFile,
      pollMilliseconds: 200, patienceMilliseconds: 500, claimMilliseconds: 1_000)
  }

  func runner(_ settings: SlurmSettings) throws -> SlurmRunner {
    let log = log
    return try SlurmRunner(settings, jobsDirectory: scratch.path + "/jobs") { log.add($0) }
  }

  func stage(_ count: Int, watts: Int64, with runner: SlurmRunner) throws -> StagedBatch {
    try scratch.write(BatchText.requests(count), to: "evening.jsonl")
    return try runner.stage(
      BatchRequest(file: scratch.path + "/evening.jsonl"), power: Power(watts: watts))
  }

  func output(of batch: StagedBatch) -> [String] {
    BatchText.ids(in: scratch.read("jobs/\(batch.folder)/output.jsonl"))
  }

  @Test("answers each line of three jobs once through days of sun, slurmctld killed in the middle")
  func curve() async throws {
    guard SlurmCluster.isInstalled else { return }
    let cluster = try await SlurmCluster(in: scratch, licences: "surplus100w:5")
    let engine = try StandInEngine(slots: 6, tokensPerSecond: 20)
    defer { engine.stop() }
    let runner = try runner(try settings(cluster, engine: engine))
    defer { runner.stop() }
    let watts: [Int64] = [100, 150, 200]
    let batches = try watts.map { try stage(Self.lines, watts: $0, with: runner) }
    let numbers = batches.indices.map { JobNumber(Int64($0) + 1) }
    for (number, batch) in zip(numbers, batches) {
      runner.prepare(job: number, folder: batch.folder, power: batch.power)
    }
    #expect(try await log.wait { _ in cluster.listing("%i").count == 3 })
    #expect(
      cluster.listing("%T %r %W").sorted() == [
        "PENDING JobHeldUser surplus100w:1", "PENDING JobHeldUser surplus100w:2",
        "PENDING JobHeldUser surplus100w:2",
      ])
    let clock = ContinuousClock()
    let begun = clock.now
    var wanted: Set<JobNumber> = []
    var pauses = 0
    var controller = Controller.first
    while !numbers.allSatisfy(isDone) {
      let elapsed = Int64((clock.now - begun) / .milliseconds(1))
      try #require(elapsed < 110_000, "\(cluster.ask("sinfo", ["--list-reasons"]))")
      for (index, number) in numbers.enumerated() where !isDone(number) {
        let runs = Self.spare(at: elapsed) >= watts[index]
        guard runs != wanted.contains(number) else { continue }
        if runs {
          wanted.insert(number)
          runner.start(job: number, folder: batches[index].folder)
        } else {
          wanted.remove(number)
          pauses += 1
          runner.pause(job: number)
        }
      }
      switch controller {
      // Slurm saves its state every five seconds: killed any sooner after a job began, it would
      // begin it twice, find that out and take the node out of service.
      case .first where elapsed > 7_200:
        cluster.killController()
        controller = .away
      case .away:
        guard case .unavailable? = log.engineStates.last else { break }
        try cluster.startController()
        controller = .second
      case .second where elapsed > 2 * Self.dayMilliseconds + 5_000:
        try cluster.restartController()
        controller = .restarted
      case .first, .second, .restarted: break
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    let isBooked = try await log.wait(seconds: 20) { _ in
      numbers.allSatisfy { runner.account(of: $0)?.state == "done" }
    }
    let accounts = numbers.compactMap { runner.account(of: $0) }
    #expect(isBooked, "\(accounts) \(cluster.listing("%i %T %r %j"))")
    let seconds = (clock.now - begun) / .seconds(1)
    print("slurm: \(pauses) pauses in \(seconds) s, runs \(accounts.map(\.runs))")
    for batch in batches { #expect(output(of: batch) == BatchText.ids(Self.lines)) }
    #expect(log.held.isEmpty)
    #expect(pauses >= 6)
    #expect(accounts.allSatisfy { $0.elapsed > .zero && $0.runs > 1 })
    #expect(accounts.map(\.runs).reduce(0, +) >= 7)
    #expect(controller == .restarted)
    let states = log.engineStates
    #expect(states.count == 3 && states.first == states.last)
  }

  private enum Controller { case first, away, second, restarted }

  private static let lines = 64
  private static let dayMilliseconds: Int64 = 9_000

  private func isDone(_ job: JobNumber) -> Bool {
    guard let progress = log.latest(job.value) else { return false }
    return progress.completed == Self.lines && progress.inFlight == 0 && !progress.feeding
  }

  /// A day of nine seconds: 600 W at noon, nothing at midnight.
  private static func spare(at milliseconds: Int64) -> Int64 {
    600 - abs(milliseconds % dayMilliseconds - dayMilliseconds / 2) * 1200 / dayMilliseconds
  }

  @Test("stops a job on the spot and lets it go on, time and again, by suspending it")
  func suspension() async throws {
    guard SlurmCluster.isInstalled else { return }
    let cluster = try await SlurmCluster(in: scratch, licences: "surplus100w:1")
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 200)
    defer { engine.stop() }
    var settings = try settings(cluster, engine: engine)
    settings.mode = .suspend
    let runner = try runner(settings)
    defer { runner.stop() }
    let batch = try stage(120, watts: 100, with: runner)
    for pause in 1...5 {
      runner.start(job: JobNumber(1), folder: batch.folder)
      #expect(
        try await log.wait { log in
          (log.latest(1)?.completed ?? 0) >= pause * 4 && log.latest(1)?.inFlight == 1
        })
      runner.pause(job: JobNumber(1))
      #expect(
        try await log.wait { log in
          guard let progress = log.latest(1) else { return false }
          return !progress.feeding && progress.inFlight == 0
        })
      #expect(cluster.listing("%T %r") == ["SUSPENDED None"])
    }
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 120))
    #expect(try await log.wait { _ in runner.account(of: JobNumber(1))?.state == "done" })
    #expect(output(of: batch) == BatchText.ids(120))
    #expect(log.held.isEmpty)
    #expect(runner.account(of: JobNumber(1))?.runs == 1)
  }

  @Test("submits a job once though the answer is lost, and finds it again in its next life")
  func lostAnswer() async throws {
    guard SlurmCluster.isInstalled else { return }
    let cluster = try await SlurmCluster(in: scratch, licences: "surplus100w:1")
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 40)
    defer { engine.stop() }
    var settings = try settings(cluster, engine: engine)
    settings.programDirectory = try forgetfulPrograms()
    let first = try runner(settings)
    let batch = try stage(40, watts: 100, with: first)
    first.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { ($0.latest(1)?.completed ?? 0) >= 4 })
    #expect(cluster.listing("%i %T") == ["1 RUNNING"])
    first.stop()
    settings.programDirectory = nil
    let second = try runner(settings)
    // Nobody asks for it: after a while it is put back.
    #expect(try await log.wait { _ in cluster.listing("%i %T") == ["1 PENDING"] })
    #expect(output(of: batch).isEmpty)
    second.stop()
    let third = try runner(settings)
    defer { third.stop() }
    third.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 40))
    #expect(try await log.wait { _ in third.account(of: JobNumber(1))?.state == "done" })
    #expect(output(of: batch) == BatchText.ids(40))
    #expect(cluster.ask("scontrol", ["show", "job", "2"]).contains("Invalid job id"))
    #expect(log.held.isEmpty)
  }

  /// Slurm's programs, of which `sbatch` does its work and then never says so.
  private func forgetfulPrograms() throws -> String {
    let folder = scratch.path + "/programs"
    mkdir(folder, 0o755)
    for name in ["squeue", "scontrol", "scancel"] {
      symlink("/usr/bin/" + name, folder + "/" + name)
    }
    try scratch.write(
      "#!/bin/sh\n/usr/bin/sbatch \"$@\" >/dev/null\nexit 1\n", to: "programs/sbatch")
    chmod(folder + "/sbatch", 0o755)
    return folder
  }

  @Test("holds what fails and says why, cancels what is not wanted, waits for licences")
  func endings() async throws {
    guard SlurmCluster.isInstalled else { return }
    let cluster = try await SlurmCluster(in: scratch, licences: "surplus100w:3")
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 1)
    defer { engine.stop() }
    var settings = try settings(cluster, engine: engine)
    let runner = try runner(settings)
    let long = try [200, 200].map { try stage(4, watts: $0, with: runner) }
    for (index, batch) in long.enumerated() {
      runner.start(job: JobNumber(Int64(index) + 1), folder: batch.folder)
    }
    // Two of 200 W with 300 W to spare: the second waits.
    #expect(
      try await log.wait { _ in
        runner.account(of: JobNumber(1))?.state == "runs"
          && runner.account(of: JobNumber(2))?.state == "waits (Licenses)"
      })
    for number in 1...2 { runner.cancel(job: JobNumber(Int64(number))) }
    #expect(try await log.wait { _ in cluster.listing("%i").isEmpty })
    #expect(try await log.wait { $0.latest(1)?.inFlight == 0 && $0.latest(1)?.feeding == false })
    #expect(log.held.isEmpty)
    runner.stop()
    settings.command = ["/bin/sh", "-c", "echo the engine has no room >&2; exit 3"]
    let failing = try self.runner(settings)
    failing.start(job: JobNumber(3), folder: long[0].folder)
    #expect(try await log.wait { $0.held.count == 1 })
    #expect(
      log.held == ["Slurm job 3 ended with exit status 3: the engine has no room"])
    failing.stop()
    settings.options = ["--nodelist=elsewhere"]
    let refused = try self.runner(settings)
    defer { refused.stop() }
    refused.start(job: JobNumber(4), folder: long[1].folder)
    #expect(try await log.wait { $0.held.count == 2 })
    #expect(log.held.last?.contains("Invalid node name specified") == true)
    #expect(cluster.listing("%i").isEmpty)
  }
}
