import Quantities

/// What the people of a simulated house draw: a base, breakfast, evening, work, and appliances.
///
/// A pure function of seed and time, constant within a minute.
struct HouseholdLoad: Hashable, Sendable {
  /// Something that is switched on at times.
  private struct Appliance {
    let power: Power
    let minutes: Int64
    /// The day is cut into periods of this length; it runs at most once in each.
    let periodMinutes: Int64
    /// The hours of day in which it may run, and how often of a thousand periods it does.
    let hours: ClosedRange<Int64>
    let permille: Int64
  }

  private static let appliances = [
    Appliance(
      power: Power(watts: 1900), minutes: 3, periodMinutes: 60, hours: 6...21, permille: 350),
    Appliance(
      power: Power(watts: 1500), minutes: 22, periodMinutes: 120, hours: 12...12, permille: 400),
    Appliance(
      power: Power(watts: 1700), minutes: 25, periodMinutes: 60, hours: 18...19, permille: 600),
    Appliance(
      power: Power(watts: 480), minutes: 75, periodMinutes: 240, hours: 8...18, permille: 300),
  ]

  let seed: UInt64

  /// What the house draws in the minute of `instant`, without jobs.
  func power(at instant: Instant, of equipment: HouseEquipment) -> Power {
    let minute = LocalTime.utc.minuteOfDay(at: instant)
    let absolute = instant.millisecondsSince1970 / TimeSpan.minute.milliseconds
    var load = equipment.baseLoad
    // The refrigerator's compressor: on for a third of the time.
    if Noise.smooth(seed: seed, stream: 20, at: absolute, spacing: 14) > 620 {
      load += Power(watts: 90)
    }
    load += equipment.morningLoad.scaled(by: Noise.halfSine(minute - 360, of: 180), over: 1000)
    load += equipment.eveningLoad.scaled(by: Noise.halfSine(minute - 990, of: 360), over: 1000)
    if (540..<1020).contains(minute) {
      let share = 500 + Noise.smooth(seed: seed, stream: 21, at: absolute, spacing: 20) / 2
      load += equipment.workingLoad.scaled(by: share, over: 1000)
    }
    for (number, appliance) in HouseholdLoad.appliances.enumerated()
    where runs(appliance, number: number, in: absolute) {
      load += appliance.power
    }
    let wobble = 960 + Noise.value(seed: seed, stream: 22, place: absolute, below: 81)
    return load.scaled(by: wobble, over: 1000)
  }

  private func runs(_ appliance: Appliance, number: Int, in minute: Int64) -> Bool {
    let period = minute / appliance.periodMinutes
    let within = minute % appliance.periodMinutes
    guard appliance.hours.contains(period * appliance.periodMinutes % 1440 / 60) else {
      return false
    }
    let stream = UInt64(30 + 2 * number)
    guard
      Noise.value(seed: seed, stream: stream, place: period, below: 1000) < appliance.permille
    else { return false }
    let begin = Noise.value(
      seed: seed, stream: stream + 1, place: period,
      below: appliance.periodMinutes - appliance.minutes + 1)
    return (begin..<begin + appliance.minutes).contains(within)
  }
}
