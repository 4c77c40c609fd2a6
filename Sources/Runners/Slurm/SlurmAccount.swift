import Quantities

/// What one job has come to on the cluster, as Slurm counts it.
public struct SlurmAccount: Hashable, Sendable {
  /// Slurm's own number of it.
  public var identifier: Int64
  /// Where it stands: `held`, `waits (Licenses)`, `runs`, `done`; where it ended before that,
  /// Slurm's own word for how: `TIMEOUT`.
  public var state: String
  /// How long it has had nodes, all of its runs together and no pauses; while it lives, counted at
  /// the looks at the queue, so up to one look's distance short for each run.
  public var elapsed: TimeSpan
  /// How often it began to run.
  public var runs: Int
  /// What Slurm measured that it consumed (`ConsumedEnergy`), where it measures and keeps accounts.
  public var energy: Energy?
}

/// What `sacct` keeps of one job, all its runs together.
struct SlurmBooking: Hashable, Sendable {
  static let format = "JobIDRaw,State,ExitCode,ElapsedRaw,ConsumedEnergyRaw,JobName"

  private(set) var elapsed = TimeSpan.zero
  private(set) var runs = 0
  private(set) var energy: Energy?
  /// How the latest run ended.
  private(set) var ending: SlurmEnding?

  /// From `sacct --parsable2 --noheader --duplicates`: a line for each run, then for its steps.
  ///
  /// Nil where none is of this name: numbers come round again after some years.
  init?(_ output: String, identifier: Int64, name: SlurmJobName) {
    var ofRun: Int64 = 0
    var ofSteps: Int64 = 0
    var joules: Int64 = 0
    var isOurs = false
    func closed() -> Int64 { ofRun > 0 ? ofRun : ofSteps }
    for line in output.split(separator: "\n") {
      let parts = line.split(separator: "|", maxSplits: 5, omittingEmptySubsequences: false)
      guard parts.count == 6 else { continue }
      let consumed = Int64(parts[4]).flatMap { (0..<Self.mostJoules).contains($0) ? $0 : nil } ?? 0
      guard parts[0] == "\(identifier)" else {
        if isOurs { ofSteps += consumed }
        continue
      }
      joules += closed()
      (ofRun, ofSteps) = (0, 0)
      isOurs = SlurmJobName(parts[5]) == name
      guard isOurs else { continue }
      let seconds = Int64(parts[3]).flatMap { (0...Self.mostSeconds).contains($0) ? $0 : nil } ?? 0
      let span = TimeSpan(seconds: seconds)
      runs += 1
      elapsed = elapsed + span
      ofRun = consumed
      ending = SlurmEnding(
        state: String(parts[1]), code: String(parts[2]), reason: "None", elapsed: span)
    }
    joules += closed()
    guard runs > 0 else { return nil }
    // 1 J is 1000/3600 mWh. Nothing measured reads as nothing or as 0.
    energy = joules > 0 ? Energy(milliwattHours: (joules * 10 + 18) / 36) : nil
  }

  /// Slurm writes its largest numbers for what it does not know.
  private static let mostJoules: Int64 = 1 << 50
  private static let mostSeconds: Int64 = 1 << 32
}
