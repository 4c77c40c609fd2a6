import Quantities
import Sites
import Testing

@Suite("SunSpecMap")
struct SunSpecMapTests {
  static let nameplate = SunSpecImage.Nameplate(
    maker: "Heliograph", model: "Simulated", version: "1", serial: "7")

  static var noon: DeviceReading {
    var reading = DeviceReading(device: "inverter", at: Instant(rawValue: 9))
    reading.pvPower = Power(watts: 4200)
    reading.batteryPower = Power(watts: 1500)
    reading.gridPower = Power(watts: -2100)
    reading.stateOfCharge = StateOfCharge(permille: 643)
    reading.batteryCapacity = Energy(wattHours: 10_240)
    reading.importedTotal = Energy(wattHours: 1_234_567)
    reading.exportedTotal = Energy(wattHours: 7_654_321)
    reading.totalResolution = Energy(wattHours: 1)
    return reading
  }

  /// The walk that a client makes, over an image.
  func models(in image: RegisterImage) -> [SunSpecModel] {
    func word(_ address: Int) -> UInt16? {
      image.words(in: RegisterSpan(table: .holding, address: address, count: 1))?.first
    }
    var models: [SunSpecModel] = []
    var address = 40002
    while let id = word(address), id != SunSpecModel.end, let length = word(address + 1) {
      models.append(SunSpecModel(id: id, address: address, length: Int(length)))
      address += 2 + Int(length)
    }
    return models
  }

  @Test("lays the models out with their standard lengths")
  func layout() {
    let image = SunSpecImage.image(of: Self.noon, storage: .battery, nameplate: Self.nameplate)
    #expect(image.holding.map(\.address) == [40000])
    #expect(image.holding[0].words.prefix(2) == [0x5375, 0x6E53])
    #expect(image.holding[0].words.suffix(2) == [0xFFFF, 0])
    #expect(models(in: image).map(\.id) == [1, 103, 802, 203])
    #expect(models(in: image).map(\.length) == [66, 50, 62, 105])
    let other = SunSpecImage.image(of: Self.noon, storage: .controls, nameplate: Self.nameplate)
    #expect(models(in: other).map(\.id) == [1, 103, 124, 203])
    #expect(models(in: other).map(\.length) == [66, 50, 24, 105])
  }

  @Test("reads back what a simulated house serves, by day and by night")
  func roundTrip() {
    var night = Self.noon
    night.pvPower = .zero
    night.batteryPower = Power(watts: -380)
    night.gridPower = Power(watts: 41_000)
    for reading in [Self.noon, night] {
      let image = SunSpecImage.image(
        of: reading, storage: .battery, nameplate: Self.nameplate)
      let map = SunSpecMap(models: models(in: image))
      #expect(map.decode(image, device: "inverter", at: reading.at) == reading)
    }
  }

  @Test("takes the DC power as the sun's where the store measures no power")
  func controls() {
    let image = SunSpecImage.image(of: Self.noon, storage: .controls, nameplate: Self.nameplate)
    let reading = SunSpecMap(models: models(in: image)).decode(
      image, device: "inverter", at: Instant(rawValue: 9))
    var expected = Self.noon
    expected.batteryPower = nil
    expected.batteryCapacity = nil
    #expect(reading == expected)
  }

  @Test("keeps every value unknown that the device says is not implemented")
  func sentinels() {
    let blank = DeviceReading(device: "inverter", at: Instant(rawValue: 9))
    for storage in [SunSpecImage.StoreModel.battery, .controls] {
      let image = SunSpecImage.image(of: blank, storage: storage, nameplate: Self.nameplate)
      let map = SunSpecMap(models: models(in: image))
      #expect(map.plan.count == 3)
      #expect(map.decode(image, device: "inverter", at: blank.at) == blank)
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
    ([14: 4200, 15: 10], 42_000_000_000_000_000 > magnitudeLimit ? nil : 0),
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
      SunSpecModel(id: 1, address: 40002, length: 66),
      SunSpecModel(id: 103, address: 40070, length: 12),
      SunSpecModel(id: 64001, address: 40084, length: 9000),
    ])
    #expect(map.plan.isEmpty)
    let moved = SunSpecMap(models: [SunSpecModel(id: 103, address: 40070, length: 50)])
    var image = RegisterImage()
    image.write([UInt16](repeating: 7, count: 52), at: 40070, in: .holding)
    #expect(moved.decode(image, device: "x", at: .distantPast).pvPower == nil)
  }
}
