import Glibc
import Synchronization

/// A Python script of Tests/Interop, running; ended with `finish`.
public final class InteropProcess {
  private let process: pid_t
  private let input: Int32
  private let output: Int32
  private var text: [UInt8] = []

  public struct Failure: Error, CustomStringConvertible { public let description: String }

  /// The repository's root, found from where this file was compiled.
  private static var root: String {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
  }

  /// The Python that has the scripts' packages; nil, with a word about it, where there is none.
  public static func python() -> String? {
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

  /// Held while one is started: a child that another test starts between the pipe and its flag
  /// would hold this one's input open, and neither would ever see it end.
  private static let starting = Mutex(())

  public convenience init(python: String, script: String, arguments: [String]) throws {
    let started = Self.starting.withLock { _ in
      Result { try Self.start(python: python, script: script, arguments: arguments) }
    }
    let child = try started.get()
    self.init(process: child.process, input: child.input, output: child.output)
  }

  private init(process: pid_t, input: Int32, output: Int32) {
    self.process = process
    self.input = input
    self.output = output
  }

  private static func start(
    python: String, script: String, arguments: [String]
  ) throws -> (process: pid_t, input: Int32, output: Int32) {
    var inward: [Int32] = [-1, -1]
    var outward: [Int32] = [-1, -1]
    guard pipe(&inward) == 0, pipe(&outward) == 0 else { throw Failure(description: "no pipe") }
    // The child must not hold its own input open, or it would never see it end.
    for end in [inward[1], outward[0]] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, inward[0], 0)
    posix_spawn_file_actions_adddup2(&actions, outward[1], 1)
    // A thread of ours may have its signals blocked; the child must hear its own.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let path = root + "/Tests/Interop/" + script
    var words = ([python, path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var process = pid_t()
    let result = posix_spawn(&process, python, &actions, &attributes, &words, environ)
    close(inward[0])
    close(outward[1])
    guard result == 0 else {
      close(inward[1])
      close(outward[0])
      throw Failure(description: "\(python) doesn't start: \(result)")
    }
    return (process, inward[1], outward[0])
  }

  /// The next line of its output, waiting at most a minute and leaving the thread to others: many
  /// tests share few.
  public func answer() async throws -> String {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(60)
    while !text.contains(10) {
      var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 0) == 1 else {
        guard clock.now < deadline else { throw Failure(description: "no answer") }
        try await Task.sleep(for: .milliseconds(5))
        continue
      }
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { throw Failure(description: "it ended early; see its error above") }
      text += buffer[..<count]
    }
    return try line()
  }

  /// The next line of its output, waiting at most a minute.
  public func line() throws -> String {
    while true {
      if let end = text.firstIndex(of: 10) {
        defer { text.removeFirst(end + 1) }
        return String(decoding: text[..<end], as: UTF8.self)
      }
      var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 60_000) == 1 else { throw Failure(description: "no answer") }
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { throw Failure(description: "it ended early; see its error above") }
      text += buffer[..<count]
    }
  }

  /// All that it writes until it ends, waiting at most a minute for each piece.
  public func wholeOutput() throws -> String {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, 60_000) == 1 else { throw Failure(description: "no answer") }
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: text, as: UTF8.self) }
      text += buffer[..<count]
    }
  }

  /// Closes its input, which ends it, and waits for that.
  public func finish() {
    close(input)
    var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    var buffer = [UInt8](repeating: 0, count: 65536)
    while poll(&wait, 1, 20_000) == 1, read(output, &buffer, buffer.count) > 0 {}
    if waitpid(process, nil, WNOHANG) == 0 {
      kill(process, SIGTERM)
      waitpid(process, nil, 0)
    }
    close(output)
  }
}
