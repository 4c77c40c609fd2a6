import Quantities

/// `heliosim cloudy`: a batch through an accelerated day of clouds, with a real daemon and engine.
enum CloudyCommand {
  static let usage = """
    usage: heliosim cloudy --engine http://HOST:PORT [options]
      --requests N     of the batch (default 200)
      --pauses N       how many pauses there have to be at least (default 20)
      --tokens N       the most of each answer (default 24)
      --model NAME     what the requests ask for (default: default)
      --seed N         other clouds (default 1)
      --directory DIR  where it all lives, made anew (default .demo-cloudy)
      --bin DIR        where heliographd and heliograph are (default: beside heliosim)
      --profiles DIR   device profiles (default Sources/Hardware/Profiles)
    A cloud passes every twelve minutes. The clock runs so fast that the batch, at the pace
    that the engine shows in a trial, lasts for the clouds that it takes. It ends with 1 when a
    request has not exactly one line in the output, when there were fewer pauses, or when what the
    node counted differs.
    """

  struct Options {
    var engine = ""
    var requests = 200
    var pauses = 20
    var tokens = 24
    var model = "default"
    var seed: UInt64 = 1
    var directory = ".demo-cloudy"
    var binaries = ""
    var profiles = ""
  }

  /// Returns the exit code: 0 when all held, 1 when something did not, 2 for a wrong command line.
  static func run(_ arguments: [String]) async -> Int32 {
    // Before anything that could start a thread.
    let signals = StreetSignals()
    do {
      guard let options = try options(arguments) else {
        print(usage)
        return 0
      }
      var run = try await CloudyRun(options, signals: signals)
      return run.live()
    } catch {
      _ = StreetSystem.write("heliosim cloudy: \(error)\n", to: 2)
      return 2
    }
  }

  private static func options(_ arguments: [String]) throws(StreetError) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--help" || option == "-h" { return nil }
      guard let value = rest.popFirst(), !value.isEmpty else {
        throw StreetError("\(option): expected a value after it. See heliosim cloudy --help")
      }
      func number(_ range: ClosedRange<Int64>) throws(StreetError) -> Int {
        Int(try StreetOptions.number(value, range, option))
      }
      switch option {
      case "--engine": options.engine = value
      case "--requests": options.requests = try number(1...50_000)
      case "--pauses": options.pauses = try number(1...30)
      case "--tokens": options.tokens = try number(1...4096)
      case "--model": options.model = value
      case "--seed": options.seed = UInt64(try number(0...Int64.max))
      case "--directory": options.directory = value
      case "--bin": options.binaries = value
      case "--profiles": options.profiles = value
      default: throw StreetError("\(option): no such option. See heliosim cloudy --help")
      }
    }
    guard options.engine.hasPrefix("http://") else {
      throw StreetError("--engine: expected http://host:port, found \(options.engine)")
    }
    return options
  }
}
