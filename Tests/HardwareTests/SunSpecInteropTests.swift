import FoundationEssentials
import Hardware
import Quantities
import Sites
import Testing
import Thrown

/// Devices built from pysunspec2's model definitions, and our own scanned by pysunspec2.
@Suite("Other people's SunSpec")
struct SunSpecInteropTests {
  /// A device, points by name and as counts, and what it means in W, Wh, ‰ and states.
  struct Device: Sendable {
    let name: String
    let models: String
    var more = ""
    var unit: UInt8 = 1
    let means: [DeviceQuantity: Int64]
    var resolution: Int64?

    var reading: DeviceReading {
      var reading = DeviceReading(device: "house", at: Instant(rawValue: 7))
      for quantity in DeviceQuantity.allCases {
        guard let value = means[quantity] else { continue }
        reading[quantity] = quantity.base == 1000 ? value * 1000 : value
      }
      reading.totalResolution = resolution.map(Energy.init(wattHours:))
      return reading
    }
  }

  static let common = #"{"id": 1, "Mn": "Maker", "Md": "Model", "SN": "7"}"#

  static let devices: [Device] = [
    Device(
      name: "one phase, counts and factors, a meter of one phase",
      models: common + #"""
        , {"id": 101, "W": 420, "W_SF": 1, "WH": 12345678, "WH_SF": 0, "St": 4}
        , {"id": 120, "WRtg": 50, "WRtg_SF": 2}
        , {"id": 201, "W": -3100, "W_SF": 0, "TotWhExp": 9000, "TotWhImp": 70001, "TotWh_SF": 1}
        """#,
      means: [
        .pvPower: 4200, .inverterPower: 4200, .generatedTotal: 12_345_678, .operatingState: 4,
        .ratedPower: 5000, .gridPower: -3100, .exportedTotal: 90_000, .importedTotal: 700_010,
      ], resolution: 10),
    Device(
      name: "split phase, limited, a meter of split phases",
      models: common + #"""
        , {"id": 102, "W": 30000, "W_SF": -1, "St": 5}
        , {"id": 121, "WMax": 8200, "WMax_SF": 0}
        , {"id": 123, "WMaxLimPct": 3750, "WMaxLimPct_SF": -2, "WMaxLim_Ena": 1}
        , {"id": 202, "W": 12345, "W_SF": -1}
        """#,
      means: [
        .pvPower: 3000, .inverterPower: 3000, .operatingState: 5, .ratedPower: 8200,
        .powerLimitPermille: 375, .powerLimit: 3075, .gridPower: 1234,
      ]),
    Device(
      name: "three phases, two inputs, a battery bank, a wye meter",
      models: common + #"""
        , {"id": 103, "W": 2100, "W_SF": 0, "WH": 700, "WH_SF": 3, "DCW": 2200, "DCW_SF": 0,
           "St": 4}
        , {"id": 122, "ActWh": 700000}
        , {"id": 160, "N": 2, "DCW_SF": -1, "DCWH_SF": 0,
           "module": [{"DCW": 20000, "DCWH": 300000}, {"DCW": 11230, "DCWH": 500001}]}
        , {"id": 203, "W": 40, "W_SF": 0}
        , {"id": 802, "WHRtg": 1024, "WHRtg_SF": 1, "WChaRteMax": 50, "WDisChaRteMax": 60,
           "WChaDisChaMax_SF": 2, "SoC": 643, "SoC_SF": -1, "W": -950, "W_SF": 0}
        """#,
      means: [
        .pvPower: 3123, .inverterPower: 2100, .generatedTotal: 800_001, .operatingState: 4,
        .gridPower: 40, .batteryPower: 950, .batteryCapacity: 10_240, .stateOfCharge: 643,
        .maximumCharge: 5000, .maximumDischarge: 6000,
      ]),
    Device(
      name: "a full bank that takes no current, and two banks together",
      models: common + #"""
        , {"id": 103, "W": 500, "W_SF": 0}
        , {"id": 802, "WHRtg": 5000, "WHRtg_SF": 0, "WChaRteMax": 3000, "WDisChaRteMax": 3000,
           "WChaDisChaMax_SF": 0, "SoC": 100, "SoC_SF": 0, "W": 100, "W_SF": 0, "V": 512,
           "V_SF": -1, "AChaMax": 0, "ADisChaMax": 500, "AMax_SF": -1}
        , {"id": 802, "WHRtg": 15000, "WHRtg_SF": 0, "WChaRteMax": 3000, "WDisChaRteMax": 3000,
           "WChaDisChaMax_SF": 0, "SoC": 60, "SoC_SF": 0, "W": 200, "W_SF": 0, "V": 500,
           "V_SF": -1, "AChaMax": 0, "ADisChaMax": 500, "AMax_SF": -1}
        """#,
      means: [
        .pvPower: 200, .inverterPower: 500, .batteryPower: -300, .batteryCapacity: 20_000,
        .stateOfCharge: 700, .maximumCharge: 0, .maximumDischarge: 5060,
      ]),
    Device(
      name: "storage controls with a limit of charging, two inverters",
      models: common + #"""
        , {"id": 103, "W": 1000, "W_SF": 0, "WH": 10, "WH_SF": 0, "DCW": 1500, "DCW_SF": 0,
           "St": 2}
        , {"id": 103, "W": 2000, "W_SF": 0, "WH": 20, "WH_SF": 0, "DCW": 2500, "DCW_SF": 0,
           "St": 5}
        , {"id": 124, "WChaMax": 4000, "WChaMax_SF": 0, "StorCtl_Mod": 1, "ChaState": 5550,
           "ChaState_SF": -2, "InWRte": 2500, "OutWRte": 10000, "InOutWRte_SF": -2}
        """#,
      means: [
        .pvPower: 4000, .inverterPower: 3000, .stateOfCharge: 555, .maximumCharge: 1000,
        .maximumDischarge: 4000, .operatingState: 5,
      ]),
    Device(
      name: "floating point",
      models: common + #"""
        , {"id": 111, "W": 1234.5, "WH": 250000.0, "St": 4}
        , {"id": 213, "W": -987.25, "TotWhExp": 20000000.0, "TotWhImp": 1000.0}
        """#,
      means: [
        .inverterPower: 1234, .pvPower: 1234, .generatedTotal: 250_000, .operatingState: 4,
        .gridPower: -987, .exportedTotal: 20_000_000, .importedTotal: 1000,
      ], resolution: 2),
    Device(
      name: "IEEE 1547 models: sun and battery on two ports",
      models: common + #"""
        , {"id": 701, "St": 1, "InvSt": 3, "W": 1800, "W_SF": 0, "TotWhInj": 5000000000,
           "TotWhAbs": 3, "TotWh_SF": 0}
        , {"id": 702, "WMaxRtg": 5000, "WMax": 4600, "WChaRteMax": 3000, "WDisChaRteMax": 2500,
           "W_SF": 0}
        , {"id": 703, "ES": 1}
        , {"id": 704, "WMaxLimPctEna": 0, "WMaxLimPct": 100, "WMaxLimPct_SF": 0}
        , {"id": 713, "WHRtg": 9600, "WHAvail": 4000, "SoC": 455, "WH_SF": 0, "Pct_SF": -1}
        , {"id": 714, "NPrt": 2, "DCW_SF": 0, "DCWH_SF": 1,
           "Prt": [{"PrtTyp": 0, "DCW": 3000, "DCWhInj": 600000},
                   {"PrtTyp": 1, "DCW": -1100, "DCWhInj": 7, "DCWhAbs": 9}]}
        """#,
      means: [
        .inverterPower: 1800, .pvPower: 3000, .batteryPower: 1100, .generatedTotal: 6_000_000,
        .dischargedTotal: 70, .chargedTotal: 90, .operatingState: 4, .ratedPower: 5000,
        .powerLimit: 4600, .powerLimitPermille: 1000, .stateOfCharge: 455,
        .batteryCapacity: 9600, .maximumCharge: 3000, .maximumDischarge: 2500,
      ]),
    Device(
      name: "strings of a bank alone, beyond one request",
      models: common + #", {"id": 803, "NStr": 4, "NStrCon": 4, "SoC_SF": -1, "string": ["#
        + #"{"StrSoC": 500}, {"StrSoC": 520}, {"StrSoC": 540}, {"StrSoC": 480}]}"#
        + #", {"id": 112, "W": 0.0}"#,
      means: [.stateOfCharge: 510, .inverterPower: 0]),
  ]

  @Test("is read whole from pysunspec2's models")
  func read() async throws {
    guard let python = InteropProcess.python() else { return }
    let devices = Self.devices + Self.makers
    let descriptions = devices.map {
      "{\"unit\": \($0.unit)\($0.more), \"models\": [\($0.models)]}"
    }
    let process = try InteropProcess(
      python: python, script: "sunspec_device.py",
      arguments: ["[" + descriptions.joined(separator: ", ") + "]"])
    defer { process.finish() }
    for device in devices {
      let port = try #require(UInt16(try await process.answer()))
      try await check(device, port: port)
    }
  }

  private func check(_ device: Device, port: UInt16) async throws {
    let session = DeviceSession(
      device: "house", unit: device.unit, map: .sunSpec,
      bus: ModbusBus(host: "127.0.0.1", port: port, timeout: TimeSpan(seconds: 20)))
    // Twice: at once after the walk, and with what it found.
    for _ in 0..<2 {
      var reading = try await session.read(at: Instant(rawValue: 7)).get()
      // Whole watts are compared: what is below is rounding of a float.
      for quantity in DeviceQuantity.allCases where quantity.isPower {
        if let value = reading[quantity] { reading[quantity] = value / 1000 * 1000 }
      }
      #expect(reading == device.reading, "\(device.name)")
    }
  }
}

extension SunSpecInteropTests {
  /// A set of models that the simulated house serves, and what pysunspec2 must find in it.
  struct House: CustomTestStringConvertible, Sendable {
    let models: [UInt16]
    let points: [String: Double]
    /// Points that must be there and say "not implemented".
    let unknown: [String]
    var testDescription: String { models.map(String.init).joined(separator: " ") }
  }

  static let houses: [House] = [
    House(
      models: SunSpecImage.classic,
      points: [
        "103.W": 2700, "103.DCW": 4200, "103.St": 4, "103.WH": 20_000_001, "120.WRtg": 8200,
        "120.WHRtg": 10_240, "120.MaxChaRte": 3000, "120.MaxDisChaRte": 3500, "121.WMax": 8200,
        "122.ActWh": 20_000_001, "123.WMaxLimPct": 75, "123.WMaxLim_Ena": 1,
        "123.WMaxLimPct_RvrtTms": 0, "124.ChaState": 64.3, "124.WChaMax": 3000,
        "124.StorCtl_Mod": 0, "124.InWRte": 100, "124.MinRsvPct": 5, "160.N": 2,
        "160.module.0.DCW": 2100, "160.module.1.DCW": 2100, "160.module.1.DCWH": 10_000_001,
        "203.W": -2100, "203.TotWhExp": 7_654_321, "203.TotWhImp": 1_234_567, "802.SoC": 64.3,
        "802.W": -1500, "802.WHRtg": 10_240, "802.WChaRteMax": 3000, "802.WDisChaRteMax": 3500,
      ],
      unknown: ["103.Hz", "121.VRef", "122.VArAval", "123.OutPFSet", "160.module.0.DCV", "802.V"]),
    House(
      models: SunSpecImage.float,
      points: [
        "113.W": 2700, "113.DCW": 4200, "113.WH": 20_000_000, "113.St": 4, "213.W": -2100,
        "213.TotWhExp": 7_654_321, "213.TotWhImp": 1_234_567,
      ],
      unknown: ["113.Hz", "213.A", "213.PF"]),
    House(
      models: SunSpecImage.der,
      points: [
        "701.W": 2700, "701.InvSt": 3, "701.TotWhInj": 20_000_001, "702.WMaxRtg": 8200,
        "702.WMax": 8200, "702.WChaRteMax": 3000, "702.WDisChaRteMax": 3500,
        "704.WMaxLimPct": 75, "704.WMaxLimPctEna": 1, "713.SoC": 64.3, "713.WHRtg": 10_240,
        "714.NPrt": 2, "714.Prt.0.PrtTyp": 0, "714.Prt.0.DCW": 4200, "714.Prt.1.PrtTyp": 1,
        "714.Prt.1.DCW": -1500, "714.Prt.1.DCWhInj": 3_600_000, "714.Prt.1.DCWhAbs": 4_000_000,
      ],
      unknown: ["701.Hz", "701.TotWhAbs", "703.ES", "713.SoH", "714.Prt.1.DCV"]),
    House(
      models: [1, 101, 102, 111, 112, 201, 202, 204, 211, 212, 214, 803],
      points: [
        "101.W": 2700, "102.W": 2700, "111.W": 2700, "112.W": 2700, "201.W": -2100,
        "202.W": -2100, "204.W": -2100, "211.W": -2100, "212.W": -2100, "214.W": -2100,
        "803.NStr": 1, "803.string.0.StrSoC": 64.3,
      ],
      unknown: ["101.A", "204.V_SF", "803.string.0.StrSoH"]),
  ]

  @Test("is found whole by pysunspec2 in each set of models", arguments: houses)
  func scan(house: House) async throws {
    guard let python = InteropProcess.python() else { return }
    var reading = DeviceReading(device: "house", at: .distantPast)
    let watts: [DeviceQuantity: Int64] = [
      .pvPower: 4200, .batteryPower: 1500, .gridPower: -2100, .batteryCapacity: 10_240,
      .importedTotal: 1_234_567, .exportedTotal: 7_654_321, .ratedPower: 8200,
      .maximumCharge: 3000, .maximumDischarge: 3500, .generatedTotal: 20_000_001,
      .chargedTotal: 4_000_000, .dischargedTotal: 3_600_000,
    ]
    for quantity in DeviceQuantity.allCases {
      reading[quantity] = watts[quantity].map { $0 * 1000 }
    }
    reading.stateOfCharge = StateOfCharge(permille: 643)
    reading.powerLimitPermille = 750
    let nameplate = SunSpecNameplate(
      maker: "Heliograph", model: "Simulated house", version: "0.2", serial: "42", options: "none")
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    server.update(
      image: SunSpecImage.image(of: reading, models: house.models, nameplate: nameplate), unit: 1)
    let client = try InteropProcess(
      python: python, script: "sunspec_scan.py", arguments: ["\(server.port)", "1"])
    defer { client.finish() }
    let scan = try JSONDecoder().decode(
      InteropTests.Scan.self, from: Data(try await client.answer().utf8))
    #expect(scan.models == house.models.map { Int($0) })
    #expect(scan.points["1.Mn"]?.text == "Heliograph")
    #expect(scan.points["1.Opt"]?.text == "none")
    #expect(scan.points["1.Vr"]?.text == "0.2")
    for point in house.points.keys.sorted() {
      let found = scan.points[point]?.number
      let wanted = house.points[point] ?? 0
      #expect(found.map { abs($0 - wanted) < 0.01 } == true, "\(point): \(found ?? .nan)")
    }
    for point in house.unknown {
      #expect(scan.points.keys.contains(point) && scan.points[point]?.number == nil, "\(point)")
    }
  }

  /// Devices with the ways of their makers.
  static let makers: [Device] = [
    Device(
      name: "Fronius GEN24: a battery on two inputs",
      models: #"""
        {"id": 1, "Mn": "Fronius", "Md": "Symo GEN24 8.0"}
        , {"id": 113, "W": 2500.0, "WH": 1000.0, "DCW": 4100.0, "St": 4}
        , {"id": 120, "WRtg": 8000, "WRtg_SF": 0, "MaxDisChaRte": 7000, "MaxDisChaRte_SF": 0}
        , {"id": 124, "WChaMax": 5120, "WChaMax_SF": 0, "StorCtl_Mod": 0, "ChaState": 7120,
           "ChaState_SF": -2}
        , {"id": 160, "N": 4, "DCW_SF": -1, "DCWH_SF": 0, "module": [
             {"IDStr": "MPPT 1", "DCW": 26000, "DCWH": 10}, {"IDStr": "MPPT 2", "DCW": 15000,
             "DCWH": 20}, {"IDStr": "StCha 3", "DCW": 14500, "DCWH": 5},
             {"IDStr": "StDisCha 4", "DCW": 0, "DCWH": 4}]}
        """#,
      means: [
        .pvPower: 4100, .inverterPower: 2500, .batteryPower: 1450, .stateOfCharge: 712,
        .generatedTotal: 30, .chargedTotal: 5, .dischargedTotal: 4, .operatingState: 4,
        .ratedPower: 8000, .maximumCharge: 5120, .maximumDischarge: 7000,
      ]),
    Device(
      name: "Fronius meter: alone on unit 240",
      models: #"""
        {"id": 1, "Mn": "Fronius", "Md": "Smart Meter 63A"}
        , {"id": 213, "W": 650.0, "TotWhExp": 1.0, "TotWhImp": 2.0}
        """#, unit: 240,
      means: [.gridPower: 650, .exportedTotal: 1, .importedTotal: 2], resolution: 1),
    Device(
      name: "SMA: on unit 126, its list without an end",
      models: #"""
        {"id": 1, "Mn": "SMA", "Md": "STP10.0-3SE-40"}
        , {"id": 11, "Spd": 100}, {"id": 103, "W": 777, "W_SF": 0, "St": 4}
        """#, more: #", "end": false"#, unit: 126,
      means: [.pvPower: 777, .inverterPower: 777, .operatingState: 4]),
    Device(
      name: "SolarEdge: a production meter before the grid's, which counts export as +",
      models: #"""
        {"id": 1, "Mn": "SolarEdge ", "Md": "SE10K"}
        , {"id": 103, "W": 5200, "W_SF": 0, "WH": 900, "WH_SF": 0, "St": 4}
        , {"id": 1, "Mn": "WattNode", "Opt": "Production"}
        , {"id": 203, "W": 5100, "W_SF": 0, "TotWhExp": 5, "TotWhImp": 6, "TotWh_SF": 0}
        , {"id": 1, "Mn": "WattNode", "Opt": "Export+Import"}
        , {"id": 203, "W": 3000, "W_SF": 0, "TotWhExp": 8000, "TotWhImp": 4294967295,
           "TotWh_SF": 0}
        """#,
      means: [
        .pvPower: 5200, .inverterPower: 5200, .generatedTotal: 900, .operatingState: 4,
        .gridPower: -3000, .exportedTotal: 8000,
      ], resolution: 1),
    Device(
      name: "anyone: marked at register 0, a model of no use before the inverter",
      models: common + #"""
        , {"id": 64001}, {"id": 103, "W": 5, "W_SF": 0}
        """#, more: #", "base": 0"#,
      means: [.pvPower: 5, .inverterPower: 5]),
  ]
}
