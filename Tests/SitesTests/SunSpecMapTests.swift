import Quantities
import Sites
import Testing

@Suite("SunSpecMap")
struct SunSpecMapTests {
  static let nameplate = SunSpecImage.Nameplate(
    maker: "Heliograph", model: "Simulated", version: "1", serial: "7")

  static var noon: DeviceReading {
    var reading = DeviceReading(device: "inverter", at: .distantPast)
    reading.pvPower = Power(watts: 4200)
    reading.batteryPower = Power(watts: 1500)
    reading.gridPower = Power(watts: -2100)
    reading.inverterPower = Power(watts: 2700)
    reading.stateOfCharge = StateOfCharge(permille: 643)
    reading.batteryCapacity = Energy(wattHours: 10_240)
    reading.importedTotal = Energy(wattHours: 1_234_567)
    reading.exportedTotal = Energy(wattHours: 7_654_321)
    reading.totalResolution = Energy(wattHours: 1)
    reading.operatingState = .producing
    return reading
  }

  /// Everything that the settings, ratings and DC sides say on top.
  static var whole: DeviceReading {
    var reading = noon
    reading.ratedPower = Power(watts: 8200)
    reading.powerLimitPermille = 750
    reading.powerLimit = Power(watts: 6150)
    reading.maximumCharge = Power(watts: 3000)
    reading.maximumDischarge = Power(watts: 3500)
    reading.generatedTotal = Energy(wattHours: 20_000_001)
    reading.chargedTotal = Energy(wattHours: 4_000_000)
    reading.dischargedTotal = Energy(wattHours: 3_600_000)
    return reading
  }

  func image(_ reading: DeviceReading, _ models: [UInt16]) -> RegisterImage {
    SunSpecImage.image(of: reading, models: models, nameplate: Self.nameplate)
  }

  @Test("lays the models out with their standard lengths")
  func layout() {
    let image = SunSpecImage.image(of: Self.noon, storage: .battery, nameplate: Self.nameplate)
    #expect(image.holding.map(\.address) == [40000])
    #expect(image.holding[0].words.prefix(2) == [0x5375, 0x6E53])
    #expect(image.holding[0].words.suffix(2) == [0xFFFF, 0])
    let all: [UInt16] = [
      1, 101, 111, 120, 121, 122, 123, 124, 160, 201, 211, 701, 702, 703, 704, 713, 714, 802, 803,
    ]
    let models = SunSpecWalking.device(self.image(Self.noon, all))?.models
    #expect(models?.map(\.id) == all)
    #expect(
      models?.map(\.length) == [
        66, 50, 60, 26, 30, 44, 24, 24, 48, 105, 124, 153, 50, 17, 65, 7, 68, 62, 58,
      ])
  }

  @Test("reads back what a simulated house serves, by day and by night")
  func roundTrip() {
    var night = Self.noon
    night.pvPower = .zero
    night.batteryPower = Power(watts: -380)
    night.inverterPower = Power(watts: 380)
    night.gridPower = Power(watts: 41_000)
    night.operatingState = .sleeping
    for reading in [Self.noon, night] {
      let image = SunSpecImage.image(
        of: reading, storage: .battery, nameplate: Self.nameplate)
      #expect(SunSpecWalking.decode(image) == reading)
    }
  }

  @Test("reads back every set of models, as far as it can say")
  func sets() {
    var classic = Self.whole
    classic.chargedTotal = nil
    classic.dischargedTotal = nil
    #expect(SunSpecWalking.decode(image(Self.whole, SunSpecImage.classic)) == classic)
    #expect(SunSpecWalking.decode(image(Self.whole, SunSpecImage.der)) == Self.whole)
    // A float of 2·10⁷ Wh is exact to 2 Wh; 124 measures no battery power.
    var float = classic
    float.batteryPower = nil
    #expect(SunSpecWalking.decode(image(Self.whole, SunSpecImage.float)) == float)
    var strings = DeviceReading(device: "inverter", at: .distantPast)
    strings.stateOfCharge = Self.whole.stateOfCharge
    #expect(SunSpecWalking.decode(image(Self.whole, [1, 803])) == strings)
  }

  @Test("takes the DC power as the sun's where the store measures no power")
  func controls() {
    let image = SunSpecImage.image(of: Self.noon, storage: .controls, nameplate: Self.nameplate)
    var expected = Self.noon
    expected.batteryPower = nil
    expected.batteryCapacity = nil
    #expect(SunSpecWalking.decode(image) == expected)
  }

  @Test("keeps every value unknown that the device says is not implemented")
  func sentinels() {
    let blank = DeviceReading(device: "inverter", at: .distantPast)
    for models in [SunSpecImage.classic, SunSpecImage.float, SunSpecImage.der, [1, 803, 204]] {
      #expect(SunSpecWalking.decode(image(blank, models)) == blank)
    }
  }

  /// Words put into model 103, and the panels' power that results, in mW.
  static let inverterCases: [(words: [Int: UInt16], means: Int64?)] = [
    ([14: 4200, 15: 0], 4_200_000),
    ([14: 42, 15: 2], 4_200_000),
    ([14: 42000 - 32000, 15: UInt16(bitPattern: -1)], 1_000_000),
    ([14: UInt16(bitPattern: -5), 15: 0], 0),
    ([14: 0x8000, 15: 0], nil),
    ([14: 4200, 15: 0x8000], nil),
    ([14: 4200, 15: 11], nil),
    ([14: 4200, 15: 10], nil),
    ([14: 1, 15: UInt16(bitPattern: -10)], 0),
  ]

  @Test("applies the scale factor, and believes none out of its range", arguments: inverterCases)
  func scaleFactors(words: [Int: UInt16], means: Int64?) {
    var block = [UInt16](repeating: 0x8000, count: 52)
    block[0] = 101
    block[1] = 50
    for offset in words.keys.sorted() { block[offset] = words[offset] ?? 0 }
    var image = RegisterImage()
    image.write(block, at: 100, in: .holding)
    let map = SunSpecMap(models: [SunSpecModel(id: 101, address: 100, length: 50)])
    let reading = map.decode(image, device: "x", at: .distantPast)
    #expect(reading.pvPower?.milliwatts == means)
    #expect(reading.gridPower == nil)
  }

  @Test("leaves models alone that are unknown, short, or not where they were")
  func strangers() {
    let map = SunSpecMap(models: [
      SunSpecModel(id: 1, address: 40002, length: 6),
      SunSpecModel(id: 103, address: 40070, length: 12),
      SunSpecModel(id: 64001, address: 40084, length: 9000),
      SunSpecModel(id: 160, address: 50000, length: 8 + 20 * 33),
    ])
    #expect(map.isEmpty && map.slowPlan.isEmpty)
    let moved = SunSpecMap(models: [SunSpecModel(id: 103, address: 40070, length: 50)])
    var image = RegisterImage()
    image.write([UInt16](repeating: 7, count: 52), at: 40070, in: .holding)
    #expect(moved.decode(image, device: "x", at: .distantPast).pvPower == nil)
    #expect(!moved.stands(in: image))
    #expect(moved.stands(in: RegisterImage()))
  }

  @Test("sees that another device answers where it found one")
  func replaced() {
    let image = image(Self.noon, [1, 103])
    let map = SunSpecWalking.map(image)
    #expect(map.stands(in: image))
    var other = Self.nameplate
    other.serial = "8"
    #expect(
      !map.stands(in: SunSpecImage.image(of: Self.noon, models: [1, 103], nameplate: other)))
  }

  @Test("asks for each model in one request, longer ones at the borders of their blocks")
  func requests() {
    func counts(_ id: UInt16, _ length: Int) -> [Int] {
      SunSpecModel(id: id, address: 100, length: length).requests.map(\.count)
    }
    #expect(counts(701, 153) == [123])
    #expect(counts(213, 124) == [70])
    #expect(counts(160, 8 + 20 * 5) == [110])
    #expect(counts(160, 8 + 20 * 6) == [110, 20])
    #expect(counts(714, 18 + 25 * 9) == [120, 125])
    #expect(counts(803, 26 + 32 * 4) == [124, 32])
    let model = SunSpecModel(id: 714, address: 100, length: 18 + 25 * 9)
    #expect(model.requests.map(\.address) == [100, 220])
    #expect(model.proof == RegisterSpan(table: .holding, address: 100, count: 20))
    #expect(SunSpecModel(id: 160, address: 100, length: 108).proof == nil)
  }

  /// A bank of four strings: two requests.
  private func strings(factor: Int16) -> RegisterImage {
    var words: [UInt16] = [803, 154, 4] + [UInt16](repeating: 0x8000, count: 153)
    words[26] = UInt16(bitPattern: factor)
    for index in 0..<4 { words[28 + index * 32 + 4] = 50 }
    var image = RegisterImage()
    image.write(SunSpecModel.marker + words + [0xFFFF], at: 40000, in: .holding)
    return image
  }

  @Test("takes nothing of a long model whose scale factors changed while it was read")
  func torn() {
    let before = strings(factor: 0)
    #expect(SunSpecWalking.decode(before).stateOfCharge == StateOfCharge(percent: 50))
    #expect(SunSpecWalking.decode(before, later: strings(factor: -1)).stateOfCharge == nil)
    #expect(SunSpecWalking.decode(before, later: RegisterImage()).stateOfCharge == nil)
  }
}
