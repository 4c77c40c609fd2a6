import Glibc

/// A process that outlives the street for a moment: when the street is gone, however it went, it
/// ends the nodes that the street left.
///
/// It reads "start PID" and "end PID" lines from a pipe whose other end only the street holds; the
/// end of the pipe is the street's end.
struct StreetGuard {
  static let option = "--guard"
  private static let graceMilliseconds: Int64 = 8000

  private let process: StreetProcess
  private let pipeEnd: Int32

  /// Starts the guard: this program again, under another command.
  init(log: String) throws(StreetError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw StreetError("no pipe: \(StreetSystem.errorText())") }
    defer { close(ends[0]) }
    pipeEnd = ends[1]
    process = try StreetProcess.start(
      try StreetSystem.ownExecutable(), ["street", StreetGuard.option], input: ends[0], log: log)
  }

  /// The guard looks after `child` from now on.
  func watch(_ child: StreetProcess) {
    _ = StreetSystem.write("start \(child.identifier)\n", to: pipeEnd)
  }

  /// `child` has ended and its number may be another's now.
  func release(_ child: StreetProcess) {
    _ = StreetSystem.write("end \(child.identifier)\n", to: pipeEnd)
  }

  /// Ends the guard; every child must have been released.
  func stop() {
    close(pipeEnd)
    process.waitForEnd()
  }

  /// The guard's own life; returns when there is nothing left to look after.
  static func run() -> Int32 {
    // A terminal that hangs up must not end it before the nodes.
    signal(SIGHUP, SIG_IGN)
    signal(SIGINT, SIG_IGN)
    var watched: [pid_t] = []
    while let line = readLine() {
      let words = line.split(separator: " ")
      guard words.count == 2, let identifier = pid_t(words[1]), identifier > 1 else { continue }
      watched.removeAll { $0 == identifier }
      if words[0] == "start" { watched.append(identifier) }
    }
    watched.forEach { kill(-$0, SIGTERM) }
    let deadline = StreetSystem.uptime() + graceMilliseconds
    while watched.contains(where: { kill(-$0, 0) == 0 }), StreetSystem.uptime() < deadline {
      usleep(50_000)
    }
    watched.forEach { kill(-$0, SIGKILL) }
    return 0
  }
}
