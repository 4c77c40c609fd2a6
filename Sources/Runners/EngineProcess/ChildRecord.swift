import Glibc

/// What is written down of an engine that is a child, so that a later node can end it.
///
/// A node that was killed can end nothing. Under its unit the control group ends what it has left;
/// where it was started by hand the next node does, by this record: every process whose environment
/// holds the mark, or that is in the recorded group while the recorded process is what it was.
/// The mark is written before the engine is started, so that no moment is left out.
struct ChildRecord: Hashable {
  static let variable = "HELIOGRAPH_ENGINE"
  private static let unknown = "-"

  /// 32 hexadecimal digits that no other engine has.
  let mark: String
  /// The run of the machine that it was started in; nil where that can't be told, so that the mark
  /// alone counts.
  let boot: String?
  /// The number of the process and of its group, and when it started; nil before it has.
  var process: pid_t?
  var start: Int64 = 0

  init() {
    var random = SystemRandomNumberGenerator()
    let digits = (0..<32).map { _ in String(UInt8.random(in: 0..<16, using: &random), radix: 16) }
    mark = digits.joined()
    boot = ProcessTable.boot()
  }

  /// Reads what `text` writes; nil for anything else.
  init?(_ text: String) {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count == 4, words[0].count == 32, let process = pid_t(words[2]), process >= 0,
      let start = Int64(words[3])
    else { return nil }
    mark = words[0]
    boot = words[1] == Self.unknown ? nil : words[1]
    self.process = process > 1 ? process : nil
    self.start = start
  }

  var text: String { "\(mark) \(boot ?? Self.unknown) \(process ?? 0) \(start)\n" }
  var environmentEntry: String { "\(Self.variable)=\(mark)" }

  /// Its processes that have not ended, by number; never this one.
  func processes() -> [pid_t] {
    let leader = process.flatMap(ProcessTable.entry)
    // A number that is somebody else's by now says nothing of its group.
    let isThisRun = boot != nil && boot == ProcessTable.boot()
    let isOwnGroup = isThisRun && (leader == nil || leader?.start == start)
    let own = getpid()
    return ProcessTable.entries().filter { entry in
      guard entry.process != own, entry.process != 1, !entry.isOver else { return false }
      if isOwnGroup, let process, entry.group == process, entry.start >= start { return true }
      return ProcessTable.environment(of: entry.process, holds: environmentEntry)
    }.map(\.process)
  }

  /// Asks its processes to end, kills those that do not, and returns when none is left: false where
  /// one still is after `milliseconds` and two seconds.
  func end(within milliseconds: Int64) -> Bool {
    for (signal, wait) in [(SIGTERM, milliseconds), (SIGKILL, 2000)] {
      let end = SystemText.monotonicMilliseconds() + wait
      var told: Set<pid_t> = []
      repeat {
        let left = processes()
        if left.isEmpty { return true }
        for process in left where told.insert(process).inserted {
          kill(process, signal)
          kill(process, SIGCONT)
        }
        usleep(10_000)
      } while SystemText.monotonicMilliseconds() < end
    }
    return processes().isEmpty
  }

  func write(to path: String) throws(RunnerError) {
    try AppendOnlyFile(path: path, length: 0).append(Array(text.utf8))
  }

  /// The record at `path`; nil where none is.
  static func read(_ path: String) -> ChildRecord? {
    ProcessTable.text(path).flatMap(ChildRecord.init)
  }
}
