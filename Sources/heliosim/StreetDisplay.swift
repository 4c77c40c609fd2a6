import Glibc
import Quantities
import Simulation

/// Shows the street on standard output: a screen redrawn in place on a terminal, lines elsewhere.
struct StreetDisplay {
  private static let descriptor: Int32 = 1

  let isScreen: Bool
  let isColoured: Bool
  private var shownEvents = 0
  private var lastTable: Int64?
  /// Whether events stand below the last table.
  private var hasListed = true

  init(isPlain: Bool) {
    let isTerminal = isatty(StreetDisplay.descriptor) == 1
    // A narrower terminal would wrap the table: it gets lines, as a file does.
    isScreen =
      isTerminal && !isPlain && StreetSystem.environment("TERM") != "dumb"
      && StreetDisplay.terminalSize().columns >= 80
    // https://no-color.org: any value that is not empty switches colours off.
    isColoured = isScreen && StreetSystem.environment("NO_COLOR") == nil
  }

  /// Shows what is new; false when nobody reads the output any more.
  mutating func show(_ screen: StreetScreen, journal: StreetJournal) -> Bool {
    isScreen ? draw(screen) : list(screen, journal: journal)
  }

  /// Prints one line below what stands there.
  @discardableResult func line(_ line: StreetLine) -> Bool {
    let text = StreetTerminal.text(line, inColour: isColoured)
    return StreetSystem.write(
      text + (isScreen ? "\u{1B}[K\r\n" : "\n"), to: StreetDisplay.descriptor)
  }

  @discardableResult func line(_ text: String = "", _ tint: StreetTint = .plain) -> Bool {
    line(StreetLine(text, tint))
  }

  private func draw(_ screen: StreetScreen) -> Bool {
    // On a slow serial line the last screen may still be on its way: this one is left out, rather
    // than making the houses wait for it.
    var waiting: Int32 = 0
    if ioctl(StreetDisplay.descriptor, UInt(TIOCOUTQ), &waiting) == 0, waiting > 0 { return true }
    let size = StreetDisplay.terminalSize()
    let lines = screen.lines(columns: size.columns, rows: size.rows)
    let frame = StreetTerminal.frame(lines, inColour: isColoured)
    return StreetSystem.write(frame, to: StreetDisplay.descriptor)
  }

  /// A line for each event, and the table at each full hour of the street.
  private mutating func list(_ screen: StreetScreen, journal: StreetJournal) -> Bool {
    let fresh = min(journal.count - shownEvents, journal.events.count)
    shownEvents = journal.count
    for event in journal.events.suffix(fresh) {
      hasListed = true
      guard line(event.line(local: screen.local)) else { return false }
    }
    let hour = screen.local.minuteOfDay(at: screen.at) / 60
    guard hour != lastTable else { return true }
    lastTable = hour
    defer { hasListed = false }
    guard !hasListed || line(), line("-- \(screen.local.clock(at: screen.at))") else {
      return false
    }
    for row in screen.table() {
      guard line(row) else { return false }
    }
    return line()
  }

  /// What the terminal says of itself, else COLUMNS and LINES, else 80 × 24 (a serial line says
  /// nothing).
  private static func terminalSize() -> (columns: Int, rows: Int) {
    var size = winsize()
    _ = ioctl(StreetDisplay.descriptor, UInt(TIOCGWINSZ), &size)
    func number(_ reported: UInt16, _ name: String, _ usual: Int) -> Int {
      if reported > 0 { return Int(reported) }
      return StreetSystem.environment(name).flatMap { Int($0) } ?? usual
    }
    return (number(size.ws_col, "COLUMNS", 80), number(size.ws_row, "LINES", 24))
  }
}
