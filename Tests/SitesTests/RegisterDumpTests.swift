import Sites
import Testing
import Thrown

@Suite("RegisterDump")
struct RegisterDumpTests {
  static let text = """
    # device growatt-sph
    # captured from an SPH 5000
    input 1009: 0000 3B82
    input 1014: 0057

    holding 608: 000A
    means batteryPower -1523.4 W
    means importedTotal 12.345 kWh
    means exportedTotal 12.3 Wh
    means stateOfCharge 87.5 %
    means operatingState throttled
    means loadPower unknown
    """

  @Test("reads registers and what they mean")
  func reading() throws {
    let dump = try RegisterDump(text: Array(Self.text.utf8))
    #expect(dump.device == "growatt-sph")
    #expect(dump.remarks == ["captured from an SPH 5000"])
    #expect(
      dump.image.words(in: RegisterSpan(table: .input, address: 1009, count: 2)) == [0, 0x3B82])
    #expect(dump.image.words(in: RegisterSpan(table: .holding, address: 608, count: 1)) == [10])
    #expect(
      dump.meanings == [
        .init(quantity: .batteryPower, value: -1_523_400),
        .init(quantity: .importedTotal, value: 12_345_000),
        .init(quantity: .exportedTotal, value: 12_300),
        .init(quantity: .stateOfCharge, value: 875),
        .init(quantity: .operatingState, value: OperatingState.throttled.rawValue),
        .init(quantity: .loadPower, value: nil),
      ])
  }

  @Test("is written as it reads, in lines that fit a screen")
  func writing() throws {
    var dump = try RegisterDump(text: Array(Self.text.utf8))
    dump.image.write((0..<300).map { UInt16($0) * 199 }, at: 40_000, in: .holding)
    #expect(try RegisterDump(text: Array(dump.text.utf8)) == dump)
    #expect(dump.text.split(separator: "\n").allSatisfy { $0.utf8.count <= 100 })
    #expect(dump.text.hasPrefix("# device growatt-sph\n"))
    // Whatever a remark says, it stays one.
    dump.remarks = ["device was cold\nand wet", "input 1: 0000"]
    let again = try RegisterDump(text: Array(dump.text.utf8))
    #expect(again.remarks == ["device was cold and wet", "input 1: 0000"])
    #expect(again.device == dump.device)
    #expect(again.image == dump.image)
  }

  @Test("of what a device said states what was known")
  func ofReading() throws {
    var reading = DeviceReading(device: "inverter", at: .distantPast)
    reading[.pvPower] = 4_198_700
    reading[.operatingState] = OperatingState.producing.rawValue
    let dump = RegisterDump(device: "x", image: RegisterImage(), reading: reading)
    #expect(
      dump.text
        == "# device x\nmeans pvPower 4198.7 W\nmeans operatingState producing\n")
  }

  static let mistakes: [(text: String, says: String)] = [
    ("", "line 1: expected # device and a profile's name"),
    ("# hello\n", "line 1: expected # device and a profile's name in the first line"),
    ("input 1: 0000\n", "line 1: expected # device and a profile's name before anything else"),
    ("# device x y\n", "line 1: expected a profile's name, found \"x y\""),
    ("# device x\ncoil 1: 0000\n", "line 2: expected holding, input, means or #, found coil"),
    ("# device x\ninput 1 0000\n", "line 2: expected a zero-based register number and a colon"),
    ("# device x\ninput 65536: 0000\n", "line 2: expected a zero-based register number"),
    ("# device x\ninput 1:\n", "line 2: expected 1 to 125 registers up to 65535, found 0"),
    ("# device x\ninput 65535: 0000 0000\n", "line 2: expected 1 to 125 registers up to 65535"),
    ("# device x\ninput 1: 000\n", "line 2: expected four hexadecimal digits, found 000"),
    ("# device x\ninput 1: +0FF\n", "line 2: expected four hexadecimal digits, found +0FF"),
    (
      "# device x\ninput 1: 0000 0000\ninput 2: 0000\n",
      "line 3: expected registers that no line before has given"
    ),
    ("# device x\nmeans sunshine 1 W\n", "line 2: expected one of pvPower, loadPower,"),
    ("# device x\nmeans pvPower 1 kW\n", "line 2: expected W, found kW"),
    ("# device x\nmeans pvPower 1\n", "line 2: expected a value and its unit, or unknown"),
    ("# device x\nmeans pvPower 1.2345 W\n", "line 2: expected a number with at most three digits"),
    ("# device x\nmeans stateOfCharge 1.25 %\n", "line 2: expected at most one digit"),
    ("# device x\nmeans operatingState 4\n", "line 2: expected one of off, sleeping,"),
    (
      "# device x\nmeans pvPower 1 W\nmeans pvPower 2 W\n",
      "line 3: what pvPower means is said already"
    ),
  ]

  @Test("says in which line it is none", arguments: mistakes)
  func mistake(text: String, says: String) {
    let error = thrown(RegisterDumpError.self) { try RegisterDump(text: Array(text.utf8)) }
    #expect(error?.description.hasPrefix(says) == true, "\(error?.description ?? "accepted")")
  }
}
