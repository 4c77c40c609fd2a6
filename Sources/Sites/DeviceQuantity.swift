import Quantities

/// What a device can measure, by the name that a profile gives it.
public enum DeviceQuantity: String, Hashable, Sendable, CaseIterable, Codable {
  case pvPower, loadPower, gridPower, batteryPower
  case stateOfCharge, batteryCapacity
  case importedTotal, exportedTotal
  case inverterPower, ratedPower, powerLimit, powerLimitPermille, exportLimit
  case maximumCharge, maximumDischarge
  case generatedTotal, chargedTotal, dischargedTotal
  case operatingState

  /// Smallest units (mW, mWh, ‰) in the unit that profiles are written in (W, Wh, %).
  public var base: Int64 {
    switch self {
    case .stateOfCharge, .powerLimitPermille: 10
    case .operatingState: 1
    default: 1000
    }
  }

  /// The unit that profiles and dumps are written in: W, Wh or %; none of a state.
  public var unit: String {
    if isPower { return "W" }
    switch self {
    case .stateOfCharge, .powerLimitPermille: return "%"
    case .operatingState: return ""
    default: return "Wh"
    }
  }

  public var isPower: Bool {
    switch self {
    case .pvPower, .loadPower, .gridPower, .batteryPower, .inverterPower, .ratedPower,
      .powerLimit, .exportLimit, .maximumCharge, .maximumDischarge:
      true
    default: false
    }
  }

  /// Whether it is a register that only grows.
  public var isTotal: Bool {
    switch self {
    case .importedTotal, .exportedTotal, .generatedTotal, .chargedTotal, .dischargedTotal: true
    default: false
    }
  }

  /// Whether it is a total of the meter at the grid, which energy is settled on.
  public var isMeterTotal: Bool { self == .importedTotal || self == .exportedTotal }
}

extension DeviceReading {
  /// The quantity in its smallest unit (mW, mWh, ‰, an operating state's number); nil is unknown.
  public subscript(quantity: DeviceQuantity) -> Int64? {
    get {
      switch quantity {
      case .pvPower: pvPower?.rawValue
      case .loadPower: loadPower?.rawValue
      case .gridPower: gridPower?.rawValue
      case .batteryPower: batteryPower?.rawValue
      case .stateOfCharge: stateOfCharge?.rawValue
      case .batteryCapacity: batteryCapacity?.rawValue
      case .importedTotal: importedTotal?.rawValue
      case .exportedTotal: exportedTotal?.rawValue
      case .inverterPower: inverterPower?.rawValue
      case .ratedPower: ratedPower?.rawValue
      case .powerLimit: powerLimit?.rawValue
      case .powerLimitPermille: powerLimitPermille
      case .exportLimit: exportLimit?.rawValue
      case .maximumCharge: maximumCharge?.rawValue
      case .maximumDischarge: maximumDischarge?.rawValue
      case .generatedTotal: generatedTotal?.rawValue
      case .chargedTotal: chargedTotal?.rawValue
      case .dischargedTotal: dischargedTotal?.rawValue
      case .operatingState: operatingState?.rawValue
      }
    }
    set {
      let power = newValue.map(Power.init(rawValue:))
      let energy = newValue.map(Energy.init(rawValue:))
      switch quantity {
      case .pvPower: pvPower = power
      case .loadPower: loadPower = power
      case .gridPower: gridPower = power
      case .batteryPower: batteryPower = power
      case .stateOfCharge: stateOfCharge = newValue.map(StateOfCharge.init(rawValue:))
      case .batteryCapacity: batteryCapacity = energy
      case .importedTotal: importedTotal = energy
      case .exportedTotal: exportedTotal = energy
      case .inverterPower: inverterPower = power
      case .ratedPower: ratedPower = power
      case .powerLimit: powerLimit = power
      case .powerLimitPermille: powerLimitPermille = newValue
      case .exportLimit: exportLimit = power
      case .maximumCharge: maximumCharge = power
      case .maximumDischarge: maximumDischarge = power
      case .generatedTotal: generatedTotal = energy
      case .chargedTotal: chargedTotal = energy
      case .dischargedTotal: dischargedTotal = energy
      case .operatingState: operatingState = newValue.flatMap(OperatingState.init(rawValue:))
      }
    }
  }
}
