import Glibc

/// A unit of systemd: started, stopped, frozen and thawed by `systemctl`, watched in its control
/// group.
///
/// Freezing needs systemd 246 and control groups v2 (Debian 12, Ubuntu 22.04 and later).
struct UnitControl {
  /// What systemd says of the unit.
  struct Status: Hashable {
    var isActive = false
    var isFrozen = false
    /// Below /sys/fs/cgroup; empty where it has none.
    var group = ""
    /// `success`, `exit-code`, `oom-kill`, …
    var result = ""
    var exitCode = ""

    init(_ text: String) {
      for line in text.split(separator: "\n") {
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { continue }
        let value = String(parts[1])
        switch parts[0] {
        case "ActiveState": isActive = ["active", "activating", "reloading"].contains(value)
        case "FreezerState": isFrozen = value.hasPrefix("fr")
        case "ControlGroup": group = value
        case "Result": result = value
        case "ExecMainStatus": exitCode = value
        default: continue
        }
      }
    }

    /// Whether it has ended well, or was never started. One that was told to end is `success` too,
    /// with the signal's number for its exit code.
    var isDone: Bool { !isActive && result == "success" && ["", "0"].contains(exitCode) }

    /// Why it is not active.
    var reason: String {
      switch result {
      case "success", "": isDone ? "it ended by itself" : "it was told to end (\(exitCode))"
      case "exit-code": "it ended with exit code \(exitCode)"
      case "oom-kill": "it needed more memory than it may have"
      case "signal", "core-dump": "it was ended by signal \(exitCode)"
      default: "it ended: \(result)"
      }
    }
  }

  let unit: String
  let limits: EngineProcessLimits
  /// Stands before every path; empty on a real machine.
  let root: String

  func status() throws(RunnerError) -> Status {
    let names = "ActiveState,FreezerState,ControlGroup,Result,ExecMainStatus"
    return Status(
      try run(["show", "--property", names, unit], milliseconds: limits.startMilliseconds))
  }

  func start() throws(RunnerError) {
    try run(["start", unit], milliseconds: limits.startMilliseconds)
  }

  func stop() throws(RunnerError) {
    try run(["stop", unit], milliseconds: limits.unitStopMilliseconds)
  }

  /// Returns when every thread of the unit stands.
  func freeze(group: String) throws(RunnerError) {
    try run(["freeze", unit], milliseconds: limits.freezeMilliseconds)
    // systemd waits for it as well, but what counts is what the kernel says.
    guard wait(until: true, group: group) else {
      throw RunnerError(.system, "\(unit) is not frozen: its control group does not say so")
    }
  }

  /// Returns when its threads run again.
  func thaw(group: String) throws(RunnerError) {
    try run(["thaw", unit], milliseconds: limits.freezeMilliseconds)
    guard wait(until: false, group: group) else {
      throw RunnerError(.system, "\(unit) is not thawed: its control group does not say so")
    }
  }

  /// What the kernel says of the control group; nil where it says nothing, as when the unit ended.
  func events(group: String) -> (isPopulated: Bool, isFrozen: Bool)? {
    let path = "\(root)/sys/fs/cgroup\(group)/cgroup.events"
    guard !group.isEmpty, let text = ProcessTable.text(path) else { return nil }
    let lines = text.split(separator: "\n")
    return (lines.contains("populated 1"), lines.contains("frozen 1"))
  }

  private func wait(until isFrozen: Bool, group: String) -> Bool {
    let end = SystemText.monotonicMilliseconds() + limits.freezeMilliseconds
    while SystemText.monotonicMilliseconds() < end {
      // Without control groups v2 systemd's own word has to do.
      guard let events = events(group: group), events.isFrozen != isFrozen else { return true }
      usleep(5000)
    }
    return false
  }

  @discardableResult
  private func run(_ words: [String], milliseconds: Int64) throws(RunnerError) -> String {
    let arguments = ["--no-ask-password", "--no-pager"] + words
    let run = try ToolRun("systemctl", arguments, root: root, milliseconds: milliseconds)
    guard run.isGood else {
      throw RunnerError(.system, "systemctl \(words[0]): \(run.words)")
    }
    return run.output
  }
}
