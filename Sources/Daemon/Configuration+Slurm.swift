import Quantities
import Runners

extension Configuration {
  /// A cluster that runs this household's jobs, and how they are put to it.
  public struct Slurm: Sendable, Hashable {
    /// Where the jobs run; absent: the cluster's default.
    public var partition: String?
    /// Who is charged; absent: the user's default.
    public var account: String?
    /// The licence of `slurm.conf` that stands for watts (`Licenses=surplus100w:4`); absent: none.
    public var licence: String?
    /// What one licence stands for, W, 1 to 100,000. Default 100.
    public var wattsPerLicence: Int64 = 100
    /// How a job stops when the surplus ends: `requeue` or `suspend`. Default `requeue`.
    public var mode = SlurmSettings.Mode.requeue
    /// Further options of sbatch, such as `--gres=gpu:1`, at most 16. Default none.
    public var options: [String] = []
    /// The program that works through a folder and its first arguments, at most 16 words. Default
    /// `heliograph feed`.
    public var command = SlurmSettings.defaultCommand
    /// The engine's address as the cluster's nodes see it; needed unless `command` is given.
    public var engine: String?
    /// Slurm's configuration file; absent: where Slurm looks itself.
    public var configurationFile: String?
    /// Where Slurm's programs are; absent: the system's usual folders.
    public var programDirectory: String?
    /// Seconds between looks at the queue while jobs live, 1 to 300. Default 3.
    public var poll = TimeSpan(seconds: 3)
  }

  /// The `slurm` section of `jobs`; nil when it is absent.
  static func slurm(
    _ jobs: inout ConfigurationReader
  ) throws(ConfigurationError) -> Slurm? {
    guard var entry = try jobs.object("slurm") else { return nil }
    var slurm = Slurm()
    slurm.partition = try slurmName("partition", &entry)
    slurm.account = try slurmName("account", &entry)
    slurm.licence = try slurmName("licence", &entry)
    let each = try entry.integer("wattsPerLicence", in: 1...100_000, unit: "watts")
    guard each == nil || slurm.licence != nil else {
      throw entry.missing("licence", "a licence's name in slurm.conf, as wattsPerLicence is given")
    }
    slurm.wattsPerLicence = each ?? slurm.wattsPerLicence
    slurm.mode = try entry.choice("mode", of: SlurmSettings.Mode.self) ?? slurm.mode
    slurm.options = try entry.texts("options", "an option such as --gres=gpu:1", atMost: 16)
    for option in slurm.options where !option.hasPrefix("--") || option.contains("\0") {
      let found = "found \"\(option.prefix(40))\""
      throw entry.error("options", "expected options such as --gres=gpu:1, \(found)")
    }
    let command = try entry.texts("command", "a word of a command", atMost: 16)
    slurm.engine = try entry.text("engine", engineForm)
    if command.isEmpty, slurm.engine == nil {
      throw entry.missing("engine", "\(engineForm), as the cluster's nodes see it")
    }
    if let engine = slurm.engine { try checkEngine(engine, entry) }
    if !command.isEmpty { slurm.command = command }
    slurm.configurationFile = try directory("configuration", &entry)
    slurm.programDirectory = try directory("programs", &entry)
    if let seconds = try entry.integer("pollSeconds", in: 1...300, unit: "seconds") {
      slurm.poll = TimeSpan(seconds: seconds)
    }
    try entry.finish()
    return slurm
  }

  static let engineForm = "http://host:port or the absolute path of a Unix socket"

  static func checkEngine(
    _ engine: String, _ entry: ConfigurationReader
  ) throws(ConfigurationError) {
    let rest = engine.dropFirst("http://".count)
    guard engine.hasPrefix("/") || (engine.hasPrefix("http://") && !rest.isEmpty) else {
      throw entry.error("engine", "expected \(engineForm), found \"\(engine.prefix(80))\"")
    }
  }

  /// A name as Slurm gives them: it becomes part of an option.
  private static func slurmName(
    _ field: String, _ entry: inout ConfigurationReader
  ) throws(ConfigurationError) -> String? {
    let expected = "1 to 64 letters, digits, -, _, . or @"
    guard let name = try entry.text(field, expected) else { return nil }
    let isPlain = name.allSatisfy { character in
      character.isASCII
        && (character.isLetter || character.isNumber || "-_.@".contains(character))
    }
    guard isPlain, (1...64).contains(name.utf8.count) else {
      throw entry.error(field, "expected \(expected), found \"\(name.prefix(40))\"")
    }
    return name
  }
}

extension Configuration.Jobs {
  /// What the runner is told of the cluster; nil where an engine answers by itself.
  func slurmSettings(node: String) -> SlurmSettings? {
    slurm.map { slurm in
      SlurmSettings(
        node: node, partition: slurm.partition, account: slurm.account, licence: slurm.licence,
        wattsPerLicence: slurm.wattsPerLicence, mode: slurm.mode, options: slurm.options,
        command: slurm.command, engine: slurm.engine, power: power, slots: slots,
        configurationFile: slurm.configurationFile, programDirectory: slurm.programDirectory,
        pollMilliseconds: slurm.poll.milliseconds)
    }
  }
}
