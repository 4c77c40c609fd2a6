import HeliographCore
import Planning
import Quantities
import Sealing
import Sites
import Testing

@Suite("DayRecords")
struct DayRecordsTests {
  static let start = TimeSlot(index: 2_000_064).start  // midnight UTC

  static func house(pv: Int64?, load: Int64 = 300, charge: Int64? = 50) -> SiteState {
    var state = SiteState()
    let now = start
    state.hasPanels = true
    state.hasBattery = true
    state.pvPower = pv.map { Measured(Power(watts: $0), at: now) }
    state.loadPower = Measured(Power(watts: load), at: now)
    state.batteryPower = Measured(Power(watts: 100), at: now)
    state.gridPower = Measured(Power(watts: -20), at: now)
    state.stateOfCharge = charge.map { Measured(StateOfCharge(percent: $0), at: now) }
    state.curtailment = .none
    return state
  }

  /// Looks every `step` seconds from `from` to before `to`, in seconds after the start.
  static func look(
    _ records: inout DayRecords, from: Int64, to: Int64, step: Int64 = 15,
    running: JobNumber? = nil, _ state: (Int64) -> SiteState
  ) -> [(key: String, value: [UInt8])] {
    var stored: [(key: String, value: [UInt8])] = []
    for second in stride(from: from, to: to, by: Int(step)) {
      let kept = records.observe(
        state(second), jobsPower: running == nil ? .zero : Power(watts: 60), running: running,
        at: start + TimeSpan(seconds: second))
      if let kept { stored.append((kept.key, kept.value ?? [])) }
    }
    return stored
  }

  static var whole: Range<TimeSlot> {
    let first = TimeSlot(containing: start)
    return first..<first.advanced(by: 960)
  }

  @Test("no number in a stored record is too large to be refused")
  func hugeNumbers() {
    for number in [Int64.min, .max] {
      for place in 1...8 {
        var fields = [CBORValue.integer(1), .integer(2_000_064)]
        fields += Array(repeating: CBORValue.integer(0), count: 7) + [.array([])]
        fields[place] = .integer(number)
        var records = DayRecords(at: Self.start)
        let bytes = CBORValue.array(fields).encoded
        records.restore(key: "record/0", value: bytes)
        #expect(records.slots(in: Self.whole).isEmpty)
      }
    }
  }

  @Test("keeps the means of a slot, what ran in it, and finds them again after a restart")
  func keepsMeans() throws {
    var records = DayRecords(at: Self.start)
    let stored = Self.look(&records, from: 0, to: 1815, running: JobNumber(3)) { second in
      Self.house(pv: second <= 450 ? 1000 : 3000, load: 360)
    }
    #expect(stored.count == 2)
    let slot = try #require(records.slots(in: Self.whole).first)
    #expect(slot.pv == Power(milliwatts: 1_983_050))
    #expect(slot.load == Power(watts: 300))
    #expect(slot.jobs == Power(watts: 60))
    #expect(slot.battery == Power(watts: 100))
    #expect(slot.grid == Power(watts: -20))
    #expect(slot.stateOfCharge == StateOfCharge(percent: 50))
    #expect(slot.isCurtailed == false)
    #expect(slot.runs == [JobNumber(3)])

    var restarted = DayRecords(at: Self.start + .hour)
    for entry in stored.reversed() {
      restarted.restore(key: entry.key, value: entry.value)
    }
    #expect(restarted.slots(in: Self.whole) == records.slots(in: Self.whole))
  }

  @Test("a quantity that was unknown for more than half of a slot is unknown, never zero")
  func unknownIsAGap() throws {
    var records = DayRecords(at: Self.start)
    _ = Self.look(&records, from: 0, to: 915) { second in
      Self.house(pv: second < 400 ? 1000 : nil, charge: nil)
    }
    let slot = try #require(records.slots(in: Self.whole).first)
    #expect(slot.pv == nil)
    #expect(slot.load == Power(watts: 300))
    #expect(slot.stateOfCharge == nil)
  }

  @Test("a slot seen for a minute only, as after a restart, tells no powers")
  func seenForAMinute() throws {
    var records = DayRecords(at: Self.start + TimeSpan(seconds: 840))
    _ = Self.look(&records, from: 840, to: 915) { _ in Self.house(pv: 1000) }
    let slot = try #require(records.slots(in: Self.whole).first)
    #expect(slot.pv == nil)
    #expect(slot.stateOfCharge == StateOfCharge(percent: 50))
  }

  @Test("remembers nine days in as many keys as they have slots, a hundred bytes each")
  func bounded() {
    var records = DayRecords(at: Self.start)
    var keys: Set<String> = []
    var longest = 0
    for slot in 0..<(20 * 96) as Range<Int64> {
      let kept = Self.look(
        &records, from: slot * 900, to: slot * 900 + 900, step: 300, running: JobNumber(999_999)
      ) { _ in Self.house(pv: 1_000_000, load: 1_000_000) }
      for entry in kept {
        keys.insert(entry.key)
        longest = max(longest, entry.value.count)
      }
    }
    #expect(keys.count == 9 * 96)
    #expect(longest < 100)
    let first = TimeSlot(containing: Self.start)
    let all = records.slots(in: first..<first.advanced(by: 20 * 96))
    #expect(all.count == 9 * 96)
    #expect(records.earliest == first.advanced(by: 11 * 96 - 1))
  }

  @Test("a clock that is set back neither traps nor tells a slot twice")
  func setBack() {
    var records = DayRecords(at: Self.start)
    _ = Self.look(&records, from: 0, to: 3600) { _ in Self.house(pv: 500) }
    _ = Self.look(&records, from: 900, to: 5400) { _ in Self.house(pv: 700) }
    let slots = records.slots(in: Self.whole).map(\.slot)
    #expect(slots == Array(Set(slots)).sorted())
    // A clock that lost its battery takes none of the days away.
    _ = Self.look(&records, from: -86_400 * 400, to: -86_400 * 400 + 1815) { _ in
      Self.house(pv: 1)
    }
    #expect(records.slots(in: Self.whole).count >= slots.count - 2)
    #expect(records.earliest == TimeSlot(containing: Self.start).advanced(by: -96 * 400))
  }

  @Test(
    "leaves other keys and other bytes alone",
    arguments: [[], [0x00], [0x83, 0x01, 0x19, 0x51, 0x61, 0x80], [0xFF, 0xFF]] as [[UInt8]])
  func strangers(bytes: [UInt8]) {
    var records = DayRecords(at: Self.start)
    for key in ["record/0", "record/800", "record/x", "day", "forecast"] {
      records.restore(key: key, value: bytes)
    }
    #expect(records.earliest == nil)
  }
}
