import Quantities

/// What a device can measure, by the name that a profile gives it.
public enum DeviceQuantity: String, Hashable, Sendable, CaseIterable, Codable {
  case pvPower, loadPower, gridPower, batteryPower
  case stateOfCharge, batteryCapacity
  case importedTotal, exportedTotal

  /// Smallest units (mW, mWh, ‰) in the unit that profiles are written in (W, Wh, %).
  public var base: Int64 { self == .stateOfCharge ? 10 : 1000 }

  public var isPower: Bool {
    switch self {
    case .pvPower, .loadPower, .gridPower, .batteryPower: true
    case .stateOfCharge, .batteryCapacity, .importedTotal, .exportedTotal: false
    }
  }

  /// Whether it is a register that only grows.
  public var isTotal: Bool { self == .importedTotal || self == .exportedTotal }
}

extension DeviceReading {
  /// The quantity in its smallest unit (mW, mWh, ‰); nil is unknown.
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
      }
    }
    set {
      switch quantity {
      case .pvPower: pvPower = newValue.map(Power.init(rawValue:))
      case .loadPower: loadPower = newValue.map(Power.init(rawValue:))
      case .gridPower: gridPower = newValue.map(Power.init(rawValue:))
      case .batteryPower: batteryPower = newValue.map(Power.init(rawValue:))
      case .stateOfCharge: stateOfCharge = newValue.map(StateOfCharge.init(rawValue:))
      case .batteryCapacity: batteryCapacity = newValue.map(Energy.init(rawValue:))
      case .importedTotal: importedTotal = newValue.map(Energy.init(rawValue:))
      case .exportedTotal: exportedTotal = newValue.map(Energy.init(rawValue:))
      }
    }
  }
}
