/// What a maker's SunSpec does otherwise than the models say.
///
/// Chosen by the maker's name in the device's first model 1. What all devices are allowed, such as
/// a list of models without its end, is no quirk: the walk takes it from anyone.
public struct SunSpecQuirks: Hashable, Sendable {
  /// Which maker's ways are followed.
  public enum Maker: String, Hashable, Sendable, CaseIterable {
    case fronius, sma, solarEdge
    case other
  }

  public let maker: Maker

  public init(_ nameplate: SunSpecNameplate?) {
    let name = (nameplate?.maker ?? "").lowercased()
    if name.hasPrefix("fronius") {
      maker = .fronius
    } else if name == "sma" || name.hasPrefix("sma ") {
      maker = .sma
    } else if name.hasPrefix("solaredge") {
      maker = .solarEdge
    } else {
      maker = .other
    }
  }

  /// Whether a meter's W is + while the house exports.
  ///
  /// SolarEdge's is (evcc, template solaredge-inverter, reads 203:W with scale −1); its import and
  /// export counters are named as everyone's. The models say + is import.
  var meterIsReversed: Bool { maker == .solarEdge }

  /// Whether a meter with these options measures something else than the grid connection.
  ///
  /// SolarEdge writes a meter's place in its own model 1: "Export+Import" is the grid connection,
  /// "Production" and "Consumption" are not (solaredge-modbus-multi, pull request 636;
  /// sunspec-monitor, issue 4).
  func isElsewhere(_ nameplate: SunSpecNameplate?) -> Bool {
    guard maker == .solarEdge, let options = nameplate?.options.lowercased() else { return false }
    return options.hasPrefix("production") || options.hasPrefix("consumption")
  }

  /// What an input of model 160 is, by its name.
  enum Input: Hashable {
    case panels, charging, discharging
  }

  /// What an input of model 160 carries.
  ///
  /// Fronius GEN24 lists the battery as two inputs, charging "StCha" and discharging "StDisCha",
  /// both told without a sign (evcc, template fronius-gen24 and the trace in issue 16256).
  func input(named name: String) -> Input {
    guard maker == .fronius else { return .panels }
    if name.hasPrefix("StDisCha") { return .discharging }
    return name.hasPrefix("StCha") ? .charging : .panels
  }

  /// Where the device keeps what is written to its controls.
  ///
  /// SolarEdge writes it to flash, and inverters have died of it (solaredge-modbus-multi, issue
  /// 726); the others keep controls with a reversion time in working memory.
  var memory: DeviceControl.Memory { maker == .solarEdge ? .flash(dailyWrites: 8) : .volatile }

  /// Which units to try where `unit` has no SunSpec, in words for the person who set it up.
  ///
  /// SMA answers SunSpec at its unit + 123 (ha-sunspec, issue 135), Fronius meters at 240, on
  /// GEN24 at 200 (evcc, template fronius-gen24).
  public static func advice(unit: UInt8) -> String {
    let moved = Int(unit) + 123
    let sma = moved <= 255 ? "\(moved) for SMA, " : ""
    return "check the unit number (\(sma)240 or 200 for a Fronius meter), "
      + "or switch SunSpec on there"
  }
}
