import Glibc
import Links
import Texting

/// `heliograph`: asks a node, or tells it something, in the words of the one grammar.
struct CommandLineTool {
  /// What a shell sees.
  enum ExitCode {
    static let done: Int32 = 0
    static let refused: Int32 = 1
    static let usage: Int32 = 2
    static let unreachable: Int32 = 3
  }

  static let defaultNode = "/var/lib/heliograph"

  let arguments: [String]

  func run() async -> Int32 {
    // Refused writes come back as errors; a signal would end the program without a word.
    signal(SIGPIPE, SIG_IGN)
    do {
      switch try Invocation(arguments: arguments, environmentNode: environment("HELIOGRAPH_NODE")) {
      case .help: return say(Invocation.helpText)
      case .version: return say("heliograph \(HeliographVersion.text)")
      case .ask(let line, let node): return ask(line, of: ControlClient(node: node))
      case .course(let tool, let node): return tool.run(ControlClient(node: node))
      case .account(let tool, let node): return tool.run(ControlClient(node: node))
      case .ledger(let tool, let node): return tool.run(node: node)
      case .tool(let tool): return await tool.run()
      case .profile(let tool): return tool.run()
      case .feed(let tool): return tool.run()
      case .console(let terminal, let node): return console(terminal, ControlClient(node: node))
      }
    } catch {
      complain("heliograph: \(error.text)")
      complain("Try: heliograph --help")
      return ExitCode.usage
    }
  }

  private func ask(_ line: String, of client: ControlClient) -> Int32 {
    do {
      let answer = try client.ask(line)
      guard !answer.hasPrefix(TextReply.refusalPrefix) else {
        complain(answer)
        let isUnderstood = (try? Grammar.parse(line, origin: .local)) != nil
        return isUnderstood ? ExitCode.refused : ExitCode.usage
      }
      return say(answer)
    } catch {
      complain("heliograph: \(error.text)")
      return error.code == .invalid ? ExitCode.usage : ExitCode.unreachable
    }
  }

  private func console(_ terminal: Invocation.ConsoleTerminal?, _ client: ControlClient) -> Int32 {
    let console = Console { line in Self.answer(line, client) }
    guard let terminal else {
      console.runOnStandardInput()
      return ExitCode.done
    }
    do {
      try console.run(terminal: terminal.path, baud: terminal.baud)
      return ExitCode.done
    } catch {
      complain("heliograph: \(error.text)")
      return ExitCode.usage
    }
  }

  private static func answer(_ line: String, _ client: ControlClient) -> String {
    do { return try client.ask(line) } catch { return TextReply.refusalPrefix + error.text }
  }

  private func environment(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }

  private func say(_ text: String) -> Int32 {
    print(text)
    return ExitCode.done
  }

  private func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(2, bytes, bytes.count)
  }
}
