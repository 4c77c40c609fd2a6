import Quantities
import Simulation

/// What `heliosim` was asked to simulate.
struct SimulateOptions: Equatable {
  var seed: UInt64 = 1
  /// How many seeds from `seed` on, each a run of its own.
  var seeds = 1
  /// Nil: 10 for one seed, 4 for many.
  var houses: Int?
  var days = 1
  var crashes = true
  /// How often stations look at surplus, plan and jobs.
  var controlInterval = TimeSpan.minute
  /// Whether the last happenings are shown even when nothing broke.
  var verbose = false

  /// What is wrong with the command line.
  struct Problem: Error { let text: String }

  init() {}

  init(_ arguments: [String]) throws(Problem) {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      if name == "--verbose" {
        verbose = true
        continue
      }
      guard ["--seed", "--seeds", "--houses", "--days", "--crashes", "--control"].contains(name)
      else {
        throw Problem(text: "\(name): no such option; try heliosim --help")
      }
      guard let value = rest.popFirst() else {
        throw Problem(text: "\(name): expected a value after it")
      }
      switch name {
      case "--seed":
        guard let number = UInt64(value) else {
          throw Problem(text: "--seed: expected a whole number, found \"\(value)\"")
        }
        seed = number
      case "--seeds": seeds = try Self.number(value, of: name, in: 1...1_000_000)
      case "--houses":
        houses = try Self.number(value, of: name, in: 1...SimulationPlan.houseLimit)
      case "--days": days = try Self.number(value, of: name, in: 1...SimulationPlan.dayLimit)
      case "--control":
        controlInterval = TimeSpan(
          seconds: Int64(try Self.number(value, of: name, in: 1...900)))
      default:
        guard ["on", "off"].contains(value) else {
          throw Problem(text: "--crashes: expected on or off, found \"\(value)\"")
        }
        crashes = value == "on"
      }
    }
  }

  /// The run of one seed.
  func plan(seed: UInt64) -> SimulationPlan {
    var plan = SimulationPlan(
      seed: seed, houses: houses ?? (seeds > 1 ? 4 : 10), days: days, crashes: crashes)
    plan.controlInterval = controlInterval
    return plan
  }

  /// The command line that replays one seed of these.
  func replay(of seed: UInt64) -> String {
    let plan = plan(seed: seed)
    return "heliosim --seed \(seed) --houses \(plan.houses) --days \(plan.days) --crashes "
      + (crashes ? "on" : "off")
      + (controlInterval == .minute ? "" : " --control \(controlInterval.seconds)")
  }

  private static func number(
    _ text: String, of name: String, in range: ClosedRange<Int>
  ) throws(Problem) -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw Problem(
        text: "\(name): expected \(range.lowerBound) to \(range.upperBound), found \"\(text)\"")
    }
    return number
  }
}
