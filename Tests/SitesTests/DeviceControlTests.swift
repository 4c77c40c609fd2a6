import Quantities
import Sites
import Testing

@Suite("What a control writes")
struct DeviceControlTests {
  static func control(
    _ write: [ControlRegister]
  ) -> DeviceControl {
    DeviceControl(
      control: .batteryPower, failSafe: .timeout(TimeSpan(seconds: 90)), memory: .volatile,
      range: -5_000_000...5_000_000, write: write,
      release: [ControlRegister(address: 9, type: .u16, content: .constant(0xFFFF))])
  }

  static func register(
    _ address: Int, _ type: RegisterType, _ scale: String = "1",
    _ sign: DeviceRegister.Sign = .asRead, order: RegisterType.WordOrder? = nil,
    _ content: ControlRegister.Content = .requested
  ) -> ControlRegister {
    ControlRegister(
      address: address, type: type, wordOrder: order, scale: RegisterScale(text: scale) ?? .one,
      sign: sign, content: content)
  }

  struct Case: Sendable {
    let register: ControlRegister
    let watts: Int64
    let words: [UInt16]?
  }

  @Test(
    "puts a value into the register as its maker counts",
    arguments: [
      Case(register: register(1, .s16), watts: -1500, words: [UInt16(bitPattern: -1500)]),
      Case(
        register: register(1, .s16, "1", .reversed), watts: 1500, words: [UInt16(bitPattern: -1500)]
      ),
      Case(register: register(1, .u16, "1/10"), watts: 1500, words: [15000]),
      Case(register: register(1, .u16, "10"), watts: 1500, words: [150]),
      Case(register: register(1, .s32, order: .lowFirst), watts: 70000, words: nil),
      Case(register: register(1, .s32, order: .lowFirst), watts: -2, words: [0xFFFE, 0xFFFF]),
      Case(register: register(1, .u32), watts: 3000, words: [0, 3000]),
      // A register without a sign, or one that is full, would hold another value.
      Case(register: register(1, .u16), watts: -1500, words: nil),
      Case(register: register(1, .s16, "1/10"), watts: 4000, words: nil),
      Case(register: register(1, .u16, "1", .asRead, .charging), watts: -1500, words: [0]),
      Case(register: register(1, .u16, "1", .asRead, .discharging), watts: -1500, words: [1500]),
      Case(register: register(1, .u16, "1", .asRead, .magnitude), watts: -1500, words: [1500]),
      Case(register: register(1, .u16, "1/10", .asRead, .magnitude), watts: 1500, words: [15000]),
      Case(
        register: register(
          1, .u16, "1", .asRead, .byDirection(charging: 1, discharging: 2, idle: 0)),
        watts: -1, words: [2]),
      Case(
        register: register(
          1, .u16, "1", .asRead, .byDirection(charging: 1, discharging: 2, idle: 7)),
        watts: 0, words: [7]),
      Case(register: register(1, .u16, "60", .asRead, .timeoutSeconds), watts: 5, words: nil),
      Case(register: register(1, .u16, "1", .asRead, .timeoutSeconds), watts: 5, words: [90]),
    ])
  func values(_ one: Case) {
    let writes = Self.control([one.register]).writes(setting: one.watts * 1000)
    if one.words == nil, case .timeoutSeconds = one.register.content {
      // 90 s in minutes are 2 by rounding: half a count off, which is as near as it gets.
      #expect(writes?.first?.words == [2])
      return
    }
    #expect(writes?.map(\.words) == one.words.map { [$0] })
  }

  @Test("neighbours that follow each other are one request; others keep their order")
  func neighbours() {
    let control = Self.control([
      Self.register(10, .u16, "1", .asRead, .constant(1)), Self.register(11, .s32),
      Self.register(13, .u16, "1", .asRead, .timeoutSeconds),
      Self.register(8, .u16, "1", .asRead, .constant(5)),
    ])
    #expect(
      control.writes(setting: 1_500_000)
        == [
          RegisterWrite(address: 10, words: [1, 0, 1500, 90], unchecked: [3]),
          RegisterWrite(address: 8, words: [5]),
        ])
    #expect(control.releasingWrites() == [RegisterWrite(address: 9, words: [0xFFFF])])
    #expect(control.writes(setting: 5_000_001) == nil)
  }

  @Test("a time-out that counts down is no other value; anything else is")
  func held() {
    let write = RegisterWrite(address: 10, words: [1, 1500, 60], unchecked: [2])
    #expect(write.isHeld(in: [1, 1500, 43]))
    #expect(!write.isHeld(in: [1, 1400, 60]))
    #expect(!write.isHeld(in: [1, 1500]))
  }

  @Test("a marker says again all that it was given, and nothing when it is cut or foreign")
  func marker() throws {
    let marker = SteeringMarker(
      value: -1_500_000, since: Instant(rawValue: 5), timeout: TimeSpan(seconds: 60),
      isFlash: true,
      release: [
        RegisterWrite(address: 65535, words: [0xFFFF], unchecked: [0]),
        RegisterWrite(address: 0, words: [1, 2, 3]),
      ])
    #expect(SteeringMarker(decoding: marker.encoded) == marker)
    for count in 0..<marker.encoded.count {
      #expect(SteeringMarker(decoding: Array(marker.encoded.prefix(count))) == nil)
    }
    let key = SteeringKey("inverter", .exportLimit)
    #expect(SteeringMarker.key(ofStored: SteeringMarker.storeKey(key)) == key)
    #expect(SteeringMarker.key(ofStored: FlashBudget.storeKey(key)) == nil)
    #expect(SteeringMarker.key(ofStored: "steered/inverter/nothing") == nil)
  }
}
