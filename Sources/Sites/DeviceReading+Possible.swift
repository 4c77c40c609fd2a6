import Quantities

extension DeviceReading {
  /// The most power that a household's device is believed to say: 100 MW.
  ///
  /// Far beyond any house, and small enough that sums and products of it over days stay exact: a
  /// SunSpec scale factor that flips can turn kilowatts into terawatts.
  static let largestPower = Power(watts: 100_000_000)

  /// Makes unknown what can't be: a state of charge outside 0 to 100 %, powers and energies
  /// beyond what this program counts with, totals and capacities below zero.
  mutating func dropImpossible() {
    if let charge = stateOfCharge, charge < .empty || charge > .full { stateOfCharge = nil }
    if let share = powerLimitPermille, !(0...1000 ~= share) { powerLimitPermille = nil }
    for quantity in DeviceQuantity.allCases {
      guard let value = self[quantity] else { continue }
      let most = Self.largestPower.rawValue
      switch quantity {
      case .pvPower, .loadPower, .gridPower, .batteryPower, .inverterPower:
        if !(-most...most ~= value) { self[quantity] = nil }
      case .ratedPower, .powerLimit, .exportLimit, .maximumCharge, .maximumDischarge:
        if !(0...most ~= value) { self[quantity] = nil }
      case .batteryCapacity, .importedTotal, .exportedTotal, .generatedTotal, .chargedTotal,
        .dischargedTotal:
        if !(0...magnitudeLimit ~= value) { self[quantity] = nil }
      case .stateOfCharge, .powerLimitPermille, .operatingState: break
      }
    }
    if let step = totalResolution, !(0...magnitudeLimit ~= step.rawValue) { totalResolution = nil }
  }
}
