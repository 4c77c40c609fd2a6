import Quantities

/// How a Slurm job ended, as `scontrol` remembers it for some minutes and `sacct` for good.
struct SlurmEnding: Hashable, Sendable {
  /// `COMPLETED`, `FAILED`, `TIMEOUT`, `CANCELLED`, `NODE_FAIL`, `OUT_OF_MEMORY`…
  let state: String
  /// Its program's exit status.
  let exitStatus: Int64
  /// The signal that ended its program; 0 is none.
  let signal: Int64
  /// Slurm's further word, such as `NonZeroExitCode`; `None` where there is none.
  let reason: String
  /// How long the last run had its nodes.
  let elapsed: TimeSpan
  /// How often it was put back into the queue before its last run.
  var restarts = 0

  /// From `scontrol show job --oneliner`; nil where that tells of no job or of another: a slurmctld
  /// that lost its last seconds gives numbers out twice.
  init?(shown line: String, name: SlurmJobName) {
    guard let state = SlurmText.field("JobState", in: line),
      SlurmText.field("JobName", in: line) == name.text
    else { return nil }
    self.init(
      state: state, code: SlurmText.field("ExitCode", in: line) ?? "",
      reason: SlurmText.field("Reason", in: line) ?? "None",
      elapsed: SlurmText.field("RunTime", in: line).flatMap { SlurmText.timeSpan($0) } ?? .zero)
    restarts = SlurmText.field("Restarts", in: line).flatMap { Int($0) } ?? 0
  }

  init(state: String, code: String, reason: String, elapsed: TimeSpan) {
    // "CANCELLED by 1000" in accounting.
    self.state = String(state.prefix { $0 != " " })
    let numbers = code.split(separator: ":")
    exitStatus = numbers.first.flatMap { Int64($0) } ?? 0
    signal = numbers.count > 1 ? Int64(numbers[1]) ?? 0 : 0
    self.reason = SystemText.printable(reason, limit: 60)
    self.elapsed = elapsed
  }

  var isCompleted: Bool { state == "COMPLETED" }

  /// Whether the job is still to be had from Slurm: it only left the queue's listing.
  var isLive: Bool {
    ["PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD"]
      .contains(state)
  }

  /// Why the work is not done, in plain words.
  var words: String {
    let cause =
      switch state {
      case "COMPLETED": "ended without finishing its batch"
      case "TIMEOUT": "came to its time limit"
      case "DEADLINE": "came to its deadline"
      case "CANCELLED": "was cancelled there"
      case "NODE_FAIL", "BOOT_FAIL": "lost its node"
      case "OUT_OF_MEMORY": "ran out of memory"
      case "PREEMPTED": "had to make room for another"
      case "FAILED" where signal > 0: "was ended by signal \(signal)"
      case "FAILED": "ended with exit status \(exitStatus)"
      default: "ended as \(SystemText.printable(state, limit: 24))"
      }
    let isTelling = !["None", "NonZeroExitCode", "TimeLimit", ""].contains(reason)
    return isTelling && !isCompleted ? "\(cause) (\(reason))" : cause
  }
}
