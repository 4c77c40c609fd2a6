import Quantities
import Sites
import Testing
import Thrown

/// What a register can be beside a number with a scale.
@Suite("Registers of every kind")
struct RegisterFeatureTests {
  /// A profile read from JSON5, with these registers.
  static func profile(_ registers: String, _ manners: String = "") throws -> DeviceProfile {
    let text =
      "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3, \(manners) registers: ["
      + registers + "] }"
    return try DeviceProfile(json5: Array(text.utf8))
  }

  struct Case: Sendable {
    var register: String
    var manners = ""
    /// Address and word, of holding registers.
    var words: [(Int, UInt16)]
    var quantity: DeviceQuantity
    /// mW, mWh, ‰, a state; nil is unknown.
    var means: Int64?
  }

  static let cases: [Case] = [
    // Halves that are not neighbours, the high one first.
    Case(
      register: "{ quantity: 'importedTotal', addresses: [80, 78], type: 'u32', scale: '100' }",
      manners: "wordOrder: 'lowFirst',", words: [(80, 1), (79, 0xFFFF), (78, 4464)],
      quantity: .importedTotal, means: 7_000_000_000),
    Case(
      register: "{ quantity: 'gridPower', address: 4, type: 's32', wordOrder: 'lowFirst' }",
      words: [(4, 0xFFFE), (5, 0xFFFF)], quantity: .gridPower, means: -2000),
    Case(
      register: "{ quantity: 'exportedTotal', address: 0, type: 'u64' }",
      words: [(0, 0), (1, 1), (2, 0), (3, 2)], quantity: .exportedTotal,
      means: 4_294_967_298_000),
    Case(
      register: "{ quantity: 'exportedTotal', address: 0, type: 'u64' }",
      words: [(0, 0x8000), (1, 0), (2, 0), (3, 0)], quantity: .exportedTotal, means: nil),
    Case(
      register: "{ quantity: 'exportedTotal', address: 0, type: 'u64', wordOrder: 'lowFirst' }",
      words: [(0, 2), (1, 0), (2, 1), (3, 0)], quantity: .exportedTotal,
      means: 4_294_967_298_000),
    Case(
      register: "{ quantity: 'gridPower', address: 0, type: 's64' }",
      words: [(0, 0xFFFF), (1, 0xFFFF), (2, 0xFFFF), (3, 0xFF9C)], quantity: .gridPower,
      means: -100_000),
    Case(
      register: "{ quantity: 'gridPower', address: 0, type: 'u16', offset: -10000 }",
      words: [(0, 9750)], quantity: .gridPower, means: -250_000),
    Case(
      register:
        "{ quantity: 'stateOfCharge', address: 0, type: 'u16', scale: '1/10', offset: 5 }",
      words: [(0, 620)], quantity: .stateOfCharge, means: 625),
    Case(
      register: "{ quantity: 'pvPower', address: 0, type: 'u16', sentinel: [0xFFFF, 0x8000] }",
      words: [(0, 0x8000)], quantity: .pvPower, means: nil),
    Case(
      register: "{ quantity: 'pvPower', address: 0, type: 'u16', sentinel: [0xFFFF, 0x8000] }",
      words: [(0, 0x7FFF)], quantity: .pvPower, means: 32_767_000),
    Case(
      register: "{ quantity: 'stateOfCharge', address: 0, type: 'u16', mask: 0x7F00 }",
      words: [(0, 0xD521)], quantity: .stateOfCharge, means: 850),
    // The sign in a register of its own: 1 is discharging.
    Case(
      register:
        "{ quantity: 'batteryPower', address: 149, type: 's32', reversedBy: { address: 135, "
        + "equals: 1 } }",
      words: [(135, 1), (149, 0), (150, 1200)], quantity: .batteryPower, means: -1_200_000),
    Case(
      register:
        "{ quantity: 'batteryPower', address: 149, type: 's32', reversedBy: { address: 135, "
        + "equals: 1 } }",
      words: [(135, 0), (149, 0), (150, 1200)], quantity: .batteryPower, means: 1_200_000),
    Case(
      register:
        "{ quantity: 'batteryPower', address: 149, type: 's32', reversedBy: { address: 135, "
        + "equals: 1 } }",
      words: [(149, 0), (150, 1200)], quantity: .batteryPower, means: nil),
    // Other firmware of the same maker says the sign twice.
    Case(
      register:
        "{ quantity: 'batteryPower', address: 149, type: 's32', reversedBy: { address: 135, "
        + "equals: 1 } }",
      words: [(135, 1), (149, 0xFFFF), (150, 0xFB50)], quantity: .batteryPower, means: -1_200_000),
    Case(
      register:
        "{ quantity: 'batteryPower', address: 21, type: 'u16', reversedBy: { address: 0, "
        + "mask: 0x06, equals: 0x04 } }",
      words: [(0, 0x1D), (21, 700)], quantity: .batteryPower, means: -700_000),
    Case(
      register:
        "{ quantity: 'operatingState', address: 9, type: 'u16', states: { 0: 'sleeping', "
        + "'0x200': 'producing', 513: 'throttled' } }",
      words: [(9, 0x201)], quantity: .operatingState, means: OperatingState.throttled.rawValue),
    Case(
      register:
        "{ quantity: 'operatingState', address: 9, type: 'u16', states: { 0: 'sleeping', "
        + "'0x200': 'producing' } }",
      words: [(9, 7)], quantity: .operatingState, means: nil),
    Case(
      register: "{ quantity: 'operatingState', address: 9, type: 'u16' }",
      words: [(9, 5)], quantity: .operatingState, means: OperatingState.throttled.rawValue),
    Case(
      register:
        "{ quantity: 'stateOfCharge', address: 1, type: 'u16', sentinel: 0 }, "
        + "{ quantity: 'stateOfCharge', address: 2, type: 'u16', fallback: true }",
      words: [(1, 0), (2, 44)], quantity: .stateOfCharge, means: 440),
    Case(
      register:
        "{ quantity: 'stateOfCharge', address: 1, type: 'u16', sentinel: 0 }, "
        + "{ quantity: 'stateOfCharge', address: 2, type: 'u16', fallback: true }",
      words: [(1, 45), (2, 44)], quantity: .stateOfCharge, means: 450),
  ]

  @Test("mean what the profile says, and are served so", arguments: cases.indices)
  func decode(_ index: Int) throws {
    let example = Self.cases[index]
    let map = RegisterMap(try Self.profile(example.register, example.manners))
    var image = RegisterImage()
    for (address, word) in example.words { image.write([word], at: address, in: .holding) }
    let reading = map.decode(image, device: "x", at: .distantPast)
    #expect(reading[example.quantity] == example.means)
    let served = map.encode(reading)
    #expect(map.decode(served, device: "x", at: .distantPast) == reading)
    // What is served is what the plan asks for.
    if example.means != nil {
      #expect(map.plan.allSatisfy { served.words(in: $0) != nil })
    }
  }

  @Test("lie in two tables, and each is asked for what it has")
  func tables() throws {
    let map = RegisterMap(
      try Self.profile(
        "{ quantity: 'pvPower', address: 1, type: 'u16', table: 'input' }, "
          + "{ quantity: 'loadPower', address: 2, type: 'u16' }, "
          + "{ quantity: 'ratedPower', address: 7, type: 'u16', slow: true }", "holeLimit: 20,"))
    #expect(
      map.plan == [
        RegisterSpan(table: .holding, address: 2, count: 1),
        RegisterSpan(table: .input, address: 1, count: 1),
      ])
    #expect(map.slowPlan == [RegisterSpan(table: .holding, address: 7, count: 1)])
    var reading = DeviceReading(device: "x", at: .distantPast)
    reading.pvPower = Power(watts: 3)
    reading.loadPower = Power(watts: 4)
    reading.ratedPower = Power(watts: 5000)
    #expect(map.decode(map.encode(reading), device: "x", at: .distantPast) == reading)
  }

  @Test("are fetched in one request where their halves are apart, whatever the hole limit")
  func splitInOneRequest() throws {
    let map = RegisterMap(
      try Self.profile(
        "{ quantity: 'importedTotal', addresses: [80, 78], type: 'u32' }, "
          + "{ quantity: 'pvPower', address: 79, type: 'u16' }"))
    #expect(map.plan == [RegisterSpan(table: .holding, address: 78, count: 3)])
    var reading = DeviceReading(device: "x", at: .distantPast)
    reading.importedTotal = Energy(wattHours: 70_000)
    reading.totalResolution = Energy(wattHours: 1)
    reading.pvPower = Power(watts: 12)
    #expect(map.decode(map.encode(reading), device: "x", at: .distantPast) == reading)
  }

  @Test("are shared by two quantities", arguments: [0, 335, -60] as [Int64])
  func shared(battery: Int64) throws {
    let map = RegisterMap(
      try Self.profile(
        "{ quantity: 'batteryPower', address: 0, type: 'u32' }, "
          + "{ quantity: 'batteryPower', address: 8, type: 'u32', sign: -1 }, "
          + "{ quantity: 'loadPower', address: 8, type: 'u32' }"))
    var reading = DeviceReading(device: "x", at: .distantPast)
    reading.batteryPower = Power(watts: battery)
    reading.loadPower = Power(watts: 66)
    #expect(map.decode(map.encode(reading), device: "x", at: .distantPast) == reading)
    // What is unknown is not made up for the sake of the sum.
    reading.loadPower = nil
    let served = map.decode(map.encode(reading), device: "x", at: .distantPast)
    #expect(served.loadPower == nil)
    #expect(served.batteryPower == nil)
  }

  @Test("keep what is known where a neighbour is not")
  func unknownNeighbour() throws {
    let map = RegisterMap(
      try Self.profile(
        "{ quantity: 'pvPower', address: 0, type: 'u16' }, "
          + "{ quantity: 'loadPower', address: 1, type: 'u16' }, "
          + "{ quantity: 'stateOfCharge', address: 2, type: 'u16' }"))
    var reading = DeviceReading(device: "x", at: .distantPast)
    reading.pvPower = Power(watts: 3)
    reading.stateOfCharge = StateOfCharge(percent: 50)
    #expect(map.plan.count == 1)
    #expect(map.decode(map.encode(reading), device: "x", at: .distantPast) == reading)
  }

  @Test("hold two masked numbers in one word")
  func masks() throws {
    let map = RegisterMap(
      try Self.profile(
        "{ quantity: 'stateOfCharge', address: 3, type: 'u16', mask: 0xFF00 }, "
          + "{ quantity: 'operatingState', address: 3, type: 'u16', mask: 0x0003, "
          + "states: { 1: 'producing', 2: 'fault' } }"))
    var reading = DeviceReading(device: "x", at: .distantPast)
    reading.stateOfCharge = StateOfCharge(percent: 77)
    reading.operatingState = .fault
    let image = map.encode(reading)
    #expect(image.words(in: map.plan[0]) == [0x4D02])
    #expect(map.decode(image, device: "x", at: .distantPast) == reading)
  }
}
