import Glibc
import Quantities

/// What `heliosim street` was asked for.
struct StreetOptions {
  /// Who answers the jobs.
  enum Engine: Hashable {
    case standIn
    /// An OpenAI-compatible endpoint, `http://host:port`.
    case endpoint(String)
  }

  /// A node to be killed at a time of the street's day.
  struct Kill: Hashable {
    var house: String
    var minute: Int64
  }

  var engine = Engine.standIn
  /// The model that requests name; empty: "stand-in" or "default".
  var model = ""
  /// Seconds of the street in one second here, 1 to 3600.
  var speed: Int64 = 600
  /// Minutes after midnight UTC.
  var fromMinute: Int64 = 270
  var toMinute: Int64 = 1290
  var directory = ".demo"
  var binaries = ""
  var profiles = ""
  var isPlain = false
  var keepsNodes = false
  var record: String?
  var recordMinute: Int64 = 780
  var kills: [Kill] = []
  /// Of the disk that loses what was not synchronised when its node is killed.
  var disk: CrashDisk.Programs?
  var seed: UInt64 = 1
  var wantsHelp = false

  static let usage = """
    usage: heliosim street [options]
      --engine standin|http://HOST:PORT  who answers the jobs (default: a stand-in)
      --model NAME       the model that requests ask for
      --speed N          seconds of the street in one second, 1 to 3600 (default 600)
      --from HH:MM       when the day starts (default 04:30)
      --to HH:MM         when it ends (default 21:30)
      --directory DIR    where the three nodes live, made anew (default .demo)
      --bin DIR          where heliographd is (default: beside heliosim)
      --profiles DIR     device profiles (default Sources/Hardware/Profiles)
      --plain            lines instead of a screen, no escape codes
      --record FILE.svg  writes a picture of the screen
      --record-at HH:MM  of which moment (default 13:00)
      --kill NAME@HH:MM  kills that node with SIGKILL then and starts it again
      --disk DIR         what Tests/Crash/build made there: a kill takes what was not synchronised
      --keep             the nodes stay up after the summary, until Ctrl-C
      --seed N           another day's weather (default 1)
    """

  init(_ arguments: [String], houses: [String]) throws(StreetError) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      func value() throws(StreetError) -> String {
        guard let value = rest.popFirst(), !value.isEmpty else {
          throw StreetError("\(option): expected a value after it. See heliosim street --help")
        }
        return value
      }
      switch option {
      case "--help", "-h": wantsHelp = true
      case "--plain": isPlain = true
      case "--keep": keepsNodes = true
      case "--engine": engine = try StreetOptions.engine(try value())
      case "--model": model = try value()
      case "--speed": speed = try StreetOptions.number(try value(), 1...3600, option)
      case "--seed": seed = UInt64(try StreetOptions.number(try value(), 0...Int64.max, option))
      case "--from": fromMinute = try StreetOptions.minute(try value(), option)
      case "--to": toMinute = try StreetOptions.minute(try value(), option)
      case "--record-at": recordMinute = try StreetOptions.minute(try value(), option)
      case "--directory": directory = try value()
      case "--bin": binaries = try value()
      case "--profiles": profiles = try value()
      case "--record":
        let file = try value()
        guard file.hasSuffix(".svg") else {
          throw StreetError("--record: expected a file that ends in .svg, found \(file)")
        }
        record = file
      case "--disk": disk = CrashDisk.Programs(in: try value())
      case "--kill": kills.append(try StreetOptions.kill(try value(), houses: houses))
      default: throw StreetError("\(option): no such option. See heliosim street --help")
      }
    }
    guard fromMinute < toMinute else { throw StreetError("--to must be later than --from") }
    kills.sort { ($0.minute, $0.house) < ($1.minute, $1.house) }
  }

  private static func engine(_ text: String) throws(StreetError) -> Engine {
    if text == "standin" || text == "stand-in" { return .standIn }
    guard text.hasPrefix("http://"), text.count > 7 else {
      throw StreetError("--engine: expected standin or http://host:port, found \(text)")
    }
    return .endpoint(text)
  }

  static func number(
    _ text: String, _ range: ClosedRange<Int64>, _ option: String
  ) throws(StreetError) -> Int64 {
    guard let number = Int64(text), range.contains(number) else {
      throw StreetError(
        "\(option): expected a number from \(range.lowerBound) to \(range.upperBound), "
          + "found \(text)")
    }
    return number
  }

  static func minute(_ text: String, _ option: String) throws(StreetError) -> Int64 {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ (1...2).contains($0.count) }),
      let hour = Int64(parts[0]), let minute = Int64(parts[1]), (0...23).contains(hour),
      (0...59).contains(minute)
    else { throw StreetError("\(option): expected a time such as 13:00, found \(text)") }
    return hour * 60 + minute
  }

  private static func kill(_ text: String, houses: [String]) throws(StreetError) -> Kill {
    let parts = text.split(separator: "@")
    guard parts.count == 2, houses.contains(String(parts[0])) else {
      throw StreetError(
        "--kill: expected NAME@HH:MM with a name of \(houses.joined(separator: ", ")), "
          + "found \(text)")
    }
    return Kill(house: String(parts[0]), minute: try minute(String(parts[1]), "--kill"))
  }
}
