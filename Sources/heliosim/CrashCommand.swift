/// `heliosim crash`: a node killed at each durable point and at random moments, on a disk that
/// loses what was not synchronised.
enum CrashCommand {
  static let usage = """
    usage: heliosim crash [options]
      --disk DIR       what Tests/Crash/build made there (default .build/crash)
      --moments N      random moments after each durable point was tried (default 1000)
      --turns N        turns of the run whose every durable point is tried (default 8)
      --seed N         other losses and moments (default 1)
      --directory DIR  where it all lives, made anew (default .demo-crash)
      --early          the node promises before it commits: that must be found
      --no-sync        the disk passes over every synchronising call: that must be found
    `make crash` builds the disk and runs it. The node is the real station with the daemon's effect
    loop, database and head marker; a neighbour sends it records, its owner types. It ends with 1
    when a record that the node had promised is lost, doubled or changed, when a chain has a gap or
    a fork, when accounts are not those of the records, or when a node does not go on.
    """

  struct Options {
    var programs = CrashDisk.Programs(in: ".build/crash")
    var moments: Int64 = 1000
    var turns = 8
    var seed: UInt64 = 1
    var directory = ".demo-crash"
    var promisesEarly = false
    var ignoresSync = false
  }

  /// Returns the exit code: 0 when all held, 1 when something did not, 2 for a wrong command line.
  static func run(_ arguments: [String]) -> Int32 {
    do {
      if arguments.first == CrashNode.option {
        guard let node = CrashNode(Array(arguments.dropFirst())) else {
          throw StreetError("--node is for heliosim itself")
        }
        return try node.run()
      }
      // Before anything that could start a thread.
      let signals = StreetSignals()
      guard let options = try options(arguments) else {
        print(usage)
        return 0
      }
      var run = try CrashRun(options, signals: signals)
      return run.live()
    } catch {
      _ = StreetSystem.write("heliosim crash: \(error)\n", to: 2)
      return 2
    }
  }

  private static func options(_ arguments: [String]) throws(StreetError) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let option = rest.popFirst() {
      switch option {
      case "--help", "-h": return nil
      case "--early":
        options.promisesEarly = true
        continue
      case "--no-sync":
        options.ignoresSync = true
        continue
      default: break
      }
      guard let value = rest.popFirst(), !value.isEmpty else {
        throw StreetError("\(option): expected a value after it. See heliosim crash --help")
      }
      switch option {
      case "--disk": options.programs = CrashDisk.Programs(in: value)
      case "--moments": options.moments = try StreetOptions.number(value, 0...1_000_000, option)
      case "--turns": options.turns = Int(try StreetOptions.number(value, 1...100, option))
      case "--seed": options.seed = UInt64(try StreetOptions.number(value, 0...Int64.max, option))
      case "--directory": options.directory = value
      default: throw StreetError("\(option): no such option. See heliosim crash --help")
      }
    }
    return options
  }
}
