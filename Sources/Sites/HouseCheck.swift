import Quantities

/// Whether the readings of a house fit together, and which wire or setting is likely wrong if not.
///
/// Everything rests on one sentence: what comes from the sun and the grid goes into the load and
/// the battery. A clamp turned round or a maker's sign taken wrongly breaks it in a way that shows
/// which one it was.
public struct HouseCheck: Sendable {
  /// A device with what it is asked for and what it said.
  public struct Device: Sendable {
    public let name: DeviceName
    /// Nil: the only device of its house, asked for whatever it gives.
    public let provides: [SiteQuantity]?
    public let answer: Result<DeviceReading, DeviceFault>

    public init(
      name: DeviceName, provides: [SiteQuantity]?, answer: Result<DeviceReading, DeviceFault>
    ) {
      self.name = name
      self.provides = provides
      self.answer = answer
    }

    var reading: DeviceReading? { try? answer.get() }

    func isAsked(for quantity: SiteQuantity) -> Bool { provides?.contains(quantity) ?? true }
  }

  /// Powers of a house at one moment; nil is unknown or not there.
  public struct Powers: Hashable, Sendable {
    public var pv: Power?
    public var load: Power?
    public var grid: Power?
    public var battery: Power?

    public init(pv: Power? = nil, load: Power? = nil, grid: Power? = nil, battery: Power? = nil) {
      self.pv = pv
      self.load = load
      self.grid = grid
      self.battery = battery
    }
  }

  /// What readings taken moments apart may be off by: 150 W or a tenth of the largest power.
  static func tolerance(_ powers: Powers) -> Power {
    let largest =
      [powers.pv, powers.load, powers.grid, powers.battery]
      .compactMap { $0?.magnitude }.max() ?? .zero
    return max(Power(watts: 150), largest.scaled(by: 1, over: 10))
  }

  public let devices: [Device]
  /// The capacity that the household states for its battery; nil for a house without one.
  public let statedCapacity: Energy?

  public init(devices: [Device], statedCapacity: Energy? = nil) {
    self.devices = devices
    self.statedCapacity = statedCapacity
  }

  /// The powers of the house, each the sum of the devices that are asked for it.
  public var powers: Powers {
    Powers(
      pv: sum(.pv) { $0.pvPower }, load: sum(.load) { $0.loadPower },
      grid: sum(.grid) { $0.gridPower }, battery: sum(.battery) { $0.batteryPower })
  }

  /// Everything that is to be said, in order: devices, what is missing, how the powers fit.
  public var findings: [HouseFinding] {
    var findings: [HouseFinding] = []
    for device in devices { findings += Self.findings(of: device) }
    findings += missing + doubled + battery
    findings += opposed
    // A sum over part of the house says nothing about its wires.
    if isWhole { findings += Self.balance(powers) }
    return findings
  }

  /// Whether every device answered, and gave each power that it was asked for.
  private var isWhole: Bool {
    devices.allSatisfy { device in
      guard let reading = device.reading else { return false }
      let powers: [SiteQuantity] = [.pv, .load, .grid, .battery]
      return powers.allSatisfy { !(device.provides ?? []).contains($0) || reading.gives($0) }
    }
  }

  private func sum(_ quantity: SiteQuantity, _ value: (DeviceReading) -> Power?) -> Power? {
    let sources = devices.filter { $0.isAsked(for: quantity) }
    var result: Power?
    for source in sources {
      guard let reading = source.reading else { return nil }
      guard let part = value(reading) else {
        // Only a device that was asked by name owes it.
        if source.provides == nil { continue }
        return nil
      }
      result = (result ?? .zero) + part
    }
    return result
  }

  private static func findings(of device: Device) -> [HouseFinding] {
    switch device.answer {
    case .failure(let fault):
      return [HouseFinding(.wrong, device: device.name, fault.text, advice: advice(on: fault))]
    case .success(let reading):
      return SiteQuantity.allCases.compactMap { quantity in
        guard let asked = device.provides, asked.contains(quantity), !reading.gives(quantity)
        else { return nil }
        return HouseFinding(
          .wrong, device: device.name, "is asked for \(quantity.rawValue) and does not give it",
          advice: "take \(quantity.rawValue) out of its `provides`, or name another profile")
      }
    }
  }

  static func advice(on fault: DeviceFault) -> String {
    switch fault {
    case .unreachable(let text) where text.contains("/dev/"):
      return "check that the adapter is plugged in, and its path under /dev/serial/by-id"
    case .unreachable:
      return "check its power, its cable and its address; some accept one connection only"
    case .silent(let text) where text.contains("/dev/"):
      return "swap A and B, check unit, baud and parity, and the 120 ohm at both ends"
    case .silent: return "check the unit number, and that Modbus is switched on in the device"
    case .unintelligible:
      return "check the unit number and the profile; `heliograph scan` tries them"
    }
  }

  private var missing: [HouseFinding] {
    guard devices.allSatisfy({ $0.reading != nil }) else { return [] }
    var findings: [HouseFinding] = []
    let powers = powers
    if powers.grid == nil {
      findings.append(
        HouseFinding(
          .wrong, "nothing tells what the house draws from the grid",
          advice: "without a meter at the grid no surplus is known and no job starts"))
    }
    let readings = devices.filter { $0.isAsked(for: .totals) }.compactMap(\.reading)
    if !readings.contains(where: { $0.importedTotal != nil && $0.exportedTotal != nil }) {
      findings.append(
        HouseFinding(
          .doubtful, "no device counts imported and exported energy",
          advice: "jobs run without; trades need a meter that counts both"))
    }
    return findings
  }

  private var battery: [HouseFinding] {
    guard let stated = statedCapacity else { return [] }
    let told = devices.compactMap { $0.reading?.batteryCapacity }
    guard !told.isEmpty else { return [] }
    let sum = told.reduce(.zero, +)
    guard (sum - stated).magnitude > stated.scaled(by: 1, over: 4) else { return [] }
    return [
      HouseFinding(
        .doubtful, "the battery says \(sum.text), the configuration \(stated.text)",
        advice: "correct battery.capacityWattHours if the battery is right")
    ]
  }
}
