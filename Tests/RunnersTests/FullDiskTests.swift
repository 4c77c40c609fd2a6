import Glibc
import Planning
import Quantities
import Runners
import Testing
import Texting
import Thrown

/// A job's folder on a disk that is full, and then has room again.
@Suite("A full disk")
struct FullDiskTests {
  private let scratch: ScratchFolder
  private let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  /// A file system of so many KiB at `jobs`, taken away when the test lets go of it.
  private final class SmallDisk {
    private let path: String

    /// Nil, with a word about it, where this process may mount nothing.
    init?(at path: String, kibibytes: Int) {
      mkdir(path, 0o700)
      guard mount("tmpfs", path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
        print("SKIPPED: a full disk needs a small tmpfs, and mount(2) answers errno \(errno)")
        return nil
      }
      self.path = path
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }
  }

  private func disk(kibibytes: Int) -> SmallDisk? {
    SmallDisk(at: scratch.path + "/jobs", kibibytes: kibibytes)
  }

  /// Takes all the room that is left, down to `kibibytes`.
  private func fill(leaving kibibytes: Int) throws {
    var status = statvfs()
    try #require(statvfs(scratch.path + "/jobs", &status) == 0)
    let free = Int(status.f_bavail) * Int(status.f_bsize)
    let ballast = String(repeating: "x", count: max(0, free - kibibytes << 10))
    try scratch.write(ballast, to: "jobs/ballast")
  }

  private func makeRoom() { unlink(scratch.path + "/jobs/ballast") }

  private func runner(_ engine: StandInEngine) throws -> BatchRunner {
    let log = log
    return try BatchRunner(
      engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)"),
      jobsDirectory: scratch.path + "/jobs"
    ) { log.add($0) }
  }

  private func stage(_ lines: String, with runner: BatchRunner) throws -> StagedBatch {
    try scratch.write(lines, to: "evening.jsonl")
    return try runner.stage(
      BatchRequest(file: scratch.path + "/evening.jsonl"), power: Power(watts: 60))
  }

  @Test("holds a job whose results have no room, and goes on when there is some")
  func results() async throws {
    guard let disk = disk(kibibytes: 96) else { return }
    defer { withExtendedLifetime(disk) {} }
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 5000)
    defer { engine.stop() }
    let runner = try runner(engine)
    defer { runner.stop() }
    let batch = try stage(BatchText.requests(80), with: runner)
    try fill(leaving: 16)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.held.count == 1 && $0.latest(1)?.inFlight == 0 })
    #expect(log.held.first?.contains("no room left") == true)
    let counted = log.latest(1)?.completed ?? 0
    #expect(counted > 0 && counted < 80)
    let partial = scratch.read("jobs/\(batch.folder)/output.partial.jsonl")
    #expect(BatchText.ids(in: partial).count == counted)
    makeRoom()
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 80))
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == BatchText.ids(80))
  }

  @Test("holds a job whose unfinished answers have no room, and goes on when there is some")
  func journal() async throws {
    guard let disk = disk(kibibytes: 64) else { return }
    defer { withExtendedLifetime(disk) {} }
    let slow = try StandInEngine(slots: 1, tokensPerSecond: 20)
    defer { slow.stop() }
    var runner = try runner(slow)
    defer { runner.stop() }
    let long =
      #"{"custom_id":"request-1","method":"POST","url":"/v1/chat/completions","body":"#
      + #"{"model":"stand-in","messages":[{"role":"user","content":"Go on"}],"#
      + #""ignore_eos":true,"max_tokens":300}}"#
    let batch = try stage(long + "\n", with: runner)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.latest(1)?.inFlight == 1 })
    try fill(leaving: 0)
    // What is generated is written down every two seconds.
    #expect(try await log.wait { $0.held.count == 1 })
    #expect(log.held.first?.contains("no room left") == true)
    #expect(log.held.first?.contains("journal.partial.jsonl") == true)
    makeRoom()
    runner.stop()
    let fast = try StandInEngine(slots: 1, tokensPerSecond: 5000)
    defer { fast.stop() }
    runner = try self.runner(fast)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 1))
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == ["request-1"])
    #expect(output?.contains("\"completion_tokens\":300") == true)
  }

  @Test("refuses a batch for which there is no room, leaves nothing of it, and takes it later")
  func staging() async throws {
    guard let disk = disk(kibibytes: 64) else { return }
    defer { withExtendedLifetime(disk) {} }
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 5000)
    defer { engine.stop() }
    let runner = try runner(engine)
    defer { runner.stop() }
    try fill(leaving: 8)
    let refused = thrown(RunnerError.self) {
      try stage(BatchText.requests(80), with: runner)
    }
    #expect(refused?.code == .diskFull)
    #expect(refused?.message.contains("no room left") == true)
    #expect(scratch.names(in: "jobs") == ["ballast"])
    makeRoom()
    let batch = try stage(BatchText.requests(80), with: runner)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 80))
  }

  /// No root and no mount: a limit on the size of files, in a process of its own.
  @Test("ends a feed whose results have no room with the reason, and goes on in the next")
  func feed() async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 5000)
    defer { engine.stop() }
    let first = try runner(engine)
    let batch = try stage(BatchText.requests(80), with: first)
    first.stop()
    let folder = scratch.path + "/jobs/" + batch.folder
    let words = "\(try #require(Self.tool)) feed \(folder) --engine http://127.0.0.1:\(engine.port)"
    // In blocks of 512 bytes; the signal that a file is too large is not for programs that listen
    // to what a write answers.
    let limited = "trap '' XFSZ; ulimit -f 24; exec \(words) 2>\(scratch.path)/words"
    let status = try await besidePool { Self.run(limited) }
    #expect(status != 0)
    let complaint = scratch.read("words") ?? ""
    #expect(complaint.contains("no room left"), "\(complaint)")
    let partial = scratch.read("jobs/\(batch.folder)/output.partial.jsonl")
    let counted = BatchText.ids(in: partial)
    #expect(counted.count > 0 && counted.count < 80 && !counted.contains("?"))
    #expect(try await besidePool { Self.run("exec " + words) } == 0)
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == BatchText.ids(80))
  }

  /// The `heliograph` that was built beside this test.
  private static var tool: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return folder.joined(separator: "/") + "/heliograph"
  }

  /// The exit status of a shell's command; -1 where a signal ended it.
  private static func run(_ command: String) -> Int32 {
    let words: [String] = ["sh", "-c", command]
    let vector: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for word in vector { free(word) } }
    var child = pid_t()
    guard posix_spawn(&child, "/bin/sh", nil, nil, vector + [nil], environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -1
  }
}
