import Quantities
import Sites
import Testing
import Thrown

/// Profiles as someone writes them, with the mistakes that someone makes.
@Suite("Profiles as text")
struct ProfileTextTests {
  static let register = "{ quantity: 'pvPower', address: 1, type: 'u16' }"

  /// A profile with a control on its second line and this in it.
  static func control(_ fields: String) -> String {
    "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3, registers: [\(register)], "
      + "controls: [\n{ \(fields) } ] }"
  }

  static func manners(_ fields: String) -> String {
    "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3,\n\(fields), registers: [\(register)] }"
  }

  static func registers(_ fields: String) -> String {
    "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3, registers: [\(register),\n"
      + "{ \(fields) } ] }"
  }

  static let battery = "control: 'batteryPower', minimum: -3000, maximum: 3000"
  static let guarded = "failSafe: 'guardian', memory: 'volatile'"
  static let released = "release: [{ address: 9, value: 0 }]"

  /// The text, and how what is wrong with it begins.
  static let mistakes: [(text: String, says: String)] = [
    (manners("unit: 256"), "line 2: unit: expected a whole number from 0 to 255, found 256"),
    (
      manners("serial: { baud: 9601 }"),
      "line 2: serial.baud: expected one of 1200, 2400, 4800, 9600,"
    ),
    (
      manners("serial: { parity: 'evn' }"),
      "line 2: serial.parity: expected one of none, even, odd, found \"evn\": did you mean even?"
    ),
    (manners("serial: { bits: 8 }"), "line 2: serial.bits: unknown field: expected one of baud,"),
    (manners("timeoutMilliseconds: 0"), "line 2: timeoutMilliseconds: expected whole milliseconds"),
    (manners("disconnects: 1"), "line 2: disconnects: expected true or false, found 1"),
    (manners("slowPollSeconds: 0"), "line 2: slowPollSeconds: expected whole seconds from 1"),
    (manners("wordOrder: 'low'"), "line 2: wordOrder: expected one of highFirst, lowFirst"),
    (
      registers("quantity: 'loadPower', address: 5, addresses: [5, 6], type: 'u32'"),
      "line 2: registers[1].addresses: expected either address or addresses"
    ),
    (
      registers("quantity: 'loadPower', addresses: [5, 6, 7], type: 'u32'"),
      "line 2: registers[1].addresses: expected 2 of them, highest word first"
    ),
    (
      registers("quantity: 'loadPower', addresses: [5, 5], type: 'u32'"),
      "line 2: registers[1].addresses: expected each address once"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', table: 'coils'"),
      "line 2: registers[1].table: expected one of holding, input, found \"coils\""
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', sentinel: 0x10000"),
      "line 2: registers[1].sentinel: expected at most 0xFFFF, because u16 has 16 bits"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', sentinel: -1"),
      "line 2: registers[1].sentinel: expected a pattern of bits, such as 0xFFFF, found -1"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', mask: 5"),
      "line 2: registers[1].mask: expected neighbouring bits within the 16 of u16"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 's16', mask: 3"),
      "line 2: registers[1].mask: expected no mask, because s16 has a sign"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', offset: 1000001"),
      "line 2: registers[1].offset: expected whole counts from -1000000 to 1000000"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', states: { 0: 'off' }"),
      "line 2: registers[1].states: expected none, because only an operatingState has them"
    ),
    (
      registers("quantity: 'operatingState', address: 5, type: 'u16', states: { 0: 'asleep' }"),
      "line 2: registers[1].states.0: expected one of off, sleeping,"
    ),
    (
      registers("quantity: 'operatingState', address: 5, type: 'u16', states: { x: 'off' }"),
      "line 2: registers[1].states.x: expected the maker's number"
    ),
    (
      registers("quantity: 'operatingState', address: 5, type: 'u16', scale: '1/10'"),
      "line 2: registers[1].type: expected an integer without scale"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', fallback: true"),
      "line 2: registers[1].fallback: expected a register of loadPower that is no fallback"
    ),
    (
      registers("quantity: 'loadPower', address: 5, type: 'u16', reversedBy: { address: 1 }"),
      "line 2: registers[1].reversedBy.equals: missing"
    ),
    (
      registers(
        "quantity: 'gridPower', address: 5, type: 'u16', reversedBy: { address: 1, equals: 1 }"),
      "line 2: registers[1].reversedBy.address: expected a register that no other quantity"
    ),
    (
      registers("quantity: 'loadPower', address: 1, type: 'u32'"),
      "line 2: registers[1].address: expected an address that registers[0] doesn't take as well"
    ),
    (
      control("\(battery), failSafe: 'timeout', memory: 'volatile', write: [], \(released)"),
      "line 2: controls[0].timeoutSeconds: missing: expected after how long"
    ),
    (
      control("\(battery), failSafe: 'guardian', memory: 'flash', write: [], \(released)"),
      "line 2: controls[0].dailyWrites: missing: expected how often a day"
    ),
    (
      control("\(battery), failSafe: 'none', memory: 'flash', write: [], \(released)"),
      "line 2: controls[0].failSafe: expected one of timeout, guardian, found \"none\""
    ),
    (
      control("\(battery), \(guarded), write: [{ address: 9, value: 'requested' }]"),
      "line 2: controls[0].release: missing: expected a list of registers to write"
    ),
    (
      control("\(battery), \(guarded), write: [{ address: 9, value: 1 }], \(released)"),
      "line 2: controls[0].write: expected a register whose value is what was requested"
    ),
    (
      control(
        "\(battery), \(guarded), write: [{ address: 9, value: 'requested' }], "
          + "release: [{ address: 9, value: 'requested' }]"),
      "line 2: controls[0].release[0].value: expected a number, because nothing is requested then"
    ),
    (
      control(
        "\(battery), \(guarded), write: [{ address: 9, type: 'u32', value: 'requested' }, "
          + "{ address: 10, value: 1 }], \(released)"),
      "line 2: controls[0].write[1].address: expected an address that is written once"
    ),
    (
      control(
        "\(battery), \(guarded), write: [{ address: 9, value: 'requested' }, "
          + "{ address: 10, value: 'timeoutSeconds' }], \(released)"),
      "line 2: controls[0].write[1].value: expected no time-out, because the control has none"
    ),
    (
      control(
        "\(battery), \(guarded), write: [{ address: 9, value: { charging: 1, idle: 0 } }], "
          + released),
      "line 2: controls[0].write[0].value.discharging: missing"
    ),
    (
      control(
        "\(battery), \(guarded), write: [{ address: 9, value: 'wanted' }], \(released)"),
      "line 2: controls[0].write[0].value: expected one of requested, charging,"
    ),
    (
      control(
        "control: 'exportLimit', minimum: 0, maximum: 9000, \(guarded), "
          + "write: [{ address: 9, value: 'charging' }], \(released)"),
      "line 2: controls[0].write[0].value: expected requested, because only batteryPower"
    ),
    (
      control(
        "control: 'reserve', minimum: 10, maximum: 101, \(guarded), "
          + "write: [{ address: 9, value: 'requested' }], \(released)"),
      "line 2: controls[0].maximum: expected whole percent from -100 to 100, found 101"
    ),
    (
      control(
        "control: 'exportLimit', minimum: 10, maximum: 5, \(guarded), "
          + "write: [{ address: 9, value: 'requested' }], \(released)"),
      "line 2: controls[0].maximum: expected watts of 10 or more, found 5"
    ),
    (
      control(
        "control: 'batteryPower', minimum: 10, maximum: 500, \(guarded), "
          + "write: [{ address: 9, value: 'requested' }], \(released)"),
      "line 2: controls[0].minimum: expected 0 W or less"
    ),
    (
      control(
        "\(battery), \(guarded), write: [{ address: 9, value: 'requested' }, "
          + "{ address: 20, value: 70000 }], \(released)"),
      "line 2: controls[0].write[1].value: expected numbers of 0 to 65535 for u16"
    ),
  ]

  @Test("are refused with the line, the field and what was expected", arguments: mistakes.indices)
  func mistake(_ index: Int) {
    let (text, says) = Self.mistakes[index]
    let error = thrown(JSON5Error.self) { try DeviceProfile(json5: Array(text.utf8), file: "f") }
    #expect(error?.problem.hasPrefix(says) == true, "\(error?.problem ?? "accepted")")
    #expect(error?.file == "f")
  }

  @Test("say everything that a profile can")
  func whole() throws {
    let text = """
      {
        name: "x", maker: "Maker", devices: "devices", source: "somewhere",
        functionCode: 4, wordOrder: "lowFirst", unit: 100,
        serial: { baud: 19200, parity: "even", stopBits: 2 },
        connectDelayMilliseconds: 1500, gapMilliseconds: 50, timeoutMilliseconds: 4000,
        disconnects: true, maximumRegistersPerRead: 60, holeLimit: 4, slowPollSeconds: 300,
        totalResolutionMilliwattHours: 100, largestPowerWatts: 30000,
        registers: [{ quantity: "pvPower", address: 1, type: "u16" }],
        controls: [
          {
            control: "batteryPower", failSafe: "timeout", timeoutSeconds: 60, memory: "volatile",
            minimum: -3000, maximum: 2000,
            write: [
              { address: 10, type: "s16", value: "requested", scale: "1/10", sign: -1 },
              { address: 11, value: { charging: 1, discharging: 2, idle: 0 } },
              { address: 12, type: "u32", wordOrder: "highFirst", value: "charging" },
              { address: 14, value: "discharging" },
              { address: 15, value: "timeoutSeconds" },
            ],
            release: [{ address: 11, value: 0 }],
          },
        ],
      }
      """
    let profile = try DeviceProfile(json5: Array(text.utf8))
    #expect(profile.source == "somewhere")
    let manners = profile.manners
    #expect(manners.table == .input)
    #expect(manners.wordOrder == .lowFirst)
    #expect(manners.unit == 100)
    #expect(manners.serial == SerialFormat(baud: 19_200, parity: .even, stopBits: 2))
    #expect(manners.connectDelay == TimeSpan(milliseconds: 1500))
    #expect(manners.gap == TimeSpan(milliseconds: 50))
    #expect(manners.timeout == TimeSpan(seconds: 4))
    #expect(manners.disconnects)
    #expect(manners.maximumRegistersPerRead == 60)
    #expect(manners.holeLimit == 4)
    #expect(manners.slowPoll == TimeSpan(seconds: 300))
    #expect(manners.totalResolution == Energy(milliwattHours: 100))
    #expect(manners.largestPower == Power(watts: 30_000))
    let control = try #require(profile.controls.first)
    #expect(control.failSafe == .timeout(TimeSpan(seconds: 60)))
    #expect(control.memory == .volatile)
    #expect(control.range == -3_000_000...2_000_000)
    #expect(
      control.write.map(\.content) == [
        .requested, .byDirection(charging: 1, discharging: 2, idle: 0), .charging, .discharging,
        .timeoutSeconds,
      ])
    #expect(control.write[0].sign == .reversed)
    #expect(control.write[0].scale == RegisterScale(1, over: 10))
    #expect(control.write[2].wordOrder == .highFirst)
    #expect(control.release.map(\.content) == [.constant(0)])
  }

  @Test("are refused, and nothing worse, however they are broken")
  func broken() throws {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
    let whole = Self.mistakes.map { Array($0.text.utf8) }
    var accepted = 0
    for _ in 0..<4000 {
      var text = whole[Int(next() % UInt64(whole.count))]
      for _ in 0...(next() % 3) {
        let place = Int(next() % UInt64(text.count))
        switch next() % 4 {
        case 0: text[place] = UInt8(truncatingIfNeeded: next())
        case 1: text.remove(at: place)
        case 2: text.insert(contentsOf: text[place...].prefix(9), at: place)
        default: text[place] = UInt8(ascii: "9")
        }
        if text.isEmpty { text = [0x7B] }
      }
      guard let profile = try? DeviceProfile(json5: text) else { continue }
      accepted += 1
      // One that is taken must work.
      let map = RegisterMap(profile)
      var reading = DeviceReading(device: "x", at: .distantPast)
      reading.pvPower = Power(watts: 1000)
      reading.loadPower = Power(watts: 2000)
      _ = map.decode(map.encode(reading), device: "x", at: .distantPast)
    }
    #expect(accepted > 0)
  }
}
