import Quantities

/// What `heliosim faults` was asked for.
struct NightOptions {
  static let usage = """
    usage: heliosim faults [options]
      --seed N        the first night (default 1)
      --nights N      how many nights, each of the next seed (default 1)
      --at-once N     how many nights are lived at a time (default 1)
      --poll SECONDS  how often the site asks its devices (default 30)
      --every N       a fault of each kind once in N requests (default 120); what lasts, 12 times
                      as rarely
      --timeout MS    how long the site waits for an answer (default 80)
      --profiles DIR  device profiles (default Sources/Hardware/Profiles)
      --verbose       also what the site said
    A night from afternoon to after dawn, as fast as the wire allows: real device sessions over
    Modbus TCP and RTU read a simulated house with every fault that heliosim house knows, and a
    site makes of it what it can. It ends with 1 when an energy total is off the truth by more
    than a count of its register (and one more for each restart of its device), when something
    unknown was taken for zero, or when a loss was said twice.
    """

  var seed: UInt64 = 1
  var nights: Int64 = 1
  var atOnce: Int64 = 1
  var poll = TimeSpan(seconds: 30)
  var every = 120
  var timeout = TimeSpan(milliseconds: 80)
  var profiles = ""
  var isVerbose = false
  var wantsHelp = false

  init(_ arguments: [String]) throws(StreetError) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      func number(_ range: ClosedRange<Int64>) throws(StreetError) -> Int64 {
        guard let value = rest.popFirst() else {
          throw StreetError("\(option): expected a number after it. See heliosim faults --help")
        }
        return try StreetOptions.number(value, range, option)
      }
      switch option {
      case "--help", "-h": wantsHelp = true
      case "--verbose": isVerbose = true
      case "--seed": seed = UInt64(try number(0...Int64.max))
      case "--nights": nights = try number(1...10_000)
      case "--at-once": atOnce = try number(1...64)
      case "--poll": poll = TimeSpan(seconds: try number(1...300))
      case "--every": every = Int(try number(2...80_000))
      case "--timeout": timeout = TimeSpan(milliseconds: try number(50...10_000))
      case "--profiles":
        guard let value = rest.popFirst() else {
          throw StreetError("--profiles: expected a folder after it")
        }
        profiles = value
      default: throw StreetError("\(option): no such option. See heliosim faults --help")
      }
    }
  }
}
