import Glibc
import Quantities

/// What another program prints.
enum CommandOutput {
  /// The most bytes that are taken.
  static let maximumBytes = 65536
  /// Where programs are looked for; never in a folder that somebody else's PATH names.
  private static let folders = ["/usr/bin", "/usr/local/bin", "/bin"]

  /// The path of a program of this name that may be run.
  static func find(_ name: String, root: String) -> String? {
    folders.map { "\(root)\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  /// Standard output of `path` with these arguments; nil when it can't be started, ends with
  /// another status than 0, says too much or doesn't end in time. It is killed then.
  ///
  /// Blocks the calling thread.
  static func run(_ path: String, _ arguments: [String], within limit: TimeSpan) -> String? {
    var ends: [Int32] = [-1, -1]
    // No pipe, because that can't be made close-on-exec in one step: a program that is started
    // elsewhere in this moment would hold the end, and the output would seem to go on.
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var vector = ([path] + arguments).map { strdup($0) }
    defer { vector.forEach { free($0) } }
    vector.append(nil)
    var process: pid_t = 0
    var code = posix_spawn(&process, path, &actions, nil, vector, environ)
    // A tool that is being replaced at this moment is there again in the next.
    for _ in 0..<5 where code == ETXTBSY {
      usleep(20_000)
      code = posix_spawn(&process, path, &actions, nil, vector, environ)
    }
    close(ends[1])
    guard code == 0 else { return nil }
    let end = ContinuousClock.now + .milliseconds(limit.milliseconds)
    let text = read(ends[0], until: end)
    var status: Int32 = 0
    // It may close its output and go on: it has the rest of its time to end by itself.
    while text != nil, waitpid(process, &status, WNOHANG) == 0 {
      guard ContinuousClock.now < end else { break }
      usleep(5000)
      continue
    }
    guard text == nil || ContinuousClock.now >= end else { return status == 0 ? text : nil }
    kill(process, SIGKILL)
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return nil
  }

  private static func read(_ file: Int32, until end: ContinuousClock.Instant) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count <= maximumBytes {
      let left = Int32(max(0, (end - .now) / .milliseconds(1)))
      var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wait, 1, left)
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else { return nil }
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0 { return nil }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
    }
    return nil
  }
}
