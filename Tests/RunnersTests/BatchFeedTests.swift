import Glibc
import Planning
import Quantities
import Synchronization
import Testing
import Texting
import Thrown

import Runners

/// What a cluster's node runs for a job.
struct BatchFeedTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  func stage(_ count: Int) throws -> String {
    try scratch.write(BatchText.requests(count), to: "evening.jsonl")
    let staging = BatchStaging(
      jobsDirectory: scratch.path + "/jobs", inboxDirectory: scratch.path)
    let batch = try staging.stage(
      BatchRequest(file: "evening.jsonl"), power: Power(watts: 60), terms: BatchTerms())
    return scratch.path + "/jobs/" + batch.folder
  }

  func feed(_ folder: String, _ address: String) throws -> BatchFeed {
    let log = log
    let limits = EngineLimits(backOffMilliseconds: 20, longestBackOffMilliseconds: 100)
    return try BatchFeed(
      folder: folder, engine: InferenceEngine(address: address, limits: limits)
    ) { log.add($0) }
  }

  func ids(_ folder: String, _ name: String) -> [String] {
    BatchText.ids(in: scratch.read(String(folder.dropFirst(scratch.path.count + 1)) + "/" + name))
  }

  @Test("works a folder off in two goes, and says of a third that it is done")
  func drains() async throws {
    // Ten seconds for the whole: however busy the machine, it is drained before its end.
    let slow = try StandInEngine(slots: 2, tokensPerSecond: 20)
    defer { slow.stop() }
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 2000)
    defer { engine.stop() }
    let folder = try stage(30)
    let address = "http://127.0.0.1:\(engine.port)"
    let first = try feed(folder + "/", "http://127.0.0.1:\(slow.port)")
    async let ending = besidePool { first.run(patienceMilliseconds: 60_000) }
    #expect(try await log.wait { ($0.latest(1)?.completed ?? 0) >= 5 })
    first.drain()
    guard case .drained(let progress?) = try await ending else {
      Issue.record("it did not drain")
      return
    }
    #expect(progress.completed >= 5 && progress.completed < 30)
    #expect(ids(folder, "output.partial.jsonl").count == progress.completed)
    for _ in 1...2 {
      let next = try feed(folder, address)
      guard case .done(let all) = try await besidePool({ next.run(patienceMilliseconds: 60_000) })
      else {
        Issue.record("it is not done")
        return
      }
      #expect(all.completed == 30)
    }
    #expect(ids(folder, "output.jsonl") == BatchText.ids(30))
  }

  @Test("waits for a run before it to let go of the folder, but not for ever")
  func locked() async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 1)
    defer { engine.stop() }
    let folder = try stage(2)
    let address = "http://127.0.0.1:\(engine.port)"
    let first = try feed(folder, address)
    async let ending = besidePool { first.run(patienceMilliseconds: 60_000) }
    #expect(try await log.wait { $0.latest(1)?.inFlight == 2 })
    let second = try feed(folder, address)
    let refused = try await besidePool { second.run(patienceMilliseconds: 300) }
    #expect(refused == .failed(reason: "\(folder): another run still works on it"))
    let third = try feed(folder, address)
    async let drained = besidePool { third.run(patienceMilliseconds: 60_000) }
    third.drain()
    #expect(try await drained == .drained(nil))
    engine.stop()
    first.drain()
    _ = try await ending
  }

  @Test("gives up an engine that is not there in the time it has")
  func absentEngine() async throws {
    let folder = try stage(2)
    let socket = scratch.path + "/engine.sock"
    let feed = try feed(folder, socket)
    let ending = try await besidePool { feed.run(patienceMilliseconds: 300) }
    guard case .failed(let reason) = ending else {
      Issue.record("it did not give up")
      return
    }
    #expect(reason.contains(socket))
  }

  @Test("says what is wrong with a folder")
  func badFolder() async throws {
    let path = scratch.path
    let feed = try feed(path, "http://127.0.0.1:9")
    let ending = try await besidePool { feed.run(patienceMilliseconds: 300) }
    #expect(
      ending
        == .failed(reason: "\(path)/input.jsonl can't be opened: No such file or directory"))
  }

  @Test("counts another process's lines as they come: whole ones, each once, tokens too")
  func tally() throws {
    let folder = try stage(4)
    let name = String(folder.dropFirst(scratch.path.count + 1))
    let tally = try ResultsTally(path: folder)
    tally.refresh()
    #expect(tally.completed == 0 && !tally.isFinished)
    func line(_ id: Int) -> String {
      "{\"custom_id\":\"request-\(id)\",\"response\":{\"body\":{\"usage\":"
        + "{\"completion_tokens\":\(id)}}}}\n"
    }
    try scratch.write(line(1) + line(2) + line(3).prefix(30), to: name + "/output.partial.jsonl")
    tally.refresh()
    #expect(tally.completed == 2 && tally.completionTokens == 3)
    // The writer keeps room for further lines, and may be in the middle of one.
    let room = String(repeating: "\n", count: 200)
    for begun in ["", String(line(3).prefix(30))] {
      try scratch.write(line(1) + line(2) + begun + room, to: name + "/output.partial.jsonl")
      tally.refresh()
      #expect(tally.completed == 2 && tally.completionTokens == 3)
    }
    // A torn line is cut off by the next run and done again.
    try scratch.write(line(1) + line(2) + line(3) + room, to: name + "/output.partial.jsonl")
    try scratch.write("{\"custom_id\":\"request-4\"}\n", to: name + "/errors.partial.jsonl")
    tally.refresh()
    tally.refresh()
    #expect(tally.completed == 3 && tally.failed == 1 && tally.completionTokens == 6)
    #expect(!tally.isFinished)
    try scratch.write(line(1) + line(2) + line(3), to: name + "/output.partial.jsonl")
    for kind in ["errors", "output"] {
      rename("\(folder)/\(kind).partial.jsonl", "\(folder)/\(kind).jsonl")
    }
    tally.refresh()
    #expect(tally.completed == 3 && tally.failed == 1 && tally.isFinished)
    let later = try ResultsTally(path: folder)
    later.refresh()
    #expect(later.completed == 3 && later.failed == 1 && later.completionTokens == 6)
  }

  @Test("ends a program that hangs, says too much or is not there, and hears both its outputs")
  func programs() throws {
    func run(
      _ words: String, within milliseconds: Int64 = 20_000, isGivenUp: Bool = false
    ) throws -> ProgramRun {
      try ProgramRun(
        "/bin/sh", ["-c", words], environment: ["WORD=sun"], within: milliseconds,
        isGivenUp: { isGivenUp })
    }
    let good = try run("echo $WORD; echo rain >&2; exit 3")
    #expect(good.output == "sun\n" && good.complaint == "rain\n" && good.status == 3)
    #expect(try run("kill -9 $$").status == 137)
    let hanging = thrown(ProgramRun.Failure.self) { try run("sleep 100", within: 200) }
    #expect(hanging == .broken("did not answer in time"))
    let mute = thrown(ProgramRun.Failure.self) {
      try run("exec >/dev/null 2>&1; sleep 100", within: 200)
    }
    #expect(mute == .broken("did not end in time"))
    let loud = thrown(ProgramRun.Failure.self) { try run("yes $WORD") }
    #expect(loud == .broken("said too much"))
    let unwanted = thrown(ProgramRun.Failure.self) { try run("sleep 100", isGivenUp: true) }
    #expect(unwanted == .givenUp)
    let missing = thrown(ProgramRun.Failure.self) {
      try ProgramRun(
        "/nowhere/squeue", [], environment: [], within: 1000, isGivenUp: { false })
    }
    #expect(
      missing == .notStarted("/nowhere/squeue can't be run: No such file or directory"))
  }
}
