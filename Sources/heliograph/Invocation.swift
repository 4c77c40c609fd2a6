import Glibc
import Texting

/// What the arguments ask for.
enum Invocation: Equatable {
  case help
  case version
  case ask(line: String, node: String)
  case console(ConsoleTerminal?, node: String)
  case course(CourseTool, node: String)
  case account(AccountTool, node: String)
  case ledger(LedgerTool, node: String)
  case tool(InstallerTool)
  case profile(ProfileTool)
  case feed(FeedTool)

  struct ConsoleTerminal: Equatable {
    let path: String
    let baud: Int
  }

  /// Arguments that can't be meant.
  struct UsageError: Error { let text: String }

  static let helpText = """
    heliograph asks a node, or tells it something.

      heliograph STATUS | TODAY | JOBS | JOB 2 | TRADES | BAL | PEERS | WHY | HELP
      heliograph run FILE.jsonl [--watts 60] [--by 18:00] [--model NAME] [--priority 1]
                     [--value 0.10] [--after 3] [--fixed]
      heliograph run FILE.jsonl --pay 3 [--by 18:00]    neighbours compute it, for 3 credits at most
      heliograph run photos              a command that the configuration names, as a job
      heliograph PAUSE | RESUME | CANCEL 3 | LIMIT mara 5 | RESERVE 40
      heliograph RELAYS | RELAY pump ON
      heliograph CHARGE 1500W 2H | DISCHARGE 1000W 30MIN | EXPORT 3000W [4H] | AUTO
    \(CourseTool.helpText)
    \(AccountTool.helpText)
    \(LedgerTool.helpText)
      heliograph console [--tty /dev/ttyUSB0] [--baud 115200]

    Programs hand in batches by OpenAI's Batch API: on the socket api.sock in the node's data
    directory or, with jobs.api.port in its configuration, OPENAI_BASE_URL=http://127.0.0.1:PORT/v1

    For whoever installs it:

    \(InstallerTool.helpText)

    \(ProfileTool.helpText)

    \(FeedTool.helpText)

      --node DIR   the node's data directory or control socket;
                   else HELIOGRAPH_NODE, else \(CommandLineTool.defaultNode)
      --version    --help

    Ends with 0: done, 1: refused by the node or a check, 2: not understood, 3: nothing answers.
    """

  init(arguments: [String], environmentNode: String?) throws(UsageError) {
    var rest: [String] = []
    var node = environmentNode ?? CommandLineTool.defaultNode
    var position = 0
    while position < arguments.count {
      let argument = arguments[position]
      position += 1
      switch argument {
      case "--help", "-h":
        self = .help
        return
      case "--version":
        self = .version
        return
      case "--node":
        guard position < arguments.count, !arguments[position].isEmpty else {
          throw UsageError(text: "--node needs a data directory or a socket")
        }
        node = arguments[position]
        position += 1
      default: rest.append(argument)
      }
    }
    guard let first = rest.first else {
      throw UsageError(text: "no command. Example: heliograph STATUS")
    }
    if InstallerTool.names.contains(first.lowercased()) {
      self = .tool(try InstallerTool(first.lowercased(), Array(rest.dropFirst())))
      return
    }
    if CourseTool.names.contains(first.lowercased()) {
      let tool = try CourseTool(first.lowercased(), Array(rest.dropFirst()))
      self = .course(tool, node: node)
      return
    }
    if first.lowercased() == AccountTool.name {
      self = .account(try AccountTool(Array(rest.dropFirst())), node: node)
    } else if first.lowercased() == LedgerTool.name {
      self = .ledger(try LedgerTool(Array(rest.dropFirst())), node: node)
    } else if FeedTool.names.contains(first.lowercased()) {
      self = .feed(try FeedTool(first.lowercased(), Array(rest.dropFirst())))
    } else if first.lowercased() == "profile" {
      self = .profile(try ProfileTool(Array(rest.dropFirst())))
    } else if first.lowercased() == "console" {
      self = .console(try Self.terminal(Array(rest.dropFirst())), node: node)
    } else if first.lowercased() == "run" {
      self = .ask(line: try Self.runLine(Array(rest.dropFirst())), node: node)
    } else {
      for argument in rest where argument.hasPrefix("--") {
        throw UsageError(text: "unknown option \(argument)")
      }
      self = .ask(line: rest.map(Grammar.quoted).joined(separator: " "), node: node)
    }
  }

  private static func terminal(_ arguments: [String]) throws(UsageError) -> ConsoleTerminal? {
    var path: String?
    var baud: Int?
    var position = 0
    while position < arguments.count {
      let option = arguments[position]
      guard option == "--tty" || option == "--baud" else {
        throw UsageError(text: "console knows --tty and --baud, not \(option)")
      }
      guard position + 1 < arguments.count else {
        throw UsageError(text: "\(option) needs a value")
      }
      let value = arguments[position + 1]
      if option == "--tty" {
        path = value
      } else {
        guard let number = Int(value) else {
          throw UsageError(text: "--baud \(value) is no speed. Example: --baud 9600")
        }
        baud = number
      }
      position += 2
    }
    guard let path else {
      guard baud == nil else { throw UsageError(text: "--baud needs --tty") }
      return nil
    }
    return ConsoleTerminal(path: path, baud: baud ?? 115_200)
  }

  /// The `RUN` line: the shell's options become the grammar's words, the path an absolute one. A
  /// bare name of no file here is a command's or one in the node's inbox.
  private static func runLine(_ arguments: [String]) throws(UsageError) -> String {
    let options = ["--watts", "--by", "--model", "--priority", "--value", "--after", "--pay"]
    var file: String?
    var words: [String] = []
    var position = 0
    while position < arguments.count {
      let argument = arguments[position]
      position += 1
      if argument == "--fixed" {
        words.append("FIXED")
      } else if options.contains(argument) {
        guard position < arguments.count else {
          throw UsageError(text: "\(argument) needs a value")
        }
        words += [argument.dropFirst(2).uppercased(), Grammar.quoted(arguments[position])]
        position += 1
      } else if argument.hasPrefix("--") {
        throw UsageError(text: "run knows no option \(argument)")
      } else if file == nil {
        file = argument
      } else {
        // The grammar's own words may be typed here too: run a.jsonl WATTS 60.
        words.append(Grammar.quoted(argument))
      }
    }
    guard let file, !file.isEmpty else {
      throw UsageError(text: "no file. Example: heliograph run photos.jsonl --watts 60 --by 18:00")
    }
    return (["RUN", Grammar.quoted(try absolute(file))] + words).joined(separator: " ")
  }

  /// The node has another working directory than the shell.
  private static func absolute(_ path: String) throws(UsageError) -> String {
    guard !path.hasPrefix("/") else { return path }
    guard path.contains("/") || access(path, F_OK) == 0 else { return path }
    guard let current = getcwd(nil, 0) else {
      throw UsageError(text: "the working directory is gone; name the file with its whole path")
    }
    defer { free(current) }
    return String(cString: current) + "/" + path
  }
}
