import Quantities
import Sites
import Testing

@Suite("RegisterMap")
struct RegisterMapTests {
  /// One register at address 0 and what it is to mean.
  struct Case: Sendable {
    var quantity: DeviceQuantity
    var type: RegisterType
    var order: RegisterType.WordOrder = .highFirst
    var scale = "1"
    var sign: DeviceRegister.Sign = .asRead
    var sentinel: UInt64?
    var words: [UInt16]
    /// mW, mWh or ‰; nil is unknown.
    var means: Int64?
  }

  static let cases: [Case] = [
    Case(quantity: .pvPower, type: .u16, words: [65535], means: 65_535_000),
    Case(quantity: .pvPower, type: .u16, sentinel: 0xFFFF, words: [0xFFFF], means: nil),
    Case(quantity: .pvPower, type: .u16, words: [0], means: 0),
    Case(quantity: .gridPower, type: .s16, words: [0xFF9C], means: -100_000),
    Case(quantity: .gridPower, type: .s16, sign: .reversed, words: [0xFF9C], means: 100_000),
    Case(quantity: .gridPower, type: .s16, sentinel: 0x8000, words: [0x8000], means: nil),
    Case(quantity: .loadPower, type: .u32, scale: "1/10", words: [1, 0], means: 6_553_600),
    Case(
      quantity: .loadPower, type: .u32, order: .lowFirst, scale: "1/10", words: [0, 1],
      means: 6_553_600),
    Case(
      quantity: .loadPower, type: .u32, sentinel: 0xFFFF_FFFF, words: [0xFFFF, 0xFFFF], means: nil),
    Case(
      quantity: .batteryPower, type: .s32, scale: "1/10", sign: .reversed,
      words: [0xFFFF, 0xFFFE], means: 200),
    Case(quantity: .batteryPower, type: .s32, scale: "1/3", words: [0, 1], means: 333),
    Case(quantity: .batteryPower, type: .s32, scale: "1/3", words: [0xFFFF, 0xFFFE], means: -667),
    // 230.5 as an IEEE single.
    Case(quantity: .gridPower, type: .f32, words: [0x4366, 0x8000], means: 230_500),
    Case(
      quantity: .gridPower, type: .f32, order: .lowFirst, words: [0x8000, 0x4366], means: 230_500),
    Case(quantity: .gridPower, type: .f32, words: [0x7FC0, 0], means: nil),
    Case(quantity: .gridPower, type: .f32, words: [0x7F80, 0], means: nil),
    Case(quantity: .gridPower, type: .f32, words: [0x7F00, 0], means: nil),
    Case(
      quantity: .importedTotal, type: .u32, scale: "100", words: [0, 12345],
      means: 1_234_500_000),
    Case(quantity: .stateOfCharge, type: .u16, words: [67], means: 670),
    Case(quantity: .stateOfCharge, type: .u16, scale: "1/10", words: [675], means: 675),
    Case(quantity: .stateOfCharge, type: .u16, words: [101], means: nil),
    Case(quantity: .stateOfCharge, type: .s16, words: [0xFFFF], means: nil),
    // A torn 32-bit read looks like this; nobody's roof makes 6.5 GW.
    Case(quantity: .pvPower, type: .u32, words: [0x5F5, 0xE100], means: nil),
    // An inverter's own draw at night.
    Case(quantity: .pvPower, type: .s16, words: [0xFFFB], means: 0),
  ]

  @Test("reads every type, order, scale, sign and sentinel", arguments: cases)
  func decoding(_ example: Case) throws {
    let scale = try #require(RegisterScale(text: example.scale))
    let register = try DeviceRegister(
      quantity: example.quantity, address: 7, type: example.type, scale: scale,
      sign: example.sign, sentinel: example.sentinel)
    let map = RegisterMap(try profile([register], order: example.order))
    var image = RegisterImage()
    image.write(example.words, at: 7, in: .holding)
    let reading = map.decode(image, device: "x", at: Instant(rawValue: 5))
    #expect(reading[example.quantity] == example.means)
    #expect(reading.device == "x")
    #expect(reading.at == Instant(rawValue: 5))
    for other in DeviceQuantity.allCases where other != example.quantity {
      #expect(reading[other] == nil)
    }
  }

  @Test("knows a sum only when every part is known")
  func sums() throws {
    let map = RegisterMap(
      try profile([
        DeviceRegister(quantity: .loadPower, address: 1, type: .u16, sentinel: 0xFFFF),
        DeviceRegister(quantity: .loadPower, address: 2, type: .u16, sentinel: 0xFFFF),
        DeviceRegister(quantity: .gridPower, address: 3, type: .u16),
        DeviceRegister(quantity: .gridPower, address: 4, type: .u16, sign: .reversed),
      ]))
    var image = RegisterImage()
    image.write([100, 50, 30, 800], at: 1, in: .holding)
    var reading = map.decode(image, device: "x", at: .distantPast)
    #expect(reading.loadPower == Power(watts: 150))
    #expect(reading.gridPower == Power(watts: -770))
    image.write([0xFFFF], at: 2, in: .holding)
    reading = map.decode(image, device: "x", at: .distantPast)
    #expect(reading.loadPower == nil)
    #expect(reading.gridPower == Power(watts: -770))
  }

  @Test("packs reads across small holes, and cuts no number in two")
  func planning() throws {
    let registers = try [0, 2, 10, 23, 300].map { address throws(DeviceProfileProblem) in
      try DeviceRegister(
        quantity: .pvPower, address: address, type: address == 10 ? .u32 : .u16)
    }
    func plan(holes: Int, maximum: Int) throws -> [[Int]] {
      var manners = DeviceProfile.Manners()
      manners.holeLimit = holes
      manners.maximumRegistersPerRead = maximum
      let profile = try DeviceProfile(
        name: "x", maker: "x", devices: "x", manners: manners, registers: registers.reversed())
      return RegisterMap(profile).plan.map { [$0.address, $0.count] }
    }
    #expect(try plan(holes: 0, maximum: 125) == [[0, 1], [2, 1], [10, 2], [23, 1], [300, 1]])
    #expect(try plan(holes: 10, maximum: 125) == [[0, 12], [23, 1], [300, 1]])
    #expect(try plan(holes: 11, maximum: 125) == [[0, 24], [300, 1]])
    #expect(try plan(holes: 11, maximum: 11) == [[0, 3], [10, 2], [23, 1], [300, 1]])
  }

  @Test("serves what it would read", arguments: [3_200, 0, -1_900] as [Int64])
  func roundTrip(watts: Int64) throws {
    let map = RegisterMap(
      try profile(
        [
          DeviceRegister(quantity: .gridPower, address: 0, type: .u32),
          DeviceRegister(quantity: .gridPower, address: 2, type: .u32, sign: .reversed),
          DeviceRegister(quantity: .batteryPower, address: 4, type: .s16, sign: .reversed),
          DeviceRegister(quantity: .batteryPower, address: 5, type: .s16, sign: .reversed),
          DeviceRegister(quantity: .batteryPower, address: 6, type: .s16, sign: .reversed),
          DeviceRegister(quantity: .stateOfCharge, address: 9, type: .u16, sentinel: 0xFFFF),
        ], order: .lowFirst, holes: 5))
    var reading = DeviceReading(device: "x", at: .distantPast)
    reading.gridPower = Power(watts: watts)
    reading.batteryPower = Power(watts: watts + 1)
    #expect(map.decode(map.encode(reading), device: "x", at: .distantPast) == reading)
    reading.stateOfCharge = StateOfCharge(percent: 55)
    #expect(map.decode(map.encode(reading), device: "x", at: .distantPast) == reading)
  }

  @Test("leaves out the request for what it can't say, instead of saying zero")
  func unknownEncoded() throws {
    let map = RegisterMap(
      try profile([
        DeviceRegister(quantity: .pvPower, address: 0, type: .u16),
        DeviceRegister(quantity: .loadPower, address: 10, type: .u16),
      ]))
    var reading = DeviceReading(device: "x", at: .distantPast)
    reading.pvPower = Power(watts: 5)
    let image = map.encode(reading)
    #expect(image.words(in: map.plan[0]) == [5])
    #expect(image.words(in: map.plan[1]) == nil)
  }

  @Test("states the step of the totals: the profile's, or one count")
  func resolution() throws {
    let scale = try #require(RegisterScale(text: "100"))
    let total = try DeviceRegister(
      quantity: .exportedTotal, address: 0, type: .u32, scale: scale)
    var image = RegisterImage()
    image.write([0, 3], at: 0, in: .holding)
    var reading = RegisterMap(try profile([total])).decode(image, device: "x", at: .distantPast)
    #expect(reading.exportedTotal == Energy(wattHours: 300))
    #expect(reading.totalResolution == Energy(wattHours: 100))
    reading = RegisterMap(try profile([total])).decode(
      RegisterImage(), device: "x", at: .distantPast)
    #expect(reading.totalResolution == nil)
  }

  private func profile(
    _ registers: [DeviceRegister], order: RegisterType.WordOrder = .highFirst, holes: Int = 0
  ) throws -> DeviceProfile {
    var manners = DeviceProfile.Manners()
    manners.wordOrder = order
    manners.holeLimit = holes
    return try DeviceProfile(
      name: "x", maker: "x", devices: "x", manners: manners, registers: registers)
  }
}
