import FoundationEssentials
import Glibc
import Planning
import Quantities
import Runners
import Simulation
import Synchronization
import Texting

/// A batch and its node under clouds that come and go.
struct CloudyRun {
  private static let job = 1
  private static let trialRequests = 6
  /// Between two clouds the job runs for about so long.
  private static let sunnySeconds: Int64 = 360

  private let options: CloudyCommand.Options
  private let speed: Int64
  private let batch: TrackedBatch
  private var place: LoneHouse
  private var problems: [String] = []

  /// Tries the engine, then makes the house.
  init(_ options: CloudyCommand.Options, signals: StreetSignals) async throws {
    self.options = options
    let each = try await Self.trial(options)
    // Time for half as many clouds again as pauses are asked for.
    let spells = Int64(options.pauses) * 3 / 2
    speed = min(max(1, spells * Self.sunnySeconds * 1000 / (Int64(options.requests) * each)), 600)
    print("The engine takes \(each) ms for each request: the clock runs \(speed) times as fast")
    place = try LoneHouse(
      LoneHouse.Day(
        directory: options.directory, binaries: options.binaries, profiles: options.profiles,
        seed: options.seed, sky: .broken, speed: speed, fromMinute: 540, toMinute: 1140,
        engine: options.engine, model: options.model, surplusSeconds: 30),
      signals: signals)
    batch = Self.batch("cloudy", options.requests, options, jobs: place.node.folder + "/jobs")
  }

  private static func batch(
    _ name: String, _ count: Int, _ options: CloudyCommand.Options, jobs: String
  ) -> TrackedBatch {
    var position = 0
    return TrackedBatch(name: name, count: count, jobs: jobs) { customID in
      position += 1
      return """
        {"custom_id":"\(customID)","method":"POST","url":"/v1/chat/completions","body":\
        {"model":"\(options.model)","messages":[{"role":"user","content":\
        "Tell me about the number \(position) and the sun."}],"max_tokens":\(options.tokens)}}
        """
    }
  }

  /// How long the engine takes for a request, in milliseconds, with all its slots at work.
  private static func trial(_ options: CloudyCommand.Options) async throws -> Int64 {
    let folder = FileManager.default.temporaryDirectory.path + "/heliograph-trial-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let text = batch("trial", trialRequests, options, jobs: folder).text
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(filePath: folder + "/trial.jsonl"))
    let done = Mutex((completed: 0, failed: 0, first: Int64(0)))
    let runner = try BatchRunner(
      engine: InferenceEngine(address: options.engine), jobsDirectory: folder + "/jobs"
    ) { event in
      guard case .progress(let progress) = event else { return }
      done.withLock { done in
        if progress.inFlight > 0, done.first == 0 { done.first = StreetSystem.uptime() }
        done.completed = progress.completed
        done.failed = progress.failed
      }
    }
    defer { runner.stop() }
    let staged = try runner.stage(
      BatchRequest(file: folder + "/trial.jsonl"), power: Power(watts: 60))
    runner.start(job: JobNumber(1), folder: staged.folder)
    let deadline = StreetSystem.uptime() + 120_000
    while done.withLock({ $0.completed }) < trialRequests {
      guard done.withLock({ $0.failed }) == 0, StreetSystem.uptime() < deadline else {
        throw StreetError("\(options.engine) answers no request: is an engine there?")
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    let begun = done.withLock { $0.first }
    return max(1, (StreetSystem.uptime() - begun) / Int64(trialRequests))
  }

  /// Lives until the batch is done; returns the exit code.
  mutating func live() -> Int32 {
    let begun = StreetSystem.uptime()
    defer { place.tearDown() }
    do {
      try place.start()
      try place.handIn(batch, watts: 2000)
      while !batch.isFinished { try place.turn() }
      // The node hears of it a moment later.
      while place.node.snapshot?.day.requestsCompleted != options.requests {
        try place.turn()
      }
    } catch {
      problems.append("\(error)")
    }
    problems += batch.problems()
    report(seconds: (StreetSystem.uptime() - begun) / 1000)
    return problems.isEmpty ? 0 : 1
  }

  /// How often the journal says that the job pauses.
  private var pauses: Int {
    let content = FileManager.default.contents(atPath: place.node.log) ?? Data()
    return String(decoding: content, as: UTF8.self).split(separator: "\n")
      .count { $0.contains("job \(Self.job) pauses: ") }
  }

  private mutating func report(seconds: Int64) {
    let pauses = pauses
    let today = place.node.ask("TODAY") ?? "no answer"
    if pauses < options.pauses {
      problems.append("\(pauses) pauses, expected \(options.pauses) or more; see \(place.node.log)")
    }
    for words in ["\(options.requests) done", "paused \(pauses)x"] where !today.contains(words) {
      problems.append("the node's own account lacks \"\(words)\": \(today)")
    }
    let lines = batch.ids(in: "output.jsonl")?.count ?? 0
    print(
      "\(options.requests) requests through \(pauses) pauses in \(seconds) s: \(lines) lines, "
        + "\(Set(batch.ids(in: "output.jsonl") ?? []).count) custom ids")
    print("The node says: \(today)")
    print("  \(place.node.ask("JOB \(Self.job)") ?? "")")
    problems.forEach { print("  \($0)") }
  }
}
