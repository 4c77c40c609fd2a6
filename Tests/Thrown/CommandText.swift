import Glibc

/// Runs a program to its end.
public enum CommandText {
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// What it wrote to its output and its error output, and its exit code; -1 where a signal ended
  /// it.
  public static func run(
    _ program: String, _ arguments: [String]
  ) throws -> (status: Int32, text: String) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure(description: "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let started = posix_spawn(&process, program, &actions, nil, &words, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard started == 0 else { throw Failure(description: "\(program) doesn't start: \(started)") }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(ends[0], &buffer, buffer.count)
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    var status: Int32 = 0
    waitpid(process, &status, 0)
    let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    return (code, String(decoding: text, as: UTF8.self))
  }
}
