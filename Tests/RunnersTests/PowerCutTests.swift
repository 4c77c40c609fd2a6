import Glibc
import Planning
import Quantities
import Runners
import Testing
import Texting

/// The power fails between any two steps of the runner's, and the disk forgets what it may.
@Suite("A power cut at any step")
struct PowerCutTests {
  private static let longTokens = 60
  private static let requests = 7

  private let scratch: ScratchFolder
  private let log = EventLog()
  private let disk = DiskLog()

  init() throws { scratch = try ScratchFolder() }

  /// Two short requests, one that the engine refuses, four long ones that can be gone on with.
  private static func batch() -> String {
    let refused =
      #"{"custom_id":"request-3","method":"POST","url":"/v1/embeddings","body":"#
      + #"{"model":"stand-in","input":"sun"}}"#
    let long = (4...requests).map { number in
      #"{"custom_id":"request-\#(number)","method":"POST","url":"/v1/chat/completions","body":"#
        + #"{"model":"stand-in","messages":[{"role":"user","content":"Go on"}],"#
        + #""ignore_eos":true,"max_tokens":\#(longTokens)}}"#
    }
    return BatchText.requests(2) + ([refused] + long).map { $0 + "\n" }.joined()
  }

  private static let longText: String = {
    let reply = "[stand-in, no model] This reply holds no answer: no model is installed here."
    let words = reply.split(separator: " ").map(String.init)
    return (0..<longTokens).map { words[$0 % words.count] }.joined(separator: " ") + "\""
  }()

  private func runner(_ engine: StandInEngine, jobs: String? = nil) throws -> BatchRunner {
    let (log, disk) = (log, disk)
    return try BatchRunner(
      engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)"),
      jobsDirectory: jobs ?? scratch.path + "/jobs", witness: disk
    ) { event in
      disk.heard(event)
      log.add(event)
    }
  }

  /// Runs the batch with two cuts; what happened is in `disk`. `ending` closes it before its end.
  private func live(_ ending: JobEnding? = nil) async throws -> StagedBatch {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 60)
    defer { engine.stop() }
    let runner = try runner(engine)
    defer { runner.stop() }
    try scratch.write(Self.batch(), to: "cut.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/cut.jsonl"), power: Power(watts: 60))
    disk.staged()
    for _ in 0..<2 {
      let done = log.latest(1).map { $0.completed + $0.failed } ?? 0
      runner.start(job: JobNumber(1), folder: batch.folder)
      // Some are done, and another one has begun to stream.
      try #require(
        try await log.wait { log in
          log.latest(1).map { $0.completed + $0.failed > done && $0.inFlight == 2 } ?? false
        })
      try await Task.sleep(for: .milliseconds(200))
      runner.pause(job: JobNumber(1), .cut)
      try #require(
        try await log.wait { $0.latest(1)?.feeding == false && $0.latest(1)?.inFlight == 0 })
    }
    if let ending {
      runner.close(job: JobNumber(1), folder: batch.folder, ending)
      try #require(try await log.wait { $0.latest(1)?.isClosed == true })
    } else {
      runner.start(job: JobNumber(1), folder: batch.folder)
      try #require(try await log.waitForEnd(requests: Self.requests))
    }
    return batch
  }

  @Test("loses no line, doubles none, and takes back nothing that was counted")
  func powerCut() async throws {
    try await holds(ending: nil)
  }

  @Test("in the middle of writing down what came too late, as well")
  func powerCutWhileExpiring() async throws {
    try await holds(ending: .expired)
  }

  private func holds(ending: JobEnding?) async throws {
    let batch = try await live(ending)
    let fast = try StandInEngine(slots: 2, tokensPerSecond: 20_000)
    defer { fast.stop() }
    var memory = ForgetfulDisk()
    var counted = 0
    var isStaged = false
    var tried: Set<[String: [UInt8]]> = []
    for entry in disk.entries {
      switch entry {
      case .step(let step): memory.take(step)
      case .told(.progress(let progress)): counted = progress.completed + progress.failed
      case .told: continue
      case .staged: isStaged = true
      }
      for loss in ForgetfulDisk.Loss.allCases {
        let files = memory.remains(after: loss)
        let input = scratch.path + "/jobs/\(batch.folder)/input.jsonl"
        guard let staged = files[input] else {
          // What the node was never told of may be gone.
          #expect(!isStaged, "\(loss): a batch that was taken is gone")
          continue
        }
        #expect(staged == Array(Self.batch().utf8), "\(loss)")
        let lines = Self.wholeLines(of: files)
        try #require(lines >= counted, "\(loss): \(lines) lines on disk, \(counted) were counted")
        guard tried.insert(files).inserted else { continue }
        let isRight = try await recover(
          files, batch, fast, number: tried.count, ending: ending)
        try #require(isRight, "\(loss) after \(counted) counted: \(files.keys.sorted())")
      }
    }
    // A log without cuts and pauses would show nothing.
    #expect(tried.count >= 20)
  }

  private static func wholeLines(of files: [String: [UInt8]]) -> Int {
    files.filter { $0.key.contains("/output.") || $0.key.contains("/errors.") }
      .reduce(0) { sum, file in
        // Up to the first that is torn or empty.
        let lines = file.value.split(separator: 0x0A, omittingEmptySubsequences: false)
        return sum + lines.prefix(while: isWhole).count
      }
  }

  private static func isWhole(_ line: ArraySlice<UInt8>) -> Bool {
    line.first == UInt8(ascii: "{") && line.last == UInt8(ascii: "}")
  }

  /// Whether a new runner makes of what is left what it should.
  private func recover(
    _ files: [String: [UInt8]], _ batch: StagedBatch, _ engine: StandInEngine, number: Int,
    ending: JobEnding?
  ) async throws -> Bool {
    let folder = "again-\(number)/\(batch.folder)"
    mkdir(scratch.path + "/again-\(number)", 0o700)
    mkdir(scratch.path + "/" + folder, 0o700)
    for (path, bytes) in files {
      guard let name = path.split(separator: "/").last else { continue }
      try scratch.write(String(decoding: bytes, as: UTF8.self), to: folder + "/" + name)
    }
    let again = EventLog()
    let runner = try BatchRunner(
      engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)"),
      jobsDirectory: scratch.path + "/again-\(number)"
    ) { again.add($0) }
    defer { runner.stop() }
    if let ending {
      runner.close(job: JobNumber(1), folder: batch.folder, ending)
      try #require(try await again.wait(seconds: 30) { $0.latest(1)?.isClosed == true })
    } else {
      runner.start(job: JobNumber(1), folder: batch.folder)
      try #require(try await again.waitForEnd(requests: Self.requests))
    }
    let output = scratch.read(folder + "/output.jsonl")
    let errors = scratch.read(folder + "/errors.jsonl")
    let found = BatchText.ids(in: (output ?? "") + (errors ?? ""))
    let long = output?.split(separator: "\n").filter { $0.contains("\"completion_tokens\":60") }
    let isWhole = long?.allSatisfy { $0.contains(Self.longText) } ?? false
    let left = scratch.names(in: folder).filter { $0.contains(".partial") }
    guard ending == nil else {
      return found == BatchText.ids(Self.requests) && isWhole && left.isEmpty
    }
    return found == BatchText.ids(Self.requests) && BatchText.ids(in: errors) == ["request-3"]
      && long?.count == 4 && isWhole && left.isEmpty
  }
}
