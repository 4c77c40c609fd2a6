import Planning
import Quantities
import Sealing
import Testing
import Thrown

@Suite struct ForecastStorageTests {
  typealias Stored = [(key: String, value: [UInt8])]

  /// Teaches and stores as a station does, after every slot.
  static func store(
    _ forecast: inout SurplusForecast, _ slots: [(slot: TimeSlot, pv: Power, load: Power)],
    in values: inout [String: [UInt8]]
  ) {
    for slot in slots {
      forecast.observe([slot])
      for value in forecast.unsaved() { values[value.key] = value.value }
    }
  }

  static func list(_ values: [String: [UInt8]]) -> Stored {
    values.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
  }

  @Test("expects after a restart what it expected before", arguments: [20, 96, 300, 1000, 2000])
  func restart(count: Int) {
    let house = ForecastHouse()
    let days = house.days(30)
    var forecast = house.forecast()
    var values: [String: [UInt8]] = [:]
    Self.store(&forecast, Array(days[..<count]), in: &values)
    var back = house.forecast()
    let errors = back.restore(Self.list(values))
    #expect(errors.isEmpty)
    #expect(back.predict(from: days[count].slot) == forecast.predict(from: days[count].slot))
    // And it goes on learning the same.
    forecast.observe(days[count..<count + 200])
    back.observe(days[count..<count + 200])
    let later = days[count + 200].slot
    #expect(back.predict(from: later) == forecast.predict(from: later))
  }

  @Test("stores little with each slot, at most 64 KiB in a value, and no more after a year")
  func bounded() {
    let house = ForecastHouse()
    var forecast = house.forecast()
    var largest: [String: Int] = [:]
    var writes = 0
    for slot in house.days(60) {
      forecast.observe([slot])
      for value in forecast.unsaved() {
        #expect(SurplusForecast.owns(key: value.key))
        largest[value.key] = max(largest[value.key] ?? 0, value.value.count)
        writes += value.value.count
      }
    }
    let sizes = largest.values.sorted()
    #expect(sizes.count == 3)
    #expect(sizes.allSatisfy { $0 <= 65_536 })
    #expect(writes / (60 * 96) < 4096)
    #expect(forecast.unsaved().isEmpty)
  }

  @Test("bytes that aren't its own cost only what they held, and it says so")
  func corrupt() {
    let house = ForecastHouse()
    let days = house.days(5)
    var forecast = house.forecast()
    var values: [String: [UInt8]] = [:]
    Self.store(&forecast, Array(days[..<400]), in: &values)
    for (key, good) in Self.list(values) {
      for bad in [[], Array(good.dropLast()), good + [0], [0x80], [0x82, 0x09, 0x80]] {
        var broken = values
        broken[key] = bad
        var back = house.forecast()
        let errors = back.restore(Self.list(broken))
        #expect(errors == [PlanningError.unreadable(key: key)])
        back.observe(days[400..<480])
        #expect(back.predict(from: days[479].slot)[1].surplus != nil)
      }
    }
  }

  @Test("no number in what was stored is too large to be read")
  func hugeNumbers() throws {
    let house = ForecastHouse()
    var forecast = SurplusForecast(localTime: .utc)
    var values: [String: [UInt8]] = [:]
    Self.store(&forecast, house.days(3), in: &values)
    var tried = 0
    for (key, good) in Self.list(values) {
      guard let fields = try CBORValue(decoding: good).array, fields.count == 4,
        let frame = fields[2].array
      else { continue }
      for number in [Int64.min, .max, 180_000_001] {
        var broken = fields
        broken[2] = .array(frame.map { _ in .integer(number) })
        var back = SurplusForecast(localTime: .utc)
        let bytes = CBORValue.array(broken).encoded
        let errors = back.restore([(key: key, value: bytes)])
        #expect(frame.isEmpty || errors == [PlanningError.unreadable(key: key)])
        if !frame.isEmpty { tried += 1 }
      }
    }
    #expect(tried == 3)
  }

  @Test("any flipped byte is refused or harmless")
  func flipped() {
    let house = ForecastHouse()
    let days = house.days(5)
    var forecast = house.forecast()
    var values: [String: [UInt8]] = [:]
    Self.store(&forecast, Array(days[..<400]), in: &values)
    var source = SeededSource(seed: 3)
    for _ in 0..<60 {
      var broken = values
      for key in values.keys.sorted() {
        guard let count = values[key]?.count else { continue }
        let position = Int(source.number(0...Int64(count - 1)))
        broken[key]?[position] ^= UInt8(1 << source.number(0...7))
      }
      var back = house.forecast()
      _ = back.restore(Self.list(broken))
      back.observe(days[400..<420])
      for expected in back.predict(from: days[420].slot, count: 48) {
        for power in [expected.pv, expected.load, expected.surplus].compactMap({ $0 }) {
          #expect(power.low <= power.high)
        }
      }
    }
  }

  @Test("learns from the seven days that a first version stored")
  func firstVersion() {
    let house = ForecastHouse()
    let days = house.days(7)
    let numbers = days.flatMap { slot -> [CBORValue] in
      [.integer(slot.slot.index), .integer(slot.pv.rawValue), .integer(slot.load.rawValue)]
    }
    let old = CBORValue.array([.integer(1), .array(numbers)]).encoded
    var back = house.forecast()
    let errors = back.restore([(key: "forecast", value: old)])
    #expect(errors.isEmpty)
    var taught = house.forecast()
    taught.observe(days)
    let next = days[671].slot.next
    #expect(back.predict(from: next) == taught.predict(from: next))
  }

  @Test("what was learned of other panels is not believed of these, but the household's is")
  func otherPanels() {
    let house = ForecastHouse()
    let days = house.days(9)
    var forecast = house.forecast()
    var values: [String: [UInt8]] = [:]
    Self.store(&forecast, Array(days[..<800]), in: &values)
    var back = house.forecast(knowsPanels: true)
    let errors = back.restore(Self.list(values))
    #expect(errors.isEmpty)
    let next = days[800].slot
    let load = back.predict(from: next).map(\.load)
    #expect(load == forecast.predict(from: next).map(\.load))
  }
}
