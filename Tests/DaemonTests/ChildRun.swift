import Glibc
import Testing

/// A program that a test runs beside itself, its output in a file.
final class ChildRun {
  let process: pid_t
  private let input: Int32
  private let outputPath: String
  private var isOver = false

  /// Starts `words[0]`; it sees `environment` and nothing else.
  init(_ words: [String], environment: [String] = [], output: String) throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
    defer { for word in arguments + variables { free(word) } }
    var child = pid_t()
    let result = posix_spawn(
      &child, words[0], &actions, nil, arguments + [nil], variables + [nil])
    close(ends[0])
    try #require(result == 0, "\(words[0]) doesn't start: \(result)")
    process = child
    input = ends[1]
    outputPath = output
  }

  deinit {
    close(input)
    if !isOver { end(SIGKILL) }
  }

  /// What it has printed so far, by lines.
  var lines: [String] {
    let file = open(outputPath, O_RDONLY)
    guard file >= 0 else { return [] }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(file, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }

  /// Ends it; a process that was killed has printed what it has printed.
  func end(_ signal: Int32) {
    guard !isOver else { return }
    kill(process, signal)
    waitpid(process, nil, 0)
    isOver = true
  }

  /// Waits for its end; the exit status, or nil when a signal killed it.
  func wait() -> Int32? {
    var status: Int32 = 0
    waitpid(process, &status, 0)
    isOver = true
    return status & 0x7F == 0 ? status >> 8 & 0xFF : nil
  }

  /// The Python that has the packages of Tests/Interop; nil, with a word about it, without one.
  static func python() -> String? {
    let named = getenv("HELIOGRAPH_TEST_PYTHON").map { String(cString: $0) }
    let path = named ?? ".venv-test/bin/python"
    guard access(path, X_OK) == 0 else {
      print(
        "SKIPPED: no Python at \(path); set HELIOGRAPH_TEST_PYTHON to one that has "
          + "Tests/Interop/requirements.txt")
      return nil
    }
    return path
  }
}
