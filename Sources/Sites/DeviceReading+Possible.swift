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
    for power in [\DeviceReading.pvPower, \.loadPower, \.gridPower, \.batteryPower] {
      if let value = self[keyPath: power], !(-Self.largestPower...Self.largestPower ~= value) {
        self[keyPath: power] = nil
      }
    }
    let energies = Energy.zero...Energy(rawValue: magnitudeLimit)
    for energy in [
      \DeviceReading.batteryCapacity, \.importedTotal, \.exportedTotal, \.totalResolution,
    ] {
      if let value = self[keyPath: energy], !(energies ~= value) { self[keyPath: energy] = nil }
    }
  }
}
