import Glibc
import Quantities
import Simulation

extension Street {
  /// Sums the day up and says what was wrong and what to try next; returns the exit code.
  mutating func finish(_ stop: Stop) -> Int32 {
    if stop == .outputGone { return 1 }
    let houses = nodes.map(\.house)
    display.line()
    if case .signal(let number) = stop {
      display.line("Stopped before the day was over; the nodes are being ended.", .bad)
      return 128 + number
    }
    let summary = StreetSummary(houses: houses)
    summary.lines().forEach { display.line($0) }
    if let firstTradeAt {
      let seconds = DecimalText.thousandths(firstTradeAt - startedAt, places: 1)
      display.line("  First trade settled \(seconds) s after the nodes were started.")
    }
    if standIn != nil {
      display.line("  A stand-in answered the requests: its answers only say that it is one.")
    }
    sayBooks()
    record()
    let wrong = problems + summary.problems
    if !wrong.isEmpty {
      display.line()
      display.line("This day did not go as it should:", .bad)
      wrong.forEach { display.line("  - \($0)", .bad) }
      return 1
    }
    display.line()
    sayWhatNext()
    return 0
  }

  /// Each node's books in its own words, the same that its owner gets by text.
  private func sayBooks() {
    display.line()
    display.line("As each node says it itself:", .strong)
    let lines = options.kills.isEmpty ? ["BAL"] : ["BAL", "TRADES"]
    for node in nodes {
      for line in lines {
        display.line("  \(node.name) \(line): \(node.ask(line) ?? "?")")
      }
    }
  }

  private func record() {
    guard let file = options.record else { return }
    guard let recorded else {
      display.line("Nothing recorded: the day never came to the moment of --record-at.", .bad)
      return
    }
    do {
      let picture = StreetPicture.document(of: recorded, title: "heliosim street")
      try directory.write(picture, to: StreetSystem.absolutePath(file))
      display.line("  Picture written to \(file).")
    } catch {
      display.line("\(error)", .bad)
    }
  }

  private func sayWhatNext() {
    let program = StreetSystem.shortPath(daemon.dropLast("heliographd".count) + "heliograph")
    let node = StreetSystem.shortPath(directory.folder("amber"))
    display.line("What to try next:", .strong)
    if !options.keepsNodes {
      display.line("  make run again, and in another terminal, while the street lives:")
    }
    display.line("    \(program) --node \(node) STATUS")
    display.line("    (or TODAY, JOBS, TRADES, BAL, PEERS, WHY, HELP; and so for birch and cedar)")
    display.line("  make run ENGINE=gemma    a real model answers the questions")
    display.line("  make test                the tests")
    display.line("  Boards/                  what a Raspberry Pi or a Jetson needs to be a node")
  }
}
