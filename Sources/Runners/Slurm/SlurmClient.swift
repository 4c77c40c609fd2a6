import Glibc
import Planning
import Quantities

/// Slurm's own programs, each asked one thing.
///
/// Its library and its REST daemon change with every release; the programs' options used here are
/// the same from 20.11 on, and they find the cluster and prove who asks by themselves.
struct SlurmClient {
  /// Why Slurm did not do it, in its own words.
  struct Refusal: Error, Hashable {
    let words: String
  }

  /// Without an answer a program of Slurm tries for 9 to 18 s before it says so.
  private static let longestMilliseconds: Int64 = 30_000
  private static let folders = ["/usr/bin", "/usr/local/bin", "/opt/slurm/bin"]

  let settings: SlurmSettings
  let jobsDirectory: String
  let isGivenUp: @Sendable () -> Bool

  /// This node's jobs that live, the oldest first.
  func rows() throws(Refusal) -> [SlurmRow] {
    let listing = try ask(
      "squeue", ["--me", "--noheader", "--format=" + SlurmRow.format])
    return SlurmRow.rows(of: listing, node: settings.node)
  }

  /// Submits a job held; Slurm's number of it.
  func submit(_ name: SlurmJobName, power: Power) throws(Refusal) -> Int64 {
    let answer = try ask("sbatch", submission(name, power: power))
    // "17", or "17;cluster".
    guard let number = Int64(SlurmText.lastLine(answer).prefix { $0 != ";" }), number > 0 else {
      throw Refusal(words: "sbatch answered \(SlurmText.lastLine(answer, limit: 60))")
    }
    return number
  }

  /// What `sbatch` is told: the owner's options first, so that they can't undo what must be so.
  func submission(_ name: SlurmJobName, power: Power) -> [String] {
    let folder = jobsDirectory + "/" + name.folder
    var words = settings.options
    if let partition = settings.partition { words.append("--partition=" + partition) }
    if let account = settings.account { words.append("--account=" + account) }
    if let licence = settings.licence {
      words.append("--licenses=\(licence):\(settings.licences(for: power))")
    }
    words += [
      "--parsable", "--hold", "--requeue", "--open-mode=append", "--job-name=" + name.text,
      "--output=" + folder + "/" + SlurmFiles.log, "--chdir=" + jobsDirectory,
      jobsDirectory + "/" + SlurmFiles.script,
    ]
    words += settings.command + [folder]
    if let engine = settings.engine { words += ["--engine", engine] }
    return words
  }

  /// Carries out an order on a job that is in the queue.
  func perform(_ order: SlurmOrder) throws(Refusal) {
    switch order {
    case .release(_, let number): _ = try ask("scontrol", ["release", "\(number)"])
    // Not "hold", which only Slurm's operators could undo where it was one of them who asked.
    case .hold(_, let number): _ = try ask("scontrol", ["uhold", "\(number)"])
    case .requeue(_, let number): _ = try ask("scontrol", ["requeuehold", "\(number)"])
    case .suspend(_, let number): _ = try ask("scontrol", ["suspend", "\(number)"])
    case .resume(_, let number): _ = try ask("scontrol", ["resume", "\(number)"])
    case .cancel(_, let number): _ = try ask("scancel", ["\(number)"])
    case .submit, .examine: break
    }
  }

  /// What `scontrol` says of a job; nil where Slurm does not know it.
  func show(_ number: Int64) throws(Refusal) -> String? {
    do throws(Refusal) {
      return try ask("scontrol", ["show", "job", "--oneliner", "\(number)"])
    } catch {
      guard error.words.contains("Invalid job id") else { throw error }
      return nil
    }
  }

  /// What accounting has of a job, all its runs; throws where none is kept.
  func account(_ number: Int64) throws(Refusal) -> String {
    try ask(
      "sacct",
      [
        "--parsable2", "--noheader", "--duplicates", "--starttime=2020-01-01",
        "--jobs=\(number)", "--format=" + SlurmBooking.format,
      ])
  }

  private func ask(_ program: String, _ arguments: [String]) throws(Refusal) -> String {
    guard let path = path(of: program) else {
      throw Refusal(words: "\(program) is not installed here: Slurm's programs are needed")
    }
    do throws(ProgramRun.Failure) {
      let run = try ProgramRun(
        path, arguments, environment: environment, within: Self.longestMilliseconds,
        isGivenUp: isGivenUp)
      guard !run.isGood else { return run.output }
      let words = SlurmText.lastLine(run.complaint.isEmpty ? run.output : run.complaint)
      throw ProgramRun.Failure.broken(words.isEmpty ? "ended with \(run.status)" : words)
    } catch {
      switch error {
      case .notStarted(let words): throw Refusal(words: words)
      case .broken(let words): throw Refusal(words: "\(program): \(Self.withoutName(words))")
      case .givenUp: throw Refusal(words: "the node stops")
      }
    }
  }

  /// "sbatch: error: Batch job submission failed: …" names the program and that it failed anyhow.
  private static func withoutName(_ words: String) -> String {
    for part in ["error: ", "fatal: "] {
      let pieces = words.split(separator: part, maxSplits: 1)
      if pieces.count == 2 { return String(pieces[1]) }
    }
    return words
  }

  private func path(of program: String) -> String? {
    let folders = settings.programDirectory.map { [$0] } ?? Self.folders
    return folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  /// Nothing of this node's own: `sbatch` hands what it has on to the job.
  private var environment: [String] {
    let configuration =
      settings.configurationFile ?? getenv("SLURM_CONF").map { String(cString: $0) }
    return ["PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C"]
      + (configuration.map { ["SLURM_CONF=" + $0] } ?? [])
  }
}
