import Daemon
import Links
import Texting

/// `heliograph account`: what jobs came to, as a table for a spreadsheet.
struct AccountTool: Equatable {
  static let name = "account"

  static let helpText = """
      heliograph account [2026-11]       what ended jobs came to, as a table (CSV): energy, and how
                                         much of it was measured and was sun, tokens, cost
    """

  private let month: String?

  init(_ arguments: [String]) throws(Invocation.UsageError) {
    guard let first = arguments.first else {
      month = nil
      return
    }
    guard arguments.count == 1, JobAccountText.Month(first) != nil else {
      throw Invocation.UsageError(
        text: "account takes a month at most, not \(arguments.joined(separator: " ")). "
          + "Example: heliograph account 2026-11")
    }
    month = first
  }

  func run(_ client: ControlClient) -> Int32 {
    let line = ([JobAccountText.command] + [month].compactMap { $0 }).joined(separator: " ")
    do {
      let answer = try client.ask(line)
      guard !answer.hasPrefix(TextReply.refusalPrefix) else {
        Terminal.complain(answer)
        return CommandLineTool.ExitCode.refused
      }
      Terminal.say(answer)
      return CommandLineTool.ExitCode.done
    } catch {
      Terminal.complain("heliograph: \(error.text)")
      return CommandLineTool.ExitCode.unreachable
    }
  }
}
