/// The node's grammar on a serial line, or on standard input and output.
///
/// Made for the plainest terminal at 9600 baud: no colours, no cursor movement but the backspace,
/// 24 rows of 80 columns, and a stop at each full screen.
public struct Console {
  private static let prompt = "heliograph> "
  private let ask: (String) -> String
  private let pager: Pager

  /// `ask` gives the answer to one line; an error's words are an answer too.
  public init(columns: Int = 80, rows: Int = 24, ask: @escaping (String) -> String) {
    precondition(columns >= 20 && rows >= 3, "a screen has room for words")
    self.ask = ask
    pager = Pager(columns: columns, rows: rows)
  }

  /// Serves the terminal at `path` until it hangs up, or Ctrl-D, EXIT or QUIT is typed.
  public func run(terminal path: String, baud: Int) throws(LinkError) {
    serve(try Terminal(path: path, baud: baud))
  }

  /// Serves standard input and output; a pipe gets the answers alone.
  public func runOnStandardInput() { serve(Terminal()) }

  private func serve(_ terminal: Terminal) {
    var editor = LineEditor()
    // What was typed ahead, also while an answer stood still at a full screen.
    var waiting: [UInt8] = []
    guard greet(terminal) else { return }
    while true {
      if waiting.isEmpty {
        guard let bytes = terminal.read() else { break }
        waiting = bytes
      }
      let byte = waiting.removeFirst()
      for action in editor.feed(byte) {
        switch action {
        case .echo(let bytes):
          if terminal.isInteractive { guard terminal.write(bytes) else { return } }
        case .line(let line):
          guard answer(line, terminal, &waiting) else { return }
        case .end:
          _ = terminal.write(Array("\r\n".utf8))
          return
        }
      }
    }
    // A pipe's last line may lack its end.
    if !terminal.isInteractive {
      for case .line(let line) in editor.feed(10) where !line.isEmpty {
        _ = answer(line, terminal, &waiting)
      }
    }
  }

  private func greet(_ terminal: Terminal) -> Bool {
    guard terminal.isInteractive else { return true }
    let text = "\r\nHeliograph. ? lists the commands, Ctrl-D ends.\r\n" + Self.prompt
    return terminal.write(Array(text.utf8))
  }

  /// False at the end.
  private func answer(_ line: String, _ terminal: Terminal, _ waiting: inout [UInt8]) -> Bool {
    let words = line.split(whereSeparator: \.isWhitespace)
    if words.count == 1, ["EXIT", "QUIT"].contains(words[0].uppercased()) { return false }
    if !words.isEmpty {
      let text = ask(line)
      guard terminal.isInteractive else { return terminal.write(Array((text + "\n").utf8)) }
      guard show(text, terminal, &waiting) else { return false }
    }
    return !terminal.isInteractive || terminal.write(Array(Self.prompt.utf8))
  }

  private func show(_ text: String, _ terminal: Terminal, _ waiting: inout [UInt8]) -> Bool {
    let screens = pager.screens(of: text)
    for (number, screen) in screens.enumerated() {
      let page = screen.map { $0 + "\r\n" }.joined()
      guard terminal.write(Array(page.utf8)) else { return false }
      guard number < screens.count - 1 else { return true }
      guard terminal.write(Array("-- more: any key; q: no --".utf8)) else { return false }
      if waiting.isEmpty {
        guard let bytes = terminal.read() else { return false }
        waiting = bytes
      }
      let key = waiting.removeFirst()
      guard terminal.write(Array("\r                          \r".utf8)) else { return false }
      if key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") || key == 3 { return true }
    }
    return true
  }
}
