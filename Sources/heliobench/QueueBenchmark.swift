import Glibc
import Planning
import Quantities
import Runners
import Texting

/// Feeds a staged batch to an engine as a node does, from its first request to its last result.
struct QueueBenchmark {
  /// What the runner told that matters here.
  private enum Word: Sendable {
    case ready, ended, held(String)
  }

  /// The folder in which the batch is staged.
  let directory: String
  let address: String

  // MARK: batch files

  /// Writes `lines` requests for chats, each about `bytes` long.
  static func write(_ path: String, lines: Int, bytes: Int) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Complaint("\(path): errno \(errno)") }
    defer { close(file) }
    let words = Array("What will the sun do tomorrow, and what should we make of it? ".utf8)
    for number in 1...lines {
      let head =
        "{\"custom_id\":\"request-\(number)\",\"method\":\"POST\","
        + "\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"null\",\"max_tokens\":64,"
        + "\"messages\":[{\"role\":\"user\",\"content\":\""
      var line = Array(head.utf8)
      let end = Array("\"}]}}\n".utf8)
      while line.count + end.count < bytes { line += words.prefix(bytes - line.count - end.count) }
      line += end
      guard Glibc.write(file, line, line.count) == line.count else {
        throw Complaint("\(path): errno \(errno)")
      }
    }
  }

  /// Checks a batch file and copies it into `directory`; prints the name of its folder there.
  static func stage(_ path: String, directory: String) throws {
    let staging = BatchStaging(jobsDirectory: directory, inboxDirectory: directory)
    let batch = try staging.stage(BatchRequest(file: path), power: .zero, terms: BatchTerms())
    Output.line(batch.folder)
  }

  // MARK: feeding

  /// Prints requests a second, each result durable; with `showsMemory` what was resident meanwhile.
  func run(folder: String, showsMemory: Bool) async throws {
    let (words, teller) = AsyncStream.makeStream(of: Word.self)
    let log = MemoryLog()
    let runner = try BatchRunner(
      engine: InferenceEngine(address: address), jobsDirectory: directory
    ) { event in
      switch event {
      case .engine(.ready): teller.yield(.ready)
      case .engine(.unavailable(let reason)): teller.yield(.held(reason))
      case .engine, .unloaded: break
      case .held(_, let reason): teller.yield(.held(reason))
      case .progress(let progress):
        if showsMemory { log.look(lines: progress.completed + progress.failed) }
        if progress.isClosed { teller.yield(.ended) }
      }
    }
    defer { runner.stop() }
    var start: Int64 = 0
    for await word in words {
      switch word {
      case .ready:
        start = Self.nanoseconds()
        runner.start(job: JobNumber(1), folder: folder)
      case .held(let reason): throw Complaint(reason)
      case .ended:
        let elapsed = Self.nanoseconds() - start
        let lines = try Self.lines(of: "\(directory)/\(folder)/output.jsonl")
        Output.line("\(Int64(lines) * 1_000_000_000 / max(elapsed, 1))")
        if showsMemory { log.all.forEach { Output.line("\($0.lines) \($0.kilobytes)") } }
        return
      }
    }
  }

  private static func lines(of path: String) throws -> Int {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Complaint("\(path): errno \(errno)") }
    defer { close(file) }
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var lines = 0
    while true {
      let count = read(file, &chunk, chunk.count)
      guard count > 0 else { return lines }
      lines += chunk[..<count].count { $0 == 0x0A }
    }
  }

  static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
