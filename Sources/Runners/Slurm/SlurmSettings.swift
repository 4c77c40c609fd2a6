import Quantities

/// How jobs are handed to a Slurm cluster.
public struct SlurmSettings: Hashable, Sendable {
  /// What stops a job when the surplus ends.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// `scontrol requeuehold`: the program ends and begins again later; nodes, GPUs and licences
    /// are free for others meanwhile. Slurm starts it again two minutes after that at the earliest
    /// (`cred_expire` of its `AuthInfo`).
    case requeue
    /// `scontrol suspend`: the program stands still where it is, at once, and keeps its GPUs and
    /// licences. Slurm wants its operators' rights for it.
    case suspend
  }

  /// This node's name, which its Slurm jobs carry: 1 to 32 letters, digits or `-`.
  public var node: String
  /// Nil is the cluster's default.
  public var partition: String?
  /// Nil is the user's default.
  public var account: String?
  /// The licence that stands for watts; nil asks for none.
  public var licence: String?
  /// What one licence stands for, W, from 1.
  public var wattsPerLicence: Int64
  public var mode: Mode
  /// Further options of `sbatch`, such as `--gres=gpu:1`; each begins with `--`.
  public var options: [String]
  /// The program that works through a folder on the cluster's node and its first arguments; the
  /// folder comes after them, then `--engine` and the engine's address where there is one.
  public var command: [String]
  /// Where the engine answers as seen from the cluster's node; nil leaves it to `command`.
  public var engine: String?
  /// What a job draws that does not say, W.
  public var power: Power
  /// The requests at once that a node is told of where nobody says better: 1 to 64.
  public var slots: Int
  /// Slurm's own configuration file; nil is where Slurm looks itself.
  public var configurationFile: String?
  /// Where Slurm's programs are; nil looks in the system's usual folders.
  public var programDirectory: String?
  /// Milliseconds between looks at the queue while jobs live.
  public var pollMilliseconds: Int64
  /// How long slurmctld may be away before the node is told: a restart is no news.
  public var patienceMilliseconds: Int64
  /// How long a job that was found running, of an earlier run of the node, may go on unclaimed.
  public var claimMilliseconds: Int64

  public static let defaultCommand = ["heliograph", "feed"]

  public init(
    node: String, partition: String? = nil, account: String? = nil, licence: String? = nil,
    wattsPerLicence: Int64 = 100, mode: Mode = .requeue, options: [String] = [],
    command: [String] = SlurmSettings.defaultCommand, engine: String? = nil,
    power: Power = Power(watts: 60), slots: Int = 1, configurationFile: String? = nil,
    programDirectory: String? = nil, pollMilliseconds: Int64 = 3_000,
    patienceMilliseconds: Int64 = 30_000, claimMilliseconds: Int64 = 60_000
  ) {
    self.node = node
    self.partition = partition
    self.account = account
    self.licence = licence
    self.wattsPerLicence = wattsPerLicence
    self.mode = mode
    self.options = options
    self.command = command
    self.engine = engine
    self.power = power
    self.slots = slots
    self.configurationFile = configurationFile
    self.programDirectory = programDirectory
    self.pollMilliseconds = pollMilliseconds
    self.patienceMilliseconds = patienceMilliseconds
    self.claimMilliseconds = claimMilliseconds
  }

  /// How many licences stand for this power: as many as cover it whole, at least one.
  func licences(for power: Power) -> Int64 {
    let each = max(1, wattsPerLicence) * 1000
    return max(1, (power.milliwatts + each - 1) / each)
  }
}
