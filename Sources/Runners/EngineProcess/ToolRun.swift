import Glibc

/// A run of a small program to its end, bounded in time and output.
struct ToolRun: Hashable {
  /// The most bytes of output that are taken; more are read and dropped.
  static let maximumBytes = 65_536

  let ending: ProcessEnding
  /// Standard output and standard error.
  let output: String

  var isGood: Bool { ending == .exited(0) }
  /// The first line that it said, at most 160 printable characters; how it ended where it said
  /// nothing. What follows is where to read more.
  var words: String {
    let line = output.split(separator: "\n").first { !$0.allSatisfy(\.isWhitespace) }
    return line.map { SystemText.printable(String($0), limit: 160) } ?? "it " + ending.text
  }

  /// Runs it on the calling thread; one that takes longer is killed and thrown.
  init(
    _ name: String, _ arguments: [String], root: String = "", milliseconds: Int64
  ) throws(RunnerError) {
    guard let path = ProcessStart.find(name, root: root) else {
      throw RunnerError(.system, "\(name) is not installed")
    }
    let (reading, writing) = try ProcessStart.stream()
    defer { close(reading) }
    let process: pid_t
    do throws(RunnerError) {
      process = try ProcessStart.spawn(path, arguments, output: writing)
    } catch {
      close(writing)
      throw error
    }
    close(writing)
    let end = SystemText.monotonicMilliseconds() + milliseconds
    let bytes = Self.read(reading, until: end)
    // It may close its output and go on: it has the rest of its time to end by itself.
    while SystemText.monotonicMilliseconds() < end {
      if let ending = ProcessEnding.take(process) {
        self.ending = ending
        output = String(decoding: bytes, as: UTF8.self)
        return
      }
      usleep(2000)
    }
    kill(-process, SIGKILL)
    while waitpid(process, nil, 0) < 0 && errno == EINTR {}
    throw RunnerError(.system, "\(name) took longer than \((milliseconds + 999) / 1000) s")
  }

  private static func read(_ file: Int32, until end: Int64) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = end - SystemText.monotonicMilliseconds()
      var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wait, 1, Int32(clamping: max(left, 0)))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return bytes }
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count > 0 else { return bytes }
      bytes += buffer[..<count].prefix(maximumBytes - bytes.count)
    }
  }
}
