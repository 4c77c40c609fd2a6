import HeliographCore
import Quantities
import Sealing
import Sites
import Testing
import Texting

@Suite struct StationSiteTests {
  static let start = StationHarness.start

  static func configuration() throws -> StationConfiguration {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 9, count: 32)))
    return StationHarness.configuration(keys, 0, [keys.publicKey])
  }

  /// What a station stored, by key.
  struct Store {
    var entries: [String: [UInt8]] = [:]

    mutating func take(_ effects: [Effect]) {
      for effect in effects {
        if case .store(.put(let key, let value)) = effect { entries[key] = value }
        if case .store(.remove(let key)) = effect { entries[key] = nil }
      }
    }

    var state: StoredState {
      StoredState(
        entries: entries.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) })
    }
  }

  static func reading(_ seconds: Int64, imported: Int64) -> DeviceReading {
    var reading = DeviceReading(device: "meter", at: start + TimeSpan(seconds: seconds))
    reading.gridPower = Power(watts: 100)
    reading.pvPower = Power(watts: 900)
    reading.loadPower = Power(watts: 1000)
    reading.importedTotal = Energy(wattHours: imported)
    reading.exportedTotal = Energy(wattHours: 500)
    reading.totalResolution = Energy(wattHours: 1)
    return reading
  }

  @Test("a meter changed while the node was down takes nothing from the day's sum")
  func registersSurviveRestart() throws {
    let configuration = try Self.configuration()
    var station = Station(configuration, at: Self.start)
    var store = Store()
    func feed(_ seconds: Int64, _ imported: Int64) {
      let reading = Self.reading(seconds, imported: imported)
      store.take(station.step(.reading(reading), at: reading.at))
    }
    // 100 W; a new slot stores where the register stands.
    for second in stride(from: Int64(0), through: 930, by: 30) {
      feed(second, 70_000 + second / 36)
    }
    var now = Self.start + TimeSpan(seconds: 930)
    #expect(station.snapshot(at: now, since: 0).day.imported == Energy(wattHours: 25))

    station = Station(configuration, restoring: store.state, at: now)
    for second in stride(from: Int64(960), through: 1080, by: 30) {
      feed(second, 4003 + second / 120)
    }
    now = Self.start + TimeSpan(seconds: 1080)
    let snapshot = station.snapshot(at: now, since: 0)
    // From the first reading of the new meter (4,011 Wh) on it counts again.
    #expect(snapshot.day.imported == Energy(wattHours: 26))
    #expect(snapshot.decisions.contains { $0.text.contains("register started over") })
  }

  @Test("says on screen and by text that the panels are held back")
  func curtailed() throws {
    var station = Station(try Self.configuration(), at: Self.start)
    var replies: [String] = []
    func ask(_ now: Instant) {
      let message = TextMessage(id: .init(1), origin: .local, text: "STATUS")
      for effect in station.step(.text(message), at: now) {
        if case .reply(_, let text) = effect { replies.append(text) }
      }
    }
    for second in stride(from: Int64(0), through: 90, by: 30) {
      var reading = Self.reading(second, imported: 1)
      reading.operatingState = .throttled
      _ = station.step(.reading(reading), at: reading.at)
      _ = station.step(.timer(.control), at: reading.at)
      let isCurtailed = station.snapshot(at: reading.at, since: 0).isCurtailed
      #expect(isCurtailed == (second >= 60))
    }
    ask(Self.start + TimeSpan(seconds: 90))
    #expect(replies.last?.contains("or more: curtailed.") == true)
    #expect((replies.last.flatMap { SMSAlphabet.septets(of: $0) } ?? 999) <= 160)
    let decisions = station.snapshot(at: Self.start, since: 0).decisions.map(\.text)
    #expect(decisions.contains("curtailed: the inverter throttles"))
    // Nothing is known of it once nothing is known of the inverter.
    let later = Self.start + TimeSpan(minutes: 10)
    #expect(station.snapshot(at: later, since: 0).isCurtailed == nil)
  }
}
