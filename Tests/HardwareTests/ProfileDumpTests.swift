import Hardware
import Quantities
import Sites
import Testing

/// Each shipped profile against register dumps worked out by hand from the makers' tables.
@Suite("Device profiles")
struct ProfileDumpTests {
  struct Dump: Sendable {
    var profile: String
    var table: RegisterTable
    /// Address and words.
    var blocks: [(Int, [UInt16])]
    /// mW, mWh, ‰.
    var means: [(DeviceQuantity, Int64)]
    var resolution: Energy?
  }

  static let dumps: [Dump] = [
    Dump(
      profile: "growatt-sph", table: .input,
      blocks: [
        (1, [0, 41_987]),
        // discharge 0, charge 1,523.4 W, 53.1 V, 87 %
        (1009, [0, 0, 0, 15_234, 531, 87]),
        // import 0; export 70,000 counts: the high word counts
        (1021, [0, 0]), (1029, [1, 4464]), (1037, [0, 6753]),
      ],
      means: [
        (.pvPower, 4_198_700), (.batteryPower, 1_523_400), (.stateOfCharge, 870),
        (.gridPower, -7_000_000), (.loadPower, 675_300),
      ]),
    Dump(
      profile: "growatt-sph", table: .input,
      blocks: [
        (1, [0, 0]), (1009, [0, 8000, 0, 0, 498, 22]), (1021, [0, 1250]), (1029, [0, 0]),
        (1037, [0, 9250]),
      ],
      means: [
        (.pvPower, 0), (.batteryPower, -800_000), (.stateOfCharge, 220), (.gridPower, 125_000),
        (.loadPower, 925_000),
      ]),
    Dump(
      profile: "growatt-spf", table: .input,
      blocks: [
        (3, [0, 12_000, 0, 8_000]), (9, [0, 5_005]), (18, [64]), (36, [0, 0]),
        // −1,400.0 W in the maker's sign: charging
        (77, [0xFFFF, 0xC950]),
      ],
      means: [
        (.pvPower, 2_000_000), (.loadPower, 500_500), (.stateOfCharge, 640), (.gridPower, 0),
        (.batteryPower, 1_400_000),
      ]),
    Dump(
      profile: "victron-gx", table: .holding,
      blocks: [
        (808, [100, 0, 0, 1200, 1300, 1400]), (817, [210, 340, 450]),
        // +100 W, −900 W, −1,200 W
        (820, [100, 0xFC7C, 0xFB50]), (842, [0xFE0C, 76]), (850, [700]),
      ],
      means: [
        (.pvPower, 4_700_000), (.loadPower, 1_000_000), (.gridPower, -2_000_000),
        (.batteryPower, -500_000), (.stateOfCharge, 760),
      ]),
    Dump(
      profile: "eastron-sdm630", table: .input,
      // −1,234.5 W; 4,321.25 kWh; 0.5 kWh
      blocks: [(0x34, [0xC49A, 0x5000]), (0x48, [0x4587, 0x0A00, 0x3F00, 0x0000])],
      means: [
        (.gridPower, -1_234_500), (.importedTotal, 4_321_250_000), (.exportedTotal, 500_000),
      ], resolution: Energy(wattHours: 10)),
  ]

  @Test("mean what their makers say", arguments: dumps.indices)
  func dump(_ index: Int) throws {
    let dump = Self.dumps[index]
    let map = RegisterMap(try BundledProfiles.named(dump.profile))
    var image = RegisterImage()
    for (address, words) in dump.blocks { image.write(words, at: address, in: dump.table) }
    let reading = map.decode(image, device: "x", at: .distantPast)
    for quantity in DeviceQuantity.allCases {
      let expected = dump.means.first { $0.0 == quantity }?.1
      #expect(reading[quantity] == expected, "\(quantity)")
    }
    #expect(reading.totalResolution == dump.resolution)
    // And a device that measures this serves registers that say the same.
    let again = map.decode(map.encode(reading), device: "x", at: .distantPast)
    #expect(again == reading)
  }

  @Test("fit the requests that their devices answer")
  func plans() throws {
    let plans = try ["growatt-sph", "growatt-spf", "victron-gx", "eastron-sdm630"].map { name in
      RegisterMap(try BundledProfiles.named(name)).plan.map { [$0.address, $0.count] }
    }
    #expect(plans[0] == [[1, 2], [1009, 30]])
    #expect(plans[1] == [[3, 76]])
    #expect(plans[2] == [[808, 6], [817, 6], [842, 2], [850, 1]])
    #expect(plans[3] == [[0x34, 24]])
  }

  @Test("take a Victron state of charge of 0, which stands for no battery, as unknown")
  func victronWithoutBattery() throws {
    let map = RegisterMap(try BundledProfiles.named("victron-gx"))
    var image = RegisterImage()
    image.write([0, 0], at: 842, in: .holding)
    #expect(map.decode(image, device: "x", at: .distantPast).stateOfCharge == nil)
  }
}
