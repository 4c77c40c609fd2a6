import HeliographCore
import Quantities

/// The street as one screen of text: a line for the sun, a row for each house, the events below.
///
/// Plain ASCII apart from what nodes say, because a serial console may know nothing else. It keeps
/// to 79 of 80 columns: a character in the last one makes some terminals wrap.
public struct StreetScreen: Sendable {
  public var houses: [StreetHouse]
  /// Oldest first; the latest that fit are shown.
  public var events: [StreetEvent] = []
  public var at: Instant
  public var from: Instant
  public var to: Instant
  public var local: LocalTime = .utc
  /// How many seconds pass in the street in one second here.
  public var speed: Int64
  /// What answers the jobs; says so itself when it is a stand-in.
  public var engine: String

  public init(
    houses: [StreetHouse], at: Instant, from: Instant, to: Instant, speed: Int64, engine: String
  ) {
    self.houses = houses
    self.at = at
    self.from = from
    self.to = to
    self.speed = speed
    self.engine = engine
  }

  /// At most `rows − 1` lines of at most `columns − 1` columns, within 80 to 120 columns.
  public func lines(columns: Int = 80, rows: Int = 24) -> [StreetLine] {
    let width = min(max(columns, 80), 120) - 1
    var lines = [title(width: width), sunBar(width: width), StreetLine()]
    let table = StreetTable(houses: houses, width: width)
    lines.append(table.heading)
    lines += table.rows
    lines.append(table.total)
    lines.append(StreetLine())
    lines.append(StreetLine("Today: " + StreetSummary(houses: houses).todayText, .good))
    lines.append(StreetLine("Engine: \(engine)   Links: \(linksText)", .faint))
    lines.append(StreetLine(String(repeating: "-", count: width), .faint))
    let room = max(rows - 1 - lines.count, 1)
    lines += eventLines(width: width, room: room)
    return lines.map { $0.prefix(width) }
  }

  /// The rows alone, for an output that keeps every line.
  public func table() -> [StreetLine] {
    let table = StreetTable(houses: houses, width: 79)
    return [table.heading] + table.rows + [table.total]
  }

  private func title(width: Int) -> StreetLine {
    var line = StreetLine("Heliograph", .sun)
    line.append(": a street of \(houses.count) houses, simulated", .strong)
    let today = local.date(at: at)
    let date = "\(today.day) \(today.monthName) \(today.year)  \(local.clock(at: at))"
    let speedText = "   \(speed) x"
    line.appendRight(date, width: width - line.width - speedText.count, .strong)
    line.append(speedText, .faint)
    return line
  }

  private func sunBar(width: Int) -> StreetLine {
    var line = StreetLine(local.clock(at: from) + " [", .faint)
    let room = width - 2 * (line.width)
    let whole = max(to.since(from).milliseconds, 1)
    let passed = min(max(at.since(from).milliseconds, 0), whole)
    let filled = Int(Int64(room - 1) * passed / whole)
    line.append(String(repeating: "=", count: filled) + ">", .sun)
    line.append(String(repeating: ".", count: room - 1 - filled), .faint)
    line.append("] " + local.clock(at: to), .faint)
    return line
  }

  private var linksText: String {
    houses.map { house in
      guard let snapshot = house.snapshot else { return "\(house.name) ?" }
      return "\(house.name) \(snapshot.peersLinked)/\(snapshot.peersKnown)"
    }.joined(separator: ", ")
  }

  private func eventLines(width: Int, room: Int) -> [StreetLine] {
    var chosen: [[StreetLine]] = []
    var used = 0
    for event in events.reversed() {
      let wrapped = StreetScreen.wrap(event, local: local, width: width)
      guard used + wrapped.count <= room else { break }
      used += wrapped.count
      chosen.append(wrapped)
    }
    return chosen.reversed().flatMap { $0 }
  }

  /// An event over as many lines as it needs, broken between words, set in below its text.
  static func wrap(_ event: StreetEvent, local: LocalTime, width: Int) -> [StreetLine] {
    let room = width - StreetEvent.indent
    var parts: [String] = []
    var part = ""
    for word in event.text.split(separator: " ") {
      if !part.isEmpty && part.count + 1 + word.count > room {
        parts.append(part)
        part = ""
      }
      part += part.isEmpty ? String(word) : " \(word)"
    }
    parts.append(part)
    return parts.enumerated().map { index, text in
      let piece = StreetEvent(house: event.house, at: event.at, text: text, topic: event.topic)
      guard index > 0 else { return piece.line(local: local) }
      var line = StreetLine(String(repeating: " ", count: StreetEvent.indent))
      line.append(text, event.tint)
      return line
    }
  }
}
