import Quantities
import Sites

/// What the two devices say in the n-th cycle of 5 s; nil is not offered.
struct FrozenHouse: Sendable {
  var name: String
  var grid: @Sendable (Int64) -> Int64? = { 300 + $0 % 7 }
  var imported: @Sendable (Int64) -> Int64? = { _ in nil }
  var pv: @Sendable (Int64) -> Int64? = { 1000 + $0 % 5 }
  var battery: @Sendable (Int64) -> Int64? = { 400 + $0 % 3 }
  var charge: @Sendable (Int64) -> Int64? = { 50 + $0 / 200 }
  var step: Int64 = 10
  /// The first cycle without a value of the frozen group; nil: it never freezes.
  var freezesAt: Int64?
  var group = ""

  static func clouds(_ cycle: Int64) -> Int64 { cycle / 10 % 2 == 0 ? 400 : 2600 }

  /// The first cycle in which something is unknown, and what was said.
  func run() -> (freezesAt: Int64?, lines: [String]) {
    var bench = SiteBench([FrozenTests.hybrid, FrozenTests.meter])
    var freezesAt: Int64?
    for cycle in Int64(0)..<300 {
      let at = SiteBench.at(cycle * 5)
      var reading = DeviceReading(device: "hybrid", at: at)
      reading.pvPower = pv(cycle).map { Power(watts: $0) }
      reading.batteryPower = battery(cycle).map { Power(watts: $0) }
      reading.stateOfCharge = charge(cycle).map { StateOfCharge(percent: $0) }
      bench.read(reading)
      var other = DeviceReading(device: "meter", at: at)
      other.gridPower = grid(cycle).map { Power(watts: $0) }
      other.importedTotal = imported(cycle).map { Energy(wattHours: $0) }
      other.totalResolution = Energy(wattHours: step)
      bench.read(other)
      let state = bench.site.state(at: at)
      let known = (state.pvPower, state.gridPower, state.batteryPower)
      let isKnown = known.0 != nil && known.1 != nil && known.2 != nil
      if !isKnown, freezesAt == nil { freezesAt = cycle }
    }
    return (freezesAt, bench.lines)
  }
}
