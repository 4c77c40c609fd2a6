import Glibc
import Quantities
import Simulation

/// `heliosim`: whole neighbourhoods of the real station, from a seed, with their faults.
enum SimulateCommand {
  static let help = """
    heliosim: simulated neighbourhoods of real stations

      heliosim [--seed S] [--houses N] [--days D] [--crashes on|off] [--control SECONDS]
               [--adversaries on|off|KIND,…] [--verbose]
          Runs N houses (10) for D days (1) from seed S (1) and prints the days' sums and the
          digest of everything that happened. The same command prints the same digest.
      heliosim --seeds K [--seed S] [--houses N] [--days D] [--crashes on|off]
               [--control SECONDS] [--adversaries on|off|KIND,…]
          Runs the K seeds from S on, 4 houses each unless told otherwise, each in a process of its
          own (heliosim --seed N --numbers), and prints seeds a second. Stations look at surplus,
          plan and jobs every minute, or every 1 to 900 seconds. With adversaries up to a third of
          the houses cheat, the seed says which and how: fork, double-sale, replay, forged-meter,
          inflated-tokens, withheld-settlement, clock-liar, flooder, record-bomb.
      heliosim street …    three real daemons on simulated houses; see heliosim street --help
      heliosim house …     one simulated house on Modbus TCP or RTU; see heliosim house --help
      heliosim faults …    nights of faults on the wire; see heliosim faults --help
      heliosim engine …    a stand-in for an inference engine; see heliosim engine --help
      heliosim kill …      a real daemon and an engine, killed again and again; see its --help
      heliosim crash …     a node killed on a disk that loses unsynced writes; see its --help
      heliosim cloudy …    a batch through a cloudy day with a real daemon; see its --help
      heliosim backtest …  a recorded household lived through; see heliosim backtest --help
      heliosim --version

    At each step it checks that energy and credits are conserved, that nothing settles twice or
    beyond what was metered, and that nothing durable is lost. When a rule breaks it prints the
    seed, the rule and how to replay it, and ends with 1. A wrong command line ends with 2.
    """

  /// Runs the command and returns the exit status.
  static func run(_ arguments: [String]) -> Int32 {
    let options: SimulateOptions
    do {
      options = try SimulateOptions(arguments)
    } catch {
      writeError("heliosim: \(error.text)")
      return 2
    }
    return options.seeds == 1 ? runOne(options) : SimulateSeeds.run(options)
  }

  private static func runOne(_ options: SimulateOptions) -> Int32 {
    let plan = options.plan(seed: options.seed)
    let quiet = options.numbers
    if !quiet {
      print(
        "seed \(plan.seed): \(plan.houses) houses, \(plan.days) days, crashes "
          + (plan.crashes ? "on" : "off"))
    }
    let clock = ContinuousClock()
    let began = clock.now
    var street = Neighbourhood(plan)
    do {
      while !street.isOver {
        try street.run(until: min(plan.end, street.now + TimeSpan(minutes: 180)))
        if !quiet { show(SimulateReport.progress(of: street)) }
      }
      try street.runToEnd()
    } catch {
      report(error, of: street, options: options)
      return 1
    }
    if quiet {
      print(SeedNumbers(of: street).line)
      return 0
    }
    if options.verbose { for line in street.lastLines { print("  " + line) } }
    for line in SimulateReport.sums(of: street) { print(line) }
    print("digest \(street.digest.hexadecimal)")
    let taken = began.duration(to: clock.now)
    print("\(street.steps) steps, \(SimulateReport.rate(street.steps, in: taken)) steps/s")
    return 0
  }

  private static func report(
    _ broken: BrokenInvariant, of street: Neighbourhood, options: SimulateOptions
  ) {
    for line in street.lastLines { print("  " + line) }
    writeError(
      """
      heliosim: seed \(street.plan.seed), step \(street.steps), \
      day \(SimulateReport.day(of: street)) \(LocalTime.utc.clock(at: street.now)): \(broken)
      replay it with: \(options.replay(of: street.plan.seed))
      """)
  }

  /// Shows a line at once, in a pipe too: a long run is watched.
  static func show(_ line: String) {
    print(line)
    fflush(nil)
  }

  static func writeError(_ text: String) {
    fflush(nil)
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }
}
