import Glibc
import Planning
import Quantities
import Runners
import Synchronization
import Texting

/// How long an engine goes on working once it was to pause, by each way of pausing.
///
/// Its last work is the moment after which it uses no more than two hundredths of a processor for a
/// second: a question about its slots is no work.
struct PauseBenchmark {
  enum Kind: String {
    /// What is in flight ends.
    case drain
    /// What is in flight is broken off, to be gone on with later.
    case cut
    /// The engine's process stands still.
    case freeze
    /// The engine's process ends.
    case stop
  }

  /// The processor time of a process at a moment of the monotonic clock.
  private struct Sample {
    var milliseconds: Int64
    /// Of 10 ms each, as Linux counts.
    var ticks: Int64
  }

  private static let sampleMicroseconds: UInt32 = 10_000
  private static let quietMilliseconds: Int64 = 1000
  private static let quietTicks: Int64 = 2
  private static let patienceMilliseconds: Int64 = 120_000
  private static let answers = 1000

  let directory: String
  let address: String
  let command: [String]

  /// Prints a line for each round, ms.
  func run(_ kind: Kind, rounds: Int) throws {
    let inFlight = Mutex(0)
    let runner = try BatchRunner(
      engine: InferenceEngine(address: address), jobsDirectory: directory + "/jobs"
    ) { event in
      if case .progress(let progress) = event { inFlight.withLock { $0 = progress.inFlight } }
    }
    defer { runner.stop() }
    let process = try EngineProcess(.command(command), directory: directory + "/engine") { _ in }
    defer { process.close() }
    let batch = try runner.stage(BatchRequest(file: try writeBatch()), power: .zero)
    for round in 0..<rounds {
      process.start()
      try wait("the engine did not start") { process.state == .running }
      try wait("no request was sent") {
        runner.look()
        runner.start(job: JobNumber(1), folder: batch.folder)
        return inFlight.withLock { $0 } > 0
      }
      guard let engine = Self.child() else { throw Complaint("the engine has no process") }
      // Some way into the answers, each time another.
      let busy = try Self.ticks(engine) + 100 + 17 * Int64(round)
      try wait("the engine does not work") { (try? Self.ticks(engine)) ?? 0 >= busy }
      let start = Self.milliseconds()
      switch kind {
      case .drain: runner.pause(job: JobNumber(1), .drain)
      case .cut: runner.pause(job: JobNumber(1), .cut)
      case .freeze: process.freeze()
      case .stop: process.stop()
      }
      Output.line("\(try lastWork(of: engine, after: start))")
      if kind == .freeze { process.thaw() }
      if kind == .stop { try wait("the engine did not end") { process.state == .stopped } }
    }
  }

  /// Samples the engine until it has been quiet long enough; milliseconds from `start`.
  private func lastWork(of engine: pid_t, after start: Int64) throws -> Int64 {
    var samples: [Sample] = []
    while true {
      let now = Self.milliseconds()
      // One that has ended works no more.
      let ticks = (try? Self.ticks(engine)) ?? samples.last?.ticks ?? 0
      samples.append(Sample(milliseconds: now, ticks: ticks))
      while let first = samples.first, now - first.milliseconds >= Self.quietMilliseconds {
        if ticks - first.ticks <= Self.quietTicks { return first.milliseconds - start }
        samples.removeFirst()
      }
      guard now - start < Self.patienceMilliseconds else {
        throw Complaint("the engine still works after \(Self.patienceMilliseconds / 1000) s")
      }
      usleep(Self.sampleMicroseconds)
    }
  }

  private func wait(_ complaint: String, until condition: () -> Bool) throws {
    let end = Self.milliseconds() + Self.patienceMilliseconds
    while !condition() {
      guard Self.milliseconds() < end else { throw Complaint(complaint) }
      usleep(Self.sampleMicroseconds)
    }
  }

  /// Long answers, all of one length; returns the file's path.
  private func writeBatch() throws -> String {
    let path = directory + "/long.jsonl"
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Complaint("\(path): errno \(errno)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    for number in 1...Self.answers {
      let line =
        "{\"custom_id\":\"long-\(number)\",\"method\":\"POST\","
        + "\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"any\",\"max_tokens\":128,"
        + "\"ignore_eos\":true,\"seed\":\(number),\"messages\":[{\"role\":\"user\","
        + "\"content\":\"Write a long story about a lighthouse.\"}]}}\n"
      bytes += Array(line.utf8)
    }
    guard write(file, bytes, bytes.count) == bytes.count else {
      throw Complaint("\(path): errno \(errno)")
    }
    return path
  }

  // MARK: processes

  /// The process that this one has started.
  private static func child() -> pid_t? {
    guard let listing = opendir("/proc") else { return nil }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard let process = pid_t(name), let fields = try? fields(process) else { continue }
      if fields.count > 1, fields[1] == "\(getpid())" { return process }
    }
    return nil
  }

  /// User and system time of all its threads.
  private static func ticks(_ process: pid_t) throws -> Int64 {
    let fields = try fields(process)
    guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else {
      throw Complaint("/proc/\(process)/stat is not as Linux writes it")
    }
    return user + system
  }

  /// What stands in /proc/PID/stat from the state on.
  private static func fields(_ process: pid_t) throws -> [Substring] {
    let path = "/proc/\(process)/stat"
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Complaint("\(path): errno \(errno)") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { throw Complaint("\(path): errno \(errno)") }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    // The name stands in brackets and may hold anything.
    guard let end = text.lastIndex(of: ")") else { return [] }
    return text[text.index(after: end)...].split(separator: " ")
  }

  private static func milliseconds() -> Int64 { QueueBenchmark.nanoseconds() / 1_000_000 }
}
