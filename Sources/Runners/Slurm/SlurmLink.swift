import Planning

/// Whether slurmctld answers, and when the node is told.
///
/// A restart of slurmctld takes seconds and changes nothing for the jobs: it is no news until it
/// has taken longer than `patienceMilliseconds`.
struct SlurmLink {
  private(set) var state = EngineState.unknown
  private let settings: SlurmSettings
  private var awaySince: Int64?

  init(settings: SlurmSettings) { self.settings = settings }

  /// Whether the latest look at the queue was answered.
  var isAnswering: Bool { awaySince == nil && state != .unknown }

  /// It answered; what to tell, if that is news.
  mutating func answered() -> EngineState? {
    awaySince = nil
    guard state != ready else { return nil }
    state = ready
    return state
  }

  /// It did not, having been asked at `asked`; what to tell, if that is news.
  mutating func failed(_ words: String, asked: Int64, at now: Int64) -> EngineState? {
    let since = awaySince ?? asked
    awaySince = since
    if case .unavailable = state { return nil }
    guard state == .unknown || now - since >= settings.patienceMilliseconds else { return nil }
    state = .unavailable(reason: SystemText.printable("Slurm: " + words, limit: 100))
    return state
  }

  private var ready: EngineState {
    let name = settings.partition.map { "Slurm, partition \($0)" } ?? "Slurm"
    return .ready(slots: settings.slots, name: SystemText.printable(name, limit: 60))
  }
}
