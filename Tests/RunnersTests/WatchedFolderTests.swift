import Glibc
import Planning
import Quantities
import Runners
import Testing

/// Batch files that are dropped into a folder.
struct WatchedFolderTests {
  let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private func watch(_ node: QueueNode) throws -> WatchedFolder {
    try WatchedFolder(
      path: scratch.path + "/inbox", jobsDirectory: scratch.path + "/jobs", node: node,
      interval: TimeSpan(milliseconds: 20))
  }

  /// Waits until a folder below the watched one holds `count` names; what it holds.
  private func wait(for folder: String, count: Int = 1) async throws -> [String] {
    for _ in 0..<3000 where scratch.names(in: "inbox/\(folder)").count < count {
      try await Task.sleep(for: .milliseconds(5))
    }
    return scratch.names(in: "inbox/\(folder)")
  }

  @Test("takes a file with its options, and puts the results beside it in the end")
  func takes() async throws {
    let node = try QueueNode(scratch)
    let folder = try watch(node)
    defer { folder.stop() }
    try scratch.write(
      "{\"watts\": 45, \"priority\": \"3\", \"fixed\": true, \"window\": \"2h\"}",
      to: "inbox/sums.json")
    try scratch.write(BatchText.requests(2), to: "inbox/sums.jsonl")
    let taken = try await wait(for: "taken")
    let job = try #require(node.change { $0.queue.jobs.first })
    #expect(taken == ["1-\(job.batch.folder).jsonl"])
    #expect(job.batch.power == Power(watts: 45) && job.batch.priority == 3)
    #expect(!job.batch.interruptible && job.batch.expires)
    #expect(job.batch.deadline == node.now() + TimeSpan(minutes: 120))
    #expect(scratch.read("jobs/\(job.batch.folder)/input.jsonl") == BatchText.requests(2))
    try scratch.write("{}\n", to: "jobs/\(job.batch.folder)/errors.jsonl")
    try scratch.write("{}\n{}\n", to: "jobs/\(job.batch.folder)/output.jsonl")
    node.progress(1, completed: 1, failed: 1, isClosed: true)
    let done = try await wait(for: "done", count: 3)
    #expect(done == ["1-sums.errors.jsonl", "1-sums.input.jsonl", "1-sums.output.jsonl"])
    #expect(scratch.read("inbox/done/1-sums.output.jsonl") == "{}\n{}\n")
    let left = [".taking", "done", "refused", "taken"]
    #expect(scratch.names(in: "inbox") == left)
    #expect(scratch.names(in: "inbox/.taking").isEmpty)
  }

  static let lineA = BatchText.line("a")
  static let bad: [(text: String, options: String?, says: String)] = [
    ("nonsense\n", nil, "line 1: not JSON"),
    ("\(lineA)\n\(lineA)", nil, "line 2: custom_id: a is there"),
    (BatchText.requests(1), "{\"watts\": 0}", "watts: expected watts from 1 to 100000"),
    (BatchText.requests(1), "{\"colour\": 1}", "colour: expected one of watts"),
    (BatchText.requests(1), "[]", "expected a JSON object"),
    (BatchText.requests(1), "{\"window\": \"31d\"}", "window: expected"),
    (
      BatchText.requests(1), "{\"a\": \"\(String(repeating: "x", count: 70_000))\"}",
      "expected a JSON object of at most 64 KiB"
    ),
  ]

  @Test("puts a bad file aside with a word that names line and field", arguments: bad)
  func refuses(text: String, options: String?, says: String) async throws {
    let node = try QueueNode(scratch)
    let folder = try watch(node)
    defer { folder.stop() }
    if let options { try scratch.write(options, to: "inbox/bad.json") }
    try scratch.write(text, to: "inbox/bad.jsonl")
    let refused = try await wait(for: "refused", count: options == nil ? 2 : 3)
    let word = try #require(refused.first { $0.hasSuffix(".txt") })
    let reason = scratch.read("inbox/refused/\(word)") ?? ""
    #expect(reason.contains(says), "\(reason)")
    #expect(word.hasPrefix("bad-"))
    #expect(refused.contains(word.dropLast(3) + "jsonl"))
    #expect(node.change { $0.queue.jobs.isEmpty })
  }

  @Test("leaves alone what is no batch file of its own, or still grows")
  func leaves() async throws {
    let node = try QueueNode(scratch)
    let folder = try watch(node)
    defer { folder.stop() }
    try scratch.write(BatchText.requests(1), to: "outside.jsonl")
    #expect(symlink(scratch.path + "/outside.jsonl", scratch.path + "/inbox/link.jsonl") == 0)
    #expect(mkdir(scratch.path + "/inbox/folder.jsonl", 0o750) == 0)
    #expect(mkfifo(scratch.path + "/inbox/pipe.jsonl", 0o600) == 0)
    try scratch.write("half", to: "inbox/.hidden.jsonl")
    try scratch.write("half", to: "inbox/photo.txt")
    // Open, and not written to for many looks: another one that was dropped later comes first.
    let growing = open(scratch.path + "/inbox/grows.jsonl", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let lines = Array(BatchText.requests(3).utf8)
    #expect(write(growing, lines, 100) == 100)
    for number in 1...2 {
      try scratch.write(BatchText.requests(1), to: "inbox/whole-\(number).jsonl")
      _ = try await wait(for: "taken", count: number)
    }
    let rest = Array(lines.dropFirst(100))
    #expect(write(growing, rest, rest.count) == rest.count)
    close(growing)
    _ = try await wait(for: "taken", count: 3)
    let jobs = node.change { $0.queue.jobs.map(\.batch.requests) }
    #expect(jobs == [1, 1, 3])
    let left = scratch.names(in: "inbox").filter { !WatchedFolderTests.own.contains($0) }
    #expect(left == [".hidden.jsonl", "folder.jsonl", "link.jsonl", "photo.txt", "pipe.jsonl"])
  }

  static let own = [".taking", "done", "refused", "taken"]

  @Test("a file that was taken makes one job, wherever the node died")
  func crashes() async throws {
    // Dead before the queue stored the job.
    let deaf = try QueueNode(scratch)
    deaf.change { $0.isDeaf = true }
    var folder = try watch(deaf)
    try scratch.write(BatchText.requests(2), to: "inbox/a.jsonl")
    for _ in 0..<3000 where deaf.change({ $0.submissions }) == 0 {
      try await Task.sleep(for: .milliseconds(5))
    }
    folder.stop()
    let name = try #require(scratch.names(in: "inbox/.taking").first)
    // Dead between the options' copy and the file.
    try scratch.write("{}", to: "inbox/.taking/b-00000000.json")
    let node = try QueueNode(scratch)
    folder = try watch(node)
    let taken = try await wait(for: "taken")
    folder.stop()
    #expect(taken == ["1-" + name])
    #expect(node.change { $0.submissions } == 1)
    #expect(node.change { $0.queue.jobs.count } == 1)
    #expect(scratch.names(in: "inbox/.taking").isEmpty)
    // Dead after the queue stored it, before the file was put aside.
    #expect(
      rename(scratch.path + "/inbox/taken/1-" + name, scratch.path + "/inbox/.taking/" + name)
        == 0)
    folder = try watch(node)
    #expect(try await wait(for: "taken") == ["1-" + name])
    folder.stop()
    #expect(node.change { $0.submissions } == 1)
    #expect(node.change { $0.queue.jobs.count } == 1)
  }
}
