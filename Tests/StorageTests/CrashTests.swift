import Glibc
import Storage
import Testing

@Suite struct CrashTests {
  @Test("a node killed between and within commits loses nothing that it had committed")
  func killed() throws {
    let directory = TemporaryDirectory()
    let path = directory.file("node.db")
    var acknowledged = 0
    for round in 1...5 {
      let counted = try Self.writeUntilKilled(path, lines: 20 + 7 * round)
      let state = try RecordStore(path: path).load()
      let batch = state.entries.first { $0.key == "batch" }?.value ?? []
      let durable = Int(String(decoding: batch, as: UTF8.self)) ?? 0
      // The last batch may have been committed without its line having been read.
      #expect(durable >= counted)
      acknowledged = max(acknowledged, counted)
      // Each batch is whole: two records for each, none of a batch that is not there.
      let highest = Int64(max(durable, acknowledged) * 2)
      #expect(state.records.map(\.sequence) == Array(1...highest))
      acknowledged = max(acknowledged, durable)
    }
  }

  /// Starts a writer, kills it after it has acknowledged `lines` commits, and returns the last.
  private static func writeUntilKilled(_ path: String, lines: Int) throws -> Int {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let program = try #require(Self.program)
    let words: [String] = [program, "commits", path]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    try #require(posix_spawn(&child, program, &actions, nil, arguments + [nil], nil) == 0)
    close(ends[1])
    defer { close(ends[0]) }
    var last = 0
    var seen = 0
    var line = ""
    var byte: UInt8 = 0
    while seen < lines, read(ends[0], &byte, 1) == 1 {
      if byte != UInt8(ascii: "\n") {
        line.unicodeScalars.append(UnicodeScalar(byte))
        continue
      }
      last = Int(line) ?? last
      line = ""
      seen += 1
    }
    kill(child, SIGKILL)
    var status: Int32 = 0
    waitpid(child, &status, 0)
    #expect(seen == lines)
    return last
  }

  /// The `heliobench` that was built beside this test.
  static var program: String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return nil }
    let own = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard let slash = own.lastIndex(of: "/") else { return nil }
    let candidate = own[..<slash] + "/heliobench"
    return access(String(candidate), X_OK) == 0 ? String(candidate) : nil
  }
}
