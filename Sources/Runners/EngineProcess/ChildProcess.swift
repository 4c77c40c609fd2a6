import Glibc

/// An engine that is a child of this process: a process group of its own, its words in a log.
///
/// Lives on the thread of its `EngineProcess`.
final class ChildProcess {
  /// Bytes taken from the engine at a time.
  private static let chunk = 16_384

  let process: pid_t
  /// What the thread polls for the engine's words; -1 once there can't be any more.
  private(set) var descriptor: Int32
  private let record: ChildRecord
  private let recordPath: String
  private let log: EngineLog
  private let limits: EngineProcessLimits

  /// Starts `command` (its program by path, or by name from /usr/local/bin, /usr/bin or /bin).
  init(
    _ command: [String], place: ChildPlace, limits: EngineProcessLimits
  ) throws(RunnerError) {
    guard let name = command.first, let path = ProcessStart.find(name) else {
      throw RunnerError(
        .system, "\(command.first ?? "no program") is not there or can't be run: name its path")
    }
    self.limits = limits
    recordPath = place.record
    log = try EngineLog(path: place.log, limit: limits.logBytes)
    var record = ChildRecord()
    try record.write(to: recordPath)
    let (reading, writing) = try ProcessStart.stream()
    do throws(RunnerError) {
      process = try ProcessStart.spawn(
        path, Array(command.dropFirst()), output: writing, marks: [record.environmentEntry])
    } catch {
      close(reading)
      close(writing)
      Folder.remove(recordPath)
      throw error
    }
    close(writing)
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    descriptor = reading
    record.process = process
    record.start = ProcessTable.entry(process)?.start ?? 0
    self.record = record
    // The mark alone is enough: where this fails, the engine is found by it.
    try? record.write(to: recordPath)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Takes what the engine has said since.
  func drain() {
    guard descriptor >= 0 else { return }
    var buffer = [UInt8](repeating: 0, count: Self.chunk)
    // Bounded: one that talks without end must not keep its orders waiting.
    for _ in 0..<64 {
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 {
        log.add(buffer[..<count])
      } else if count < 0, errno == EAGAIN || errno == EINTR {
        return
      } else {
        close(descriptor)
        descriptor = -1
        return
      }
    }
  }

  /// How it ended, and its last words.
  struct End {
    var ending: ProcessEnding?
    var words: String

    var reason: String {
      let how = "it " + (ending?.text ?? "ended")
      return words.isEmpty ? how : "\(how): \(words)"
    }
  }

  /// How it ended; nil while it runs. What it leaves behind is ended with it.
  func ended() -> End? {
    drain()
    guard let entry = ProcessTable.entry(process), !entry.isOver else {
      return finish()
    }
    return nil
  }

  /// Asks its group to end, kills it after the limit, and returns how it ended.
  func stop() -> End {
    signal(SIGTERM)
    // One that stands would not hear it.
    signal(SIGCONT)
    let end = SystemText.monotonicMilliseconds() + limits.stopMilliseconds
    while SystemText.monotonicMilliseconds() < end {
      if let end = ended() { return end }
      usleep(5000)
    }
    signal(SIGKILL)
    return finish()
  }

  /// Stops every thread of its group; false where one still runs after the limit.
  ///
  /// One that waits in the kernel stands as well: it stops before it is back. So does a shell whose
  /// child was stopped between vfork and exec, for as long as that.
  func freeze() -> Bool {
    signal(SIGSTOP)
    return wait { "TtD".contains($0) }
  }

  func thaw() -> Bool {
    signal(SIGCONT)
    return wait { $0 != "T" }
  }

  private func wait(until condition: (Character) -> Bool) -> Bool {
    let end = SystemText.monotonicMilliseconds() + limits.freezeMilliseconds
    repeat {
      let states = ProcessTable.entries().filter { $0.group == process && !$0.isOver }
      if states.allSatisfy({ condition($0.state) }) { return !states.isEmpty }
      usleep(2000)
    } while SystemText.monotonicMilliseconds() < end
    return false
  }

  private func signal(_ number: Int32) { kill(-process, number) }

  /// Kills what is left of its group and waits for it: until then the number is nobody else's.
  private func finish() -> End {
    signal(SIGKILL)
    drain()
    var status: Int32 = 0
    var ended = waitpid(process, &status, 0)
    while ended < 0 && errno == EINTR { ended = waitpid(process, &status, 0) }
    // Those that left its group carry the mark.
    if record.end(within: 0) { Folder.remove(recordPath) }
    return End(
      ending: ended == process ? ProcessEnding(status: status) : nil, words: log.lastLine)
  }
}
