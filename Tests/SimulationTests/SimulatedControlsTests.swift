import Quantities
import Simulation
import Sites
import Testing

@Suite("The controls of a simulated device")
struct SimulatedControlsTests {
  private static func at(_ seconds: Int64) -> Instant {
    Instant(millisecondsSince1970: seconds * 1000)
  }

  private static func write(
    _ words: [UInt16], at address: Int, now: Instant, to controls: inout SimulatedControls,
    taken expected: Bool = true
  ) {
    let taken = controls.write(words, at: address, now: now)
    #expect(taken == expected, "at \(now)")
  }

  private static func register(
    _ address: Int, _ content: ControlRegister.Content, _ type: RegisterType = .u16
  ) -> ControlRegister {
    ControlRegister(address: address, type: type, content: content)
  }

  /// Mode, power and direction with a time-out in a register of its own.
  private static let battery = DeviceControl(
    control: .batteryPower, failSafe: .timeout(TimeSpan(seconds: 60)), memory: .volatile,
    range: -3_000_000...3_000_000,
    write: [
      register(10, .constant(7)), register(11, .requested, .s32), register(13, .timeoutSeconds),
    ],
    release: [register(10, .constant(0)), register(11, .constant(0), .s32)])

  @Test("obey a whole write and fall back when their time-out passes")
  func timeout() {
    var controls = SimulatedControls([Self.battery])
    #expect(controls.settings == HouseSettings())
    // −1,500 W for 30 s.
    Self.write([7, 0xFFFF, 0xFA24, 30], at: 10, now: Self.at(100), to: &controls)
    #expect(controls.settings.batteryPower == Power(watts: -1500))
    controls.expire(at: Self.at(129))
    #expect(controls.settings.batteryPower == Power(watts: -1500))
    // Refreshed, it holds on.
    Self.write([7, 0xFFFF, 0xFA24, 30], at: 10, now: Self.at(129), to: &controls)
    controls.expire(at: Self.at(158))
    #expect(controls.settings.batteryPower == Power(watts: -1500))
    controls.expire(at: Self.at(159))
    #expect(controls.settings.batteryPower == nil)
  }

  @Test("are not in force in another mode, nor when they are released")
  func release() {
    var controls = SimulatedControls([Self.battery])
    Self.write([3, 0, 500], at: 10, now: Self.at(0), to: &controls)
    #expect(controls.settings.batteryPower == nil)
    Self.write([7], at: 10, now: Self.at(1), to: &controls)
    #expect(controls.settings.batteryPower == Power(watts: 500))
    Self.write([0, 0, 0], at: 10, now: Self.at(2), to: &controls)
    #expect(controls.settings.batteryPower == nil)
  }

  @Test("refuse registers that are no control's, and then change nothing")
  func foreign() {
    var controls = SimulatedControls([Self.battery])
    Self.write([7, 0, 500, 30, 1], at: 10, now: Self.at(0), to: &controls, taken: false)
    Self.write([7], at: 9, now: Self.at(0), to: &controls, taken: false)
    Self.write([], at: 10, now: Self.at(0), to: &controls, taken: false)
    #expect(controls.settings.batteryPower == nil)
  }

  @Test("count the writes that wear flash, and no others")
  func wear() {
    let reserve = DeviceControl(
      control: .reserve, failSafe: .guardian, memory: .flash(dailyWrites: 4), range: 100...1000,
      write: [Self.register(20, .requested)], release: [Self.register(20, .constant(10))])
    var controls = SimulatedControls([Self.battery, reserve])
    for second in 0..<5 {
      Self.write([40], at: 20, now: Self.at(Int64(second)), to: &controls)
    }
    Self.write([7, 0, 500, 0], at: 10, now: Self.at(9), to: &controls)
    #expect(controls.settings.reserve == StateOfCharge(percent: 40))
    #expect(controls.settings.batteryPower == Power(watts: 500))
    #expect(controls.flashWrites.map(\.count) == [5])
    // Flash has no time-out; the battery falls back after the usual 60 s.
    controls.expire(at: Self.at(1_000_000))
    #expect(controls.settings.reserve == StateOfCharge(percent: 40))
    #expect(controls.settings.batteryPower == nil)
  }

  @Test("tell charging from discharging by registers of their own or by a direction")
  func directions() {
    let parts = DeviceControl(
      control: .batteryPower, failSafe: .guardian, memory: .volatile,
      range: -3_000_000...3_000_000,
      write: [Self.register(1, .charging), Self.register(2, .discharging)],
      release: [Self.register(1, .constant(0)), Self.register(2, .constant(0))])
    var controls = SimulatedControls([parts])
    Self.write([0, 700], at: 1, now: Self.at(0), to: &controls)
    #expect(controls.settings.batteryPower == Power(watts: -700))
    Self.write([900, 0], at: 1, now: Self.at(0), to: &controls)
    #expect(controls.settings.batteryPower == Power(watts: 900))
    let direction = DeviceControl(
      control: .batteryPower, failSafe: .guardian, memory: .volatile,
      range: -3_000_000...3_000_000,
      write: [
        Self.register(1, .byDirection(charging: 5, discharging: 6, idle: 4)),
        Self.register(2, .requested),
      ],
      release: [Self.register(1, .constant(3))])
    controls = SimulatedControls([direction])
    Self.write([6, 800], at: 1, now: Self.at(0), to: &controls)
    #expect(controls.settings.batteryPower == Power(watts: -800))
    Self.write([4, 800], at: 1, now: Self.at(0), to: &controls)
    #expect(controls.settings.batteryPower == .zero)
    Self.write([9, 800], at: 1, now: Self.at(0), to: &controls)
    #expect(controls.settings.batteryPower == nil)
  }

  @Test("obey two registers that share a word between directions, as Growatt's do")
  func sharedWords() {
    let shared = DeviceControl(
      control: .batteryPower, failSafe: .guardian, memory: .volatile, range: 0...3_000_000,
      write: [
        Self.register(1, .charging),
        Self.register(2, .byDirection(charging: 1, discharging: 0, idle: 0)),
        Self.register(3, .byDirection(charging: 1, discharging: 0, idle: 1)),
      ],
      release: [Self.register(1, .constant(100)), Self.register(3, .constant(0))])
    var controls = SimulatedControls([shared])
    Self.write([1500, 1, 1], at: 1, now: Self.at(0), to: &controls)
    #expect(controls.settings.batteryPower == Power(watts: 1500))
    Self.write([0, 0, 1], at: 1, now: Self.at(1), to: &controls)
    #expect(controls.settings.batteryPower == .zero)
    Self.write([100, 1, 0], at: 1, now: Self.at(2), to: &controls)
    #expect(controls.settings.batteryPower == nil)
  }
}
