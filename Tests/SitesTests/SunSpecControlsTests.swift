import Quantities
import Sites
import Testing

@Suite("SunSpec controls")
struct SunSpecControlsTests {
  func controls(
    _ models: [UInt16], maker: String = "x", changing words: [Int: UInt16] = [:]
  ) -> [Control: DeviceControl] {
    var reading = SunSpecMapTests.whole
    reading.powerLimitPermille = nil
    var image = SunSpecImage.image(
      of: reading, models: models,
      nameplate: .init(maker: maker, model: "x", version: "1", serial: "1"))
    for address in words.keys.sorted() {
      image.write([words[address] ?? 0], at: address, in: .holding)
    }
    let map = SunSpecWalking.map(image)
    let controls = map.controls(in: SunSpecWalking.answers(map, image))
    return Dictionary(uniqueKeysWithValues: controls.map { ($0.control, $0) })
  }

  func scale(_ numerator: Int64, _ denominator: Int64) throws -> RegisterScale {
    try #require(RegisterScale(reducing: numerator, over: denominator))
  }

  /// Model 1 takes 40002–40069; 121 stands at 40070, the next at 40102.
  @Test("limit an inverter's power by 123, with its own reversion time")
  func limit() throws {
    let control = try #require(controls([1, 121, 123, 103])[.powerLimit])
    #expect(control.failSafe == .timeout(TimeSpan(seconds: 60)))
    #expect(control.memory == .volatile)
    #expect(control.range == 0...8_200_000)
    let tenth = try scale(82, 10)
    #expect(
      control.write == [
        ControlRegister(
          address: 40109, type: .u16, wordOrder: .highFirst, content: .timeoutSeconds),
        // 0.1 % of 8200 W.
        ControlRegister(
          address: 40107, type: .u16, wordOrder: .highFirst, scale: tenth,
          content: .requested),
        ControlRegister(address: 40111, type: .u16, wordOrder: .highFirst, content: .constant(1)),
      ])
    #expect(
      control.release == [
        ControlRegister(address: 40111, type: .u16, wordOrder: .highFirst, content: .constant(0))
      ])
  }

  @Test("need a guardian where the reversion time is not implemented")
  func guardian() throws {
    let control = try #require(
      controls([1, 121, 123, 103], changing: [40109: 0xFFFF])[.powerLimit])
    #expect(control.failSafe == .guardian)
    #expect(control.write.map(\.address) == [40107, 40111])
  }

  @Test("are none without the switch, the factor or the rating")
  func absent() {
    #expect(controls([1, 121, 123, 103], changing: [40111: 0xFFFF]).isEmpty)
    #expect(controls([1, 121, 123, 103], changing: [40125: 0x8000]).isEmpty)
    #expect(controls([1, 123, 103]).isEmpty)
    #expect(controls([1, 121, 123, 103, 103]).isEmpty)
  }

  @Test("hold a battery by a window that is as wide as nothing")
  func storage() throws {
    let found = controls([1, 120, 124, 103], changing: [40105: 45])
    let control = try #require(found[.batteryPower])
    #expect(control.failSafe == .timeout(TimeSpan(seconds: 60)))
    #expect(control.range == -3_500_000...3_000_000)
    #expect(control.write.map(\.address) == [40113, 40110, 40111, 40103])
    let (discharging, charging) = (try scale(35, 10), try scale(3, 1))
    #expect(
      control.write[1...2] == [
        ControlRegister(
          address: 40110, type: .s16, wordOrder: .highFirst, scale: discharging,
          sign: .reversed, content: .requested),
        ControlRegister(
          address: 40111, type: .s16, wordOrder: .highFirst, scale: charging,
          content: .requested),
      ])
    #expect(control.write[3].content == .constant(3))
    #expect(control.release.map(\.content) == [.constant(0)])
    let reserve = try #require(found[.reserve])
    #expect(reserve.failSafe == .guardian)
    let percent = try scale(1, 10)
    #expect(reserve.write.map(\.scale) == [percent])
    #expect(reserve.release.map(\.content) == [.constant(45)])
    #expect(reserve.release.map(\.address) == [40105])
  }

  @Test("count discharge in shares of the charge where no nameplate tells more")
  func withoutNameplate() throws {
    let control = try #require(controls([1, 124, 103])[.batteryPower])
    #expect(control.range == -3_000_000...3_000_000)
    #expect(control.write[1].scale == control.write[2].scale)
  }

  @Test("count SolarEdge's writes, which wear its flash")
  func flash() throws {
    let control = try #require(controls([1, 121, 123, 103], maker: "SolarEdge")[.powerLimit])
    #expect(control.memory == .flash(dailyWrites: 8))
  }

  /// 702 stands at 40070, 704 at 40122.
  @Test("limit and steer IEEE 1547 devices, the power of stores alone only")
  func der() throws {
    let found = controls([1, 702, 704, 701])
    let limit = try #require(found[.powerLimit])
    #expect(limit.failSafe == .timeout(TimeSpan(seconds: 60)))
    #expect(limit.write.map(\.address) == [40139, 40140, 40137, 40136])
    #expect(limit.write.map(\.type) == [.u16, .u32, .u16, .u16])
    #expect(limit.release.map(\.address) == [40136])
    // Without ports, or with panels on one, the set-point is not the battery's.
    #expect(found[.batteryPower] == nil)
    #expect(controls([1, 702, 704, 714])[.batteryPower] == nil)
    // 714 at 40189; both ports are made a store's.
    let store = try #require(
      controls([1, 702, 704, 714], changing: [40209: 1])[.batteryPower])
    #expect(store.range == -3_500_000...3_000_000)
    #expect(store.write.map(\.address) == [40152, 40153, 40145, 40146, 40144])
    #expect(store.write[3].type == .s32 && store.write[3].sign == .reversed)
    #expect(store.release.map(\.address) == [40144])
  }

  @Test("take the bank's reserve where no storage model has one")
  func bank() throws {
    let reserve = try #require(
      controls([1, 802, 103], changing: [40080: 200])[.reserve])
    #expect(reserve.write.map(\.address) == [40080])
    #expect(reserve.release.map(\.content) == [.constant(200)])
  }

  @Test(
    "tell what one count of a percentage is in watts, exactly",
    arguments: [
      (8200, 100, 82, 1), (8237, 10_000, 8237, 10_000), (12_345, 10_000, 2469, 2000),
      (999_999, 1, 999_999, 1),
    ])
  func ratios(numerator: Int64, denominator: Int64, top: Int64, bottom: Int64) {
    let scale = RegisterScale(reducing: numerator, over: denominator)
    #expect(scale?.numerator == top && scale?.denominator == bottom)
  }

  @Test("know no scale for nothing, or beyond a million")
  func noRatio() {
    #expect(RegisterScale(reducing: 0, over: 1) == nil)
    #expect(RegisterScale(reducing: 1, over: 0) == nil)
    #expect(RegisterScale(reducing: 1_000_001, over: 1) == nil)
  }
}
