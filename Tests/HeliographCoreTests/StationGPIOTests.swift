import HeliographCore
import Planning
import Quantities
import Sealing
import Sites
import Testing
import Texting

@Suite struct StationGPIOTests {
  static let start = TimeSlot(index: 2_000_000).start

  /// One station, its store, and what it wanted done.
  struct House {
    var station: Station
    var now = StationGPIOTests.start
    var entries: [String: [UInt8]] = [:]
    var done: [String] = []
    var timers: [TimerName: Instant] = [:]

    init(restoring entries: [String: [UInt8]] = [:]) throws {
      let keys = try #require(KeyPair(seed: [UInt8](repeating: 7, count: 32)))
      var configuration = StationConfiguration(
        name: "house", keys: keys, community: .init(name: "test"),
        devices: [
          SiteDevice(
            name: "out", pollInterval: TimeSpan(seconds: 5), provides: [.grid, .totals])
        ])
      configuration.pulseMeters = [
        PulseMeterPlan(name: "out", flow: .gridExport, pulsesPerKilowattHour: 1000)
      ]
      configuration.relays = [
        RelayPlan(name: "boiler", mode: .surplus, power: Power(watts: 2000)),
        RelayPlan(name: "lamp", mode: .manual, minimumOn: .zero, minimumOff: .zero),
      ]
      configuration.hasLight = true
      self.entries = entries
      let stored = entries.sorted { $0.key < $1.key }.map {
        StoredState.Entry(key: $0.key, value: $0.value)
      }
      station = Station(
        configuration, restoring: StoredState(entries: stored), at: StationGPIOTests.start)
      give(.started)
    }

    mutating func give(_ event: Event) {
      for effect in station.step(event, at: now) {
        switch effect {
        case .store(.put(let key, let value)): entries[key] = value
        case .store(.remove(let key)): entries[key] = nil
        case .turnRelay(let name, let on, let at):
          #expect(at == now)
          done.append("\(name) \(on ? "on" : "off")")
        case .showLight(let light): done.append("light \(light.rawValue)")
        case .setTimer(let name, let time): timers[name] = time
        case .reply(_, let text): done.append(text)
        case .read(let device): done.append("read \(device)")
        default: break
        }
      }
    }

    mutating func say(_ text: String) {
      give(.text(TextMessage(id: .init(1), origin: .local, text: text)))
    }

    /// What was done since this was asked last, but for reading.
    mutating func taken() -> [String] {
      defer { done = [] }
      return done.filter { !$0.hasPrefix("read ") }
    }

    /// So many seconds in which the meter gives pulses at this power and the controller turns.
    mutating func live(seconds: Int64, watts: Int64) {
      for _ in 0..<(seconds / 5) {
        now = now + TimeSpan(seconds: 5)
        count += watts * 5 / 3600
        let spacing = TimeSpan(milliseconds: watts == 0 ? 0 : 3_600_000 / watts)
        give(
          .pulses(
            PulseSnapshot(
              meter: "out", count: count, recent: watts == 0 ? 0 : 1, recentSpan: spacing,
              quiet: watts == 0 ? TimeSpan(seconds: 3600) : .zero)))
        while let due = timers.filter({ $0.value <= now }).min(by: { $0.key < $1.key }) {
          timers[due.key] = nil
          if case .poll = due.key { continue }
          give(.timer(due.key))
        }
      }
    }
    var count: Int64 = 0
  }

  @Test("pulses alone are surplus enough to switch a boiler on, and off when they end")
  func pulsesToRelay() throws {
    var house = try House()
    #expect(house.taken() == ["light steady"])
    house.live(seconds: 600, watts: 7200)
    #expect(house.taken() == ["boiler on", "light slow"])
    #expect(house.count == 1200)
    house.live(seconds: 600, watts: 0)
    #expect(house.taken() == ["boiler off", "light steady"])
    house.say("STATUS")
    #expect(house.taken().first?.contains("grid -1 W") == true)
  }

  @Test("counts go on where a killed node stored them, a minute at most before its end")
  func counting() throws {
    var house = try House()
    house.live(seconds: 290, watts: 7200)
    #expect(house.count == 580)
    let again = try House(restoring: house.entries)
    let kept = try #require(again.entries["pulses/out"])
    let stored = try #require(Int64(String(decoding: kept, as: UTF8.self)))
    #expect((580 - 120...580).contains(stored))
    house.give(.stopping)
    #expect(house.entries["pulses/out"] == [UInt8]("580".utf8))
  }

  @Test("a node that stops switches its relays off")
  func stopping() throws {
    var house = try House()
    house.say("RELAY lamp ON")
    #expect(
      house.taken() == ["light steady", "lamp on", "Relay lamp is on. RELAYS lists all."])
    house.give(.stopping)
    #expect(house.taken() == ["lamp off"])
  }

  @Test("the button holds everything off, over a restart, until it or RESUME lifts that")
  func button() throws {
    var house = try House()
    house.say("RELAY lamp ON")
    _ = house.taken()
    house.give(.button(.long))
    #expect(house.taken() == ["lamp off"])
    house.say("RELAY lamp ON")
    #expect(house.taken() == ["Error: everything is held off. RESUME lifts that."])
    var again = try House(restoring: house.entries)
    again.say("STATUS")
    #expect(again.taken().last?.contains("All held off: RESUME.") == true)
    again.say("RESUME")
    #expect(again.taken() == [TextReply.released])
    again.say("RELAY lamp ON")
    #expect(again.taken().first == "lamp on")
    var third = try House(restoring: again.entries)
    third.say("RELAYS")
    #expect(
      third.taken().last
        == "boiler off (surplus); lamp off (manual). RELAY lamp ON switches.")
    house.give(.button(.short))
    house.say("RELAY lamp ON")
    #expect(house.taken().first == "lamp on")
  }

  @Test("a relay that can't be switched shows as trouble, on the light too")
  func failure() throws {
    var house = try House()
    house.say("RELAY lamp ON")
    _ = house.taken()
    house.give(.relayFailed("lamp", reason: "no such device"))
    #expect(house.taken() == ["light fast"])
    house.say("RELAYS")
    #expect(house.taken().last?.contains("lamp in TROUBLE (manual)") == true)
  }

  @Test("while nothing can be stored, no relay is on")
  func storage() throws {
    var house = try House()
    house.say("RELAY lamp ON")
    _ = house.taken()
    house.give(.storageFailing(reason: "disk full"))
    #expect(house.taken() == ["lamp off"])
  }

  @Test("by SMS nobody switches a relay")
  func sms() throws {
    #expect(throws: GrammarError.self) {
      _ = try Grammar.parse("RELAY lamp ON", origin: .sms(number: "+255700000001"))
    }
    #expect(try Grammar.parse("RELAYS", origin: .sms(number: "+255700000001")) == .relays)
    #expect(try Grammar.parse("relay lamp off", origin: .local) == .relay("lamp", on: false))
    #expect(throws: GrammarError.self) {
      _ = try Grammar.parse("RELAY lamp MAYBE", origin: .local)
    }
  }
}
