import HeliographCore
import Quantities
import Simulation
import Testing
import Texting

@Suite struct StreetScreenTests {
  static let start = Instant(millisecondsSince1970: 1_782_016_200_000)  // 2026-06-21 04:30 UTC
  static let noon = start + TimeSpan(minutes: 515)

  static func snapshot(_ name: String, decisions: [Decision] = []) -> Snapshot {
    var snapshot = Snapshot(name: name, at: noon, clock: "13:05")
    snapshot.pvPower = Power(watts: 5230)
    snapshot.loadPower = Power(watts: 420)
    snapshot.batteryPower = Power(watts: 2300)
    snapshot.gridPower = Power(watts: -1200)
    snapshot.stateOfCharge = StateOfCharge(percent: 64)
    snapshot.surplus = Power(watts: 1200)
    snapshot.runningJobs = [
      .init(
        number: 2, name: "a-very-long-name-of-a-job", completed: 112, failed: 3, requests: 500,
        power: Power(watts: 320))
    ]
    snapshot.balance = Credits(millicredits: 3205)
    snapshot.peersLinked = 2
    snapshot.peersKnown = 2
    snapshot.decisions = decisions
    return snapshot
  }

  static func screen(_ houses: [StreetHouse], events: [StreetEvent] = []) -> StreetScreen {
    var screen = StreetScreen(
      houses: houses, at: noon, from: start, to: start + TimeSpan(minutes: 1020), speed: 600,
      engine: "stand-in (no model)")
    screen.events = events
    return screen
  }

  static let fullStreet = ["amber", "birch", "cedar"].map {
    StreetHouse(name: $0, snapshot: snapshot($0))
  }

  static let events = (0..<200).map { index in
    StreetEvent(
      house: "amber", at: noon + TimeSpan(seconds: Int64(index)),
      text: "event \(index): "
        + String(repeating: "word ", count: index % 22).trimmedForTest,
      topic: .job)
  }

  @Test("keeps within the terminal", arguments: [(80, 24), (80, 40), (120, 30), (40, 10)])
  func fits(columns: Int, rows: Int) {
    let lines = Self.screen(Self.fullStreet, events: Self.events)
      .lines(columns: columns, rows: rows)
    #expect(lines.allSatisfy { $0.width < max(columns, 80) })
    #expect(lines.count < max(rows, 14))
    if rows >= 24 {
      #expect(lines.last?.text.contains("word") == true)
      #expect(lines.contains { $0.text.contains("event 199") })
    }
  }

  @Test("says the date, the time and what the engine is")
  func saysWhatItIs() {
    let text = Self.screen(Self.fullStreet).lines().map(\.text).joined(separator: "\n")
    #expect(text.contains("21 June 2026  13:05"))
    #expect(text.contains("stand-in (no model)"))
    #expect(text.contains("600 x"))
  }

  @Test("shows each house's numbers with their signs")
  func showsNumbers() throws {
    let row = try #require(
      Self.screen(Self.fullStreet).table().first { $0.text.hasPrefix("amber") })
    let words = row.text.split(separator: " ").map(String.init)
    #expect(words.prefix(7) == ["amber", "5230", "420", "+2300", "64%", "-1200", "1200"])
    #expect(row.text.contains("2  112/500 3 bad"))
    #expect(words.last == "+3.21")
  }

  @Test("shows what is unknown as ?, also in the sums, and never as 0")
  func showsUnknown() throws {
    var dark = Self.snapshot("birch")
    dark.pvPower = nil
    dark.gridPower = nil
    dark.batteryPower = nil
    dark.stateOfCharge = nil
    dark.surplus = nil
    dark.loadPower = nil
    let houses = [
      Self.fullStreet[0], StreetHouse(name: "birch", snapshot: dark),
      StreetHouse(name: "cedar", trouble: "node is down"),
    ]
    let table = Self.screen(houses).table().map(\.text)
    let birch = try #require(table.first { $0.hasPrefix("birch") })
    #expect(birch.split(separator: " ").filter { $0 == "?" }.count == 6)
    let cedar = try #require(table.first { $0.hasPrefix("cedar") })
    #expect(cedar.split(separator: " ").filter { $0 == "?" }.count == 7)
    #expect(cedar.contains("node is down"))
    #expect(!cedar.contains("0"))
    let street = try #require(table.first { $0.hasPrefix("street") })
    #expect(street.split(separator: " ") == ["street", "?", "?", "?", "?"])
  }

  @Test("writes no escape codes and no control characters without colour")
  func plainIsPlain() {
    let sly = StreetEvent(
      house: "amber", at: Self.noon, text: "name \u{1B}[2J\u{7}\u{9B}31m from a neighbour")
    for line in Self.screen(Self.fullStreet, events: [sly]).lines() {
      let text = StreetTerminal.text(line, inColour: false)
      #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
    }
  }

  @Test("redraws with cursor-home and clear-to-end only")
  func redrawsInPlace() {
    let lines = Self.screen(Self.fullStreet, events: Self.events).lines()
    let frame = StreetTerminal.frame(lines, inColour: false)
    #expect(frame.hasPrefix("\u{1B}[H"))
    #expect(frame.hasSuffix("\u{1B}[J"))
    let sequences = frame.split(separator: "\u{1B}", omittingEmptySubsequences: true)
    #expect(sequences.allSatisfy { $0.hasPrefix("[H") || $0.hasPrefix("[K") || $0 == "[J" })
    let coloured = StreetTerminal.frame(lines, inColour: true)
    #expect(coloured.contains("\u{1B}[33m"))
    #expect(coloured.contains("\u{1B}[0m"))
  }

  @Test("draws a picture that is well formed and keeps every word")
  func draws() {
    var lines = Self.screen(Self.fullStreet).lines()
    lines.append(StreetLine("1 < 2 & \"3\""))
    let picture = StreetPicture.document(of: lines, title: "street")
    #expect(picture.hasPrefix("<svg "))
    #expect(picture.hasSuffix("</svg>\n"))
    #expect(picture.contains("1 &lt; 2 &amp; &quot;3&quot;"))
    #expect(picture.contains(">amber</text>"))
    #expect(
      picture.components(of: "<text").count == picture.components(of: "</text>").count)
  }
}

extension String {
  /// Without spaces at its end, ending in "word".
  fileprivate var trimmedForTest: String { self + "word" }

  /// The text split at each occurrence of `separator`.
  fileprivate func components(of separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
