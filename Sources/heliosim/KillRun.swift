import FoundationEssentials
import Glibc
import Quantities
import Simulation

/// A node, an engine, and somebody who kills them, under a sun that is always there.
struct KillRun {
  private enum Victim: CaseIterable {
    case daemon, engine, both
  }

  /// What the engine was asked, in a folder of its own that is not the node's.
  private struct EngineLog {
    let path: String

    /// The custom ids asked for so far, again and again; each stands between two number signs.
    var asked: [String] {
      let content = FileManager.default.contents(atPath: path) ?? Data()
      return content.split(separator: 0x0A).map { line in
        let parts = line.split(separator: UInt8(ascii: "#"), omittingEmptySubsequences: false)
        return parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : "unknown"
      }
    }
  }

  private static let slots = 2
  private static let tokensPerSecond = 60
  /// A batch that has not ended so long after the last kill never will.
  private static let patienceMilliseconds: Int64 = 60_000

  private let options: KillCommand.Options
  private let enginePort: UInt16
  private let log: EngineLog
  private var place: LoneHouse
  private var random: RandomSource
  private var engine: StreetProcess?
  private var batch: TrackedBatch
  private var batches = 0
  /// Of the batch that runs.
  private var kills = 0
  private var askedBefore = 0
  private var tally: [Victim: Int] = [:]
  private var repeated = 0
  private var nudgedAt: Int64 = 0
  private var problems: [String] = []

  init(_ options: KillCommand.Options, signals: StreetSignals) throws(StreetError) {
    self.options = options
    random = RandomSource(seed: options.seed)
    enginePort = try StreetSystem.freePorts(1)[0]
    place = try LoneHouse(
      LoneHouse.Day(
        directory: options.directory, binaries: options.binaries, profiles: options.profiles,
        seed: options.seed, sky: .clear, speed: 25, fromMinute: 480, toMinute: 1080,
        engine: "http://127.0.0.1:\(enginePort)", model: "stand-in", surplusSeconds: 0,
        disk: options.disk),
      signals: signals)
    log = EngineLog(path: place.directory.folder("batches") + "/asked.log")
    batch = Self.batch(1, count: options.requests, jobs: place.node.folder + "/jobs")
  }

  /// Every eighth request is a long one: what was generated of it before a kill is gone on with.
  private static func batch(_ number: Int, count: Int, jobs: String) -> TrackedBatch {
    var position = 0
    return TrackedBatch(name: "kill\(number)", count: count, jobs: jobs) { customID in
      position += 1
      let extra = position % 8 == 0 ? #","ignore_eos":true,"max_tokens":150"# : ""
      return """
        {"custom_id":"\(customID)","method":"POST","url":"/v1/chat/completions","body":\
        {"model":"stand-in","messages":[{"role":"user","content":"Request #\(customID)# please"}]\
        \(extra)}}
        """
    }
  }

  /// Lives through all moments; returns the exit code.
  mutating func live() -> Int32 {
    let begun = StreetSystem.uptime()
    defer { tearDown() }
    do {
      try startEngine()
      try place.start()
      try handIn()
      for _ in 0..<options.moments {
        try work(until: StreetSystem.uptime() + nextMoment())
        try strike()
      }
      try finish()
    } catch {
      problems.append("\(error)")
    }
    report(seconds: (StreetSystem.uptime() - begun) / 1000)
    return problems.isEmpty ? 0 : 1
  }

  /// Mostly while things start and work, now and then after a quiet spell.
  private mutating func nextMoment() -> Int64 {
    random.below(6) == 0 ? random.below(5000) : random.below(2000)
  }

  private mutating func work(until deadline: Int64) throws(StreetError) {
    while StreetSystem.uptime() < deadline {
      try turn()
      if batch.isFinished { try change() }
    }
  }

  /// One turn; a job that rests because its engine was gone is told to go on.
  private mutating func turn() throws(StreetError) {
    try place.turn()
    let uptime = StreetSystem.uptime()
    guard uptime - nudgedAt > 300, place.node.snapshot?.runningJobs.isEmpty == true else { return }
    nudgedAt = uptime
    _ = place.node.ask("RESUME")
  }

  // MARK: killing

  private mutating func strike() throws(StreetError) {
    let victim = Victim.allCases[Int(random.below(3))]
    let isEngineFirst = random.below(2) == 0
    kills += 1
    tally[victim, default: 0] += 1
    if victim == .engine || victim == .both && isEngineFirst { killEngine() }
    if victim != .engine { try place.killNode() }
    if victim == .both && !isEngineFirst { killEngine() }
    checkRepeats()
    if victim != .daemon { try startEngine() }
    if victim != .engine { try place.start() }
  }

  private mutating func startEngine() throws(StreetError) {
    let process = try StreetProcess.start(
      try StreetSystem.ownExecutable(),
      [
        "engine", "--port", "\(enginePort)", "--slots", "\(Self.slots)", "--rate",
        "\(Self.tokensPerSecond)", "--log", log.path,
      ], log: place.directory.folder("engine.log"))
    place.guardian.watch(process)
    engine = process
  }

  private mutating func killEngine() {
    guard let process = engine else { return }
    process.signal(SIGKILL)
    process.waitForEnd()
    place.guardian.release(process)
    engine = nil
  }

  // MARK: checking

  /// What was asked and is neither on disk nor in flight was asked in vain: at most what was in
  /// flight at each kill.
  private mutating func checkRepeats() {
    let asked = log.asked.count - askedBefore
    let bound = batch.durable + Self.slots * kills
    guard asked > bound else { return }
    problems.append(
      "\(batch.name): asked \(asked) times with \(batch.durable) lines on disk after "
        + "\(kills) kills")
  }

  /// Checks the batch that has ended and hands the next one in.
  private mutating func change() throws(StreetError) {
    try check()
    batch = Self.batch(
      batches + 1, count: options.requests, jobs: place.node.folder + "/jobs")
    kills = 0
    askedBefore = log.asked.count
    try handIn()
  }

  private mutating func handIn() throws(StreetError) {
    try place.handIn(batch, watts: 320)
  }

  private mutating func check() throws(StreetError) {
    batches += 1
    problems += batch.problems()
    let asked = log.asked.dropFirst(askedBefore)
    let again = asked.count - options.requests
    repeated += again
    if again > Self.slots * kills {
      problems.append("\(batch.name): \(again) requests repeated in \(kills) kills")
    }
    for customID in Set(batch.customIDs).subtracting(asked).sorted() {
      problems.append("\(customID): answered without being asked for")
    }
    for customID in Set(asked).subtracting(batch.customIDs).sorted() {
      problems.append("\(customID): asked for after its batch had ended")
    }
    try checkAccount()
    guard problems.isEmpty else { throw StreetError("\(batch.name) did not hold") }
  }

  /// The node's own count of the day, once it has seen the end.
  private mutating func checkAccount() throws(StreetError) {
    let expected = batches * options.requests
    let deadline = StreetSystem.uptime() + Self.patienceMilliseconds
    while place.node.snapshot?.day.requestsCompleted != expected {
      try turn()
      guard StreetSystem.uptime() < deadline else {
        let counted = place.node.ask("TODAY") ?? "no answer"
        return problems.append("\(expected) requests are done, and the node says: \(counted)")
      }
    }
  }

  /// Nothing is killed any more: the last batch comes to its end.
  private mutating func finish() throws(StreetError) {
    let deadline = StreetSystem.uptime() + Self.patienceMilliseconds
    while !batch.isFinished {
      try turn()
      guard StreetSystem.uptime() < deadline else {
        throw StreetError("\(batch.name) does not end: \(place.node.ask("JOBS") ?? "no answer")")
      }
    }
    try check()
  }

  private func report(seconds: Int64) {
    let requests = batches * options.requests
    let total = tally.values.reduce(0, +)
    print(
      "\(total) kills (\(tally[.daemon] ?? 0) of the daemon, \(tally[.engine] ?? 0) of the engine, "
        + "\(tally[.both] ?? 0) of both) in \(seconds) s: \(batches) batches, "
        + "\(requests) requests, \(repeated) asked again, at most \(Self.slots * total) allowed")
    for problem in problems { print("  \(problem)") }
    let again = "again: heliosim kill --seed \(options.seed)"
    print(problems.isEmpty ? "No line lost, none doubled." : again)
  }

  private mutating func tearDown() {
    killEngine()
    place.tearDown()
  }
}
