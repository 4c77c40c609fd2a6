import Quantities

/// One of a node's own jobs in Slurm's queue, as `squeue` lists it.
struct SlurmRow: Hashable, Sendable {
  /// Where a job in the queue stands, as far as it matters here.
  enum Phase: Hashable, Sendable {
    /// In the queue until somebody releases it.
    case held
    /// In the queue for a place, for licences or for its time.
    case waiting
    case running
    case suspended
    /// On its way out of its nodes, or back into the queue.
    case leaving
  }

  /// What `squeue --format` is asked for. The name comes last: it alone might hold anything.
  static let format = "%i|%T|%r|%M|%j"

  let identifier: Int64
  let name: SlurmJobName
  let phase: Phase
  /// Slurm's own word for why it waits: `Licenses`, `BeginTime`, `None`.
  let reason: String
  /// How long the run that lasts now has had its nodes; pauses are not counted.
  let elapsed: TimeSpan

  init(
    identifier: Int64, name: SlurmJobName, phase: Phase, reason: String = "None",
    elapsed: TimeSpan = .zero
  ) {
    self.identifier = identifier
    self.name = name
    self.phase = phase
    self.reason = reason
    self.elapsed = elapsed
  }

  /// One line of the listing; nil for other people's jobs and for what is no such line.
  init?(line: some StringProtocol, node: String) {
    let parts = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, let identifier = Int64(parts[0]), identifier > 0,
      let name = SlurmJobName(parts[4]), name.node == node
    else { return nil }
    self.identifier = identifier
    self.name = name
    reason = SystemText.printable(String(parts[2]), limit: 60)
    elapsed = SlurmText.timeSpan(parts[3]) ?? .zero
    phase = Self.phase(state: parts[1], reason: reason)
  }

  /// All of `squeue`'s output that is this node's, the oldest first.
  static func rows(of output: String, node: String) -> [SlurmRow] {
    output.split(separator: "\n").compactMap { SlurmRow(line: $0, node: node) }
      .sorted { $0.identifier < $1.identifier }
  }

  /// Why Slurm or its operators, not this node, keep it from running; nil while they do not.
  var objection: String? {
    guard phase == .held else { return nil }
    let isTheirs = ["JobHeldAdmin", "JobHoldMaxRequeue", "failed"].contains { reason.contains($0) }
    return isTheirs ? reason : nil
  }

  /// Where it stands, for a person.
  var words: String {
    switch phase {
    case .held: "held"
    case .waiting: reason == "None" ? "waits" : "waits (\(reason))"
    case .running: "runs"
    case .suspended: "suspended"
    case .leaving: "ends or is put back"
    }
  }

  private static func phase(state: some StringProtocol, reason: String) -> Phase {
    switch state {
    case "PENDING":
      // JobHeldUser, JobHeldAdmin, "job requeued in held state", "launch failed requeued held".
      reason.contains("Held") || reason.contains("held") || reason.contains("JobHold")
        ? .held : .waiting
    case "REQUEUE_HOLD", "SPECIAL_EXIT": .held
    case "RUNNING", "CONFIGURING", "RESIZING", "SIGNALING": .running
    case "SUSPENDED", "STOPPED": .suspended
    default: .leaving
    }
  }
}
