import Quantities
import Simulation

/// What `heliosim` was asked to simulate.
public struct SimulateOptions: Equatable {
  var seed: UInt64 = 1
  /// How many seeds from `seed` on, each a run of its own.
  var seeds = 1
  /// Nil: 10 for one seed, 4 for many.
  var houses: Int?
  var days = 1
  var crashes = true
  /// The kinds of adversaries that may be among the houses.
  var adversaries: [AdversaryKind] = []
  /// How often stations look at surplus, plan and jobs.
  var controlInterval = TimeSpan.minute
  /// Whether the last happenings are shown even when nothing broke.
  var verbose = false
  /// Whether one line of numbers is printed instead of everything else: a process for one seed of
  /// many says so what it came to.
  var numbers = false

  /// What is wrong with the command line.
  public struct Problem: Error { public let text: String }

  init() {}

  public init(_ arguments: [String]) throws(Problem) {
    var rest = arguments[...]
    while let name = rest.popFirst() {
      if name == "--verbose" || name == "--numbers" {
        if name == "--verbose" { verbose = true } else { numbers = true }
        continue
      }
      guard Self.names.contains(name) else {
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
      case "--adversaries": adversaries = try Self.kinds(value)
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

  private static let names = [
    "--seed", "--seeds", "--houses", "--days", "--crashes", "--control", "--adversaries",
  ]

  /// The run of one seed.
  public func plan(seed: UInt64) -> SimulationPlan {
    var plan = SimulationPlan(
      seed: seed, houses: houses ?? (seeds > 1 ? 4 : 10), days: days, crashes: crashes)
    plan.controlInterval = controlInterval
    plan.adversaries = adversaries
    return plan
  }

  /// `on`, `off`, or names with commas between.
  private static func kinds(_ text: String) throws(Problem) -> [AdversaryKind] {
    if text == "on" { return AdversaryKind.allCases }
    if text == "off" { return [] }
    var kinds: [AdversaryKind] = []
    for name in text.split(separator: ",") {
      guard let kind = AdversaryKind(rawValue: String(name)) else {
        let known = AdversaryKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem(text: "--adversaries: expected on, off or some of \(known); found \(name)")
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
    return kinds
  }

  /// The command line that replays one seed of these.
  public func replay(of seed: UInt64) -> String { "heliosim " + arguments(of: seed) }

  /// What runs one seed of these.
  func arguments(of seed: UInt64) -> String {
    let plan = plan(seed: seed)
    return "--seed \(seed) --houses \(plan.houses) --days \(plan.days) --crashes "
      + (crashes ? "on" : "off")
      + (controlInterval == .minute ? "" : " --control \(controlInterval.seconds)")
      + adversariesText
  }

  private var adversariesText: String {
    if adversaries.isEmpty { return "" }
    if adversaries == AdversaryKind.allCases { return " --adversaries on" }
    return " --adversaries " + adversaries.map(\.rawValue).joined(separator: ",")
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
