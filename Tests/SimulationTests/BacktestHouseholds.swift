import Quantities
import Simulation

/// Households for backtests, made here.
enum BacktestHouseholds {
  /// 2016-06-01 00:00 UTC.
  static let june = Instant(millisecondsSince1970: 1_464_739_200_000)

  /// A record of quarter-hours from June on: each value of `watts` lasts an hour.
  static func hours(_ watts: [(load: Int64?, pv: Int64?)]) -> HouseholdRecord {
    func quarters(_ value: Int64?) -> [Power?] {
      Array(repeating: value.map { Power(watts: $0) }, count: 4)
    }
    return HouseholdRecord(
      start: june, step: TimeSpan(minutes: 15), load: watts.flatMap { quarters($0.load) },
      pv: watts.flatMap { quarters($0.pv) })
  }

  /// Days with a bell of sun under clouds that come and go, and people who come home.
  static func days(_ count: Int, seed: UInt64, peak: Int64 = 4000) -> HouseholdRecord {
    var random = RandomSource(seed: seed)
    var load: [Power?] = []
    var pv: [Power?] = []
    var clouds: Int64 = 500
    for quarter in 0..<Int64(count * 96) {
      let ofDay = quarter % 96
      if ofDay == 0 { clouds = random.within(100...1000) }
      let fromNoon = ofDay - 47
      let bell = max(0, 1000 - fromNoon * fromNoon * 1000 / 900)
      let light = bell * min(1000, clouds + random.within(-150...150)) / 1000
      pv.append(Power(watts: max(0, peak * light / 1000)))
      let evening: Int64 = (68...88).contains(ofDay) ? 700 : 0
      load.append(Power(watts: 180 + evening + random.within(0...250)))
    }
    return HouseholdRecord(start: june, step: TimeSpan(minutes: 15), load: load, pv: pv)
  }

  static let battery = RecordedEquipment(
    batteryCapacity: Energy(wattHours: 5000), maximumCharge: Power(watts: 2500),
    maximumDischarge: Power(watts: 2500))
}
