import Quantities

/// `heliosim kill`: a real daemon and an engine, killed at random moments while a batch runs.
enum KillCommand {
  static let usage = """
    usage: heliosim kill [options]
      --moments N      how often something is killed (default 300)
      --seed N         other moments (default 1)
      --requests N     of each batch (default 100)
      --directory DIR  where it all lives, made anew (default .demo-kill)
      --bin DIR        where heliographd and heliograph are (default: beside heliosim)
      --profiles DIR   device profiles (default Sources/Hardware/Profiles)
      --disk DIR       what Tests/Crash/build made there: a kill takes what was not synchronised
    The daemon, the engine, or both get SIGKILL and are started again, batch after batch. It ends
    with 1 when a request has not exactly one line in the output, when an engine was asked more
    often again than it has slots for each kill, or when the node's own count of the day differs.
    """

  struct Options {
    var moments: Int64 = 300
    var seed: UInt64 = 1
    var requests = 100
    var directory = ".demo-kill"
    var binaries = ""
    var profiles = ""
    var disk: CrashDisk.Programs?
  }

  /// Returns the exit code: 0 when all held, 1 when something did not, 2 for a wrong command line.
  static func run(_ arguments: [String]) -> Int32 {
    // Before anything that could start a thread.
    let signals = StreetSignals()
    do {
      guard let options = try options(arguments) else {
        print(usage)
        return 0
      }
      var run = try KillRun(options, signals: signals)
      return run.live()
    } catch {
      _ = StreetSystem.write("heliosim kill: \(error)\n", to: 2)
      return 2
    }
  }

  private static func options(_ arguments: [String]) throws(StreetError) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--help" || option == "-h" { return nil }
      guard let value = rest.popFirst(), !value.isEmpty else {
        throw StreetError("\(option): expected a value after it. See heliosim kill --help")
      }
      switch option {
      case "--moments": options.moments = try StreetOptions.number(value, 1...100_000, option)
      case "--seed":
        options.seed = UInt64(try StreetOptions.number(value, 0...Int64.max, option))
      case "--requests":
        options.requests = Int(try StreetOptions.number(value, 1...50_000, option))
      case "--directory": options.directory = value
      case "--bin": options.binaries = value
      case "--profiles": options.profiles = value
      case "--disk": options.disk = CrashDisk.Programs(in: value)
      default: throw StreetError("\(option): no such option. See heliosim kill --help")
      }
    }
    return options
  }
}
