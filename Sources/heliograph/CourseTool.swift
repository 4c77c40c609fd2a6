import Daemon
import Glibc
import HeliographCore
import Links
import Quantities
import Texting

/// `heliograph plan` and `heliograph day`: what a node means to do, and what became of a day, as
/// bars of text, as a picture or as JSON.
struct CourseTool: Equatable {
  enum Form: Equatable {
    case bars
    case json
    /// To this file; `-` is standard output.
    case picture(String)
  }

  static let names = ["plan", "day"]

  static let helpText = """
      heliograph plan                    the next 48 h: sun, load, battery, jobs, prices, reasons
      heliograph day [2026-06-21]        what became of a day; today so far, or: yesterday
        --svg FILE                       as a picture
        --json                           as data: mW, mWh, millicredits per kWh, ms since 1970;
                                         shares (stateOfCharge, reserve) are in thousandths;
                                         a field that is missing is unknown
    """

  /// The word after `COURSE`: PLAN, TODAY, YESTERDAY or a date.
  private(set) var word: String
  private(set) var form = Form.bars

  init(_ name: String, _ arguments: [String]) throws(Invocation.UsageError) {
    word = name == "plan" ? "PLAN" : "TODAY"
    var hasDay = false
    var position = 0
    while position < arguments.count {
      let argument = arguments[position]
      position += 1
      switch argument {
      case "--json", "--svg":
        guard form == .bars else {
          throw Invocation.UsageError(text: "either --json or --svg, once")
        }
        form = .json
        guard argument == "--svg" else { continue }
        guard position < arguments.count, !arguments[position].isEmpty else {
          throw Invocation.UsageError(text: "--svg needs a file. Example: --svg \(name).svg")
        }
        form = .picture(arguments[position])
        position += 1
      default:
        guard name == "day", !hasDay, RecordedDay(argument) != nil else {
          let known =
            name == "day" ? "a date such as 2026-06-21, --svg and --json" : "--svg, --json"
          throw Invocation.UsageError(text: "\(name) knows \(known), not \(argument)")
        }
        word = argument
        hasDay = true
      }
    }
  }

  func run(_ client: ControlClient) -> Int32 {
    let answer: String
    do { answer = try client.ask("\(CourseQuestion.command) \(word)") } catch {
      Terminal.complain("heliograph: \(error.text)")
      return CommandLineTool.ExitCode.unreachable
    }
    guard let course = CourseText.course(answer) else {
      let isRefusal = answer.hasPrefix(TextReply.refusalPrefix)
      Terminal.complain(
        isRefusal ? answer : "heliograph: the node answers what this program can't read")
      return CommandLineTool.ExitCode.refused
    }
    guard !course.slots.isEmpty else {
      Terminal.complain(Self.nothing(course))
      return CommandLineTool.ExitCode.refused
    }
    switch form {
    case .json: Terminal.say(answer)
    case .bars: Terminal.say(EnergyBars(course).lines.joined(separator: "\n"))
    case .picture(let path): return write(EnergyPicture(course).document, to: path)
    }
    return CommandLineTool.ExitCode.done
  }

  /// Why there is nothing to show, and where there is something.
  private static func nothing(_ course: EnergyCourse) -> String {
    guard course.kind == .record else {
      return "\(course.house) has no plan yet. It makes one within a minute of its start."
    }
    guard let earliest = course.earliest else {
      return "\(course.house) has recorded nothing yet. A quarter of an hour is the first."
    }
    let first = course.localTime.date(at: earliest)
    return "\(course.house) knows nothing of that day. Its record begins on \(first.longText)."
  }

  private func write(_ text: String, to path: String) -> Int32 {
    guard path != "-" else {
      Terminal.say(text)
      return CommandLineTool.ExitCode.done
    }
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    var bytes = Array(text.utf8)[...]
    while file >= 0, !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      bytes = bytes.dropFirst(count)
    }
    let code = errno
    if file >= 0 { close(file) }
    guard file >= 0, bytes.isEmpty else {
      Terminal.complain("heliograph: \(path): can't be written: \(String(cString: strerror(code)))")
      return CommandLineTool.ExitCode.refused
    }
    return CommandLineTool.ExitCode.done
  }
}
