import Daemon
import Glibc
import HeliographCore
import Planning
import Quantities
import Testing
import Thrown

@Suite("PriceList")
struct PriceListTests {
  static let tenOClock = TimeSlot(
    containing: TimestampText.instant("2026-06-21T10:00:00Z") ?? .zero)

  static func read(_ text: String) throws(PriceListError) -> PriceList {
    try PriceList(Array(text.utf8), file: "prices.csv")
  }

  @Test("reads hours and quarters, negative prices, names, remarks and either separator")
  func reads() throws {
    let list = try Self.read(
      """
      time,import,export
      # the market of tomorrow
      2026-06-21T11:00:00Z;-1.25\r

      2026-06-21T10:00:00Z,28.5,7.9
      2026-06-21T11:15:00Z, 0.1234567 ,
      """.replacing("0.1234567", with: "0.123456"))
    let first = Self.tenOClock
    #expect(list.importPrices.map(\.slot) == (0..<9).map { first.advanced(by: $0) })
    let prices = list.importPrices.map(\.price.millicreditsPerKilowattHour)
    #expect(prices == [28_500, 28_500, 28_500, 28_500, -1250, 123, 123, 123, 123])
    #expect(list.exportPrices.map(\.slot) == (0..<4).map { first.advanced(by: $0) })
    let written = try Self.read("\u{FEFF}\"time\",\"import\"\n\"2026-06-21T10:00:00Z\",\"28.5\"\n")
    #expect(written.importPrices.count == 4)
  }

  @Test(
    "refuses a list with a bad line, and names it",
    arguments: [
      ("", "prices.csv: holds no prices"), ("time,import\n# none\n", "holds no prices"),
      ("time\nx\n", "prices.csv:2: expected time,import price"),
      ("2026-06-21T10:00:00Z", "prices.csv:1: expected time,import price"),
      ("2026-06-21T10:00:00Z,1,2,3", "prices.csv:1: expected time,import price"),
      ("2026-06-21T10:05:00Z,1", "prices.csv:1: expected a UTC quarter-hour"),
      ("2026-06-21 10:00,1", "found \"2026-06-21 10:00\""),
      ("\n\n2026-06-21T10:00:00Z,", "prices.csv:3: expected credits per kWh"),
      ("2026-06-21T10:00:00Z,1e3", "found \"1e3\""),
      ("2026-06-21T10:00:00Z,1.", "found \"1.\""),
      ("2026-06-21T10:00:00Z,+1", "found \"+1\""),
      ("2026-06-21T10:00:00Z,1000001", "found \"1000001\""),
      ("2026-06-21T10:00:00Z,99999999999999999999", "expected credits"),
      ("2026-06-21T10:00:00Z,1,x", "found \"x\""),
      ("2026-06-21T10:00:00Z,1\n2026-06-21T10:00:00Z,2", "prices.csv:2: line 1 has this time too"),
    ])
  func refuses(text: String, expected: String) {
    let error = thrown(PriceListError.self) { try Self.read(text) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "taken")")
  }

  @Test("refuses more lines than a year of quarters could use, and takes any bytes")
  func bounded() {
    let many = String(repeating: "#\n", count: PriceList.maximumLines + 1)
    #expect(thrown(PriceListError.self) { try Self.read(many) }?.line == nil)
    var state: UInt64 = 3
    for _ in 0..<2000 {
      var bytes = Array("2026-06-21T10:00:00Z,28.5,7.9\n2026-06-21T11:00:00Z,1".utf8)
      for _ in 0..<2 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 40)
      }
      if let list = try? PriceList(bytes, file: "x") { #expect(list.importPrices.count <= 8) }
    }
  }

  @Test("hands the station a tariff when the list changes, and keeps the last good one")
  func desk() throws {
    let directory = TemporaryDirectory()
    let path = directory.file("prices.csv")
    let witness = Witness()
    let base = Tariff(importPrice: Price(creditsPerKilowattHour: 30))
    var desk = PriceDesk(path: path, tariff: base, journal: Journal { witness.add("\($0) \($1)") })
    var prices: [Price] = []
    var now = Self.tenOClock.start
    func turn(hasRoom: Bool = true) {
      desk.turn(at: now) { event in
        guard hasRoom, case .tariff(let tariff) = event else { return false }
        prices.append(tariff.importPrice(in: Self.tenOClock, localTime: .utc))
        return true
      }
    }
    turn()
    turn()
    #expect(witness.lines.count == 1 && witness.lines[0].contains("No such file"))
    _ = directory.write("prices.csv", "2026-06-21T10:00:00Z,20\n")
    turn(hasRoom: false)
    turn()
    turn()
    #expect(prices == [Price(creditsPerKilowattHour: 20)])
    _ = directory.write("prices.csv", "2026-06-21T10:00:00Z,twenty-one\n")
    turn()
    turn()
    #expect(prices.count == 1)
    #expect(witness.lines.last?.contains("prices.csv:1: expected credits") == true)
    _ = directory.write("prices.csv", "2026-06-21T10:00:00Z,22.000\n")
    turn()
    #expect(prices.last == Price(creditsPerKilowattHour: 22))
    #expect(witness.lines.last?.contains("is good again") == true)
    #expect(witness.lines.count == 4, "\(witness.lines)")
    now = now + TimeSpan.hour
    turn()
    turn()
    #expect(witness.lines.last?.contains("ends at 2026-06-21T11:00:00Z; until it goes on") == true)
    #expect(witness.lines.count == 5, "\(witness.lines)")
  }

  @Test("a pipe in a list's place is refused, and keeps nobody waiting")
  func pipe() {
    let directory = TemporaryDirectory()
    let path = directory.file("prices.csv")
    #expect(mkfifo(path, 0o600) == 0)
    let error = thrown(PriceListError.self) { try PriceList(file: path) }
    #expect(error?.description.contains("no ordinary file") == true)
  }
}
