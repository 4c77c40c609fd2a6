import Quantities

/// The light of a cloudless sky over a place through slots in a row.
///
/// The sun is computed in full once a day and read off in between, and the sky's light three times
/// a slot, once for all panels. That is within 2 W/m² of the slot's true mean up to latitudes of
/// 60°, and within 7 W/m² beyond, where the sun comes out for less than a slot.
public struct ClearSkyCourse: Hashable, Sendable {
  /// The most slots of a course: a year and a day.
  public static let maximumSlots = 366 * 96
  /// Moments a slot: the middles of its thirds.
  static let momentsPerSlot = 3

  public let sky: ClearSky
  public let firstSlot: TimeSlot
  /// How many slots it holds.
  public let count: Int
  /// In order of time, `momentsPerSlot` for each slot.
  package let moments: [SkyMoment]

  /// `count` outside 0 to `maximumSlots` is brought back to it.
  public init(_ sky: ClearSky, from slot: TimeSlot, count: Int) {
    self.sky = sky
    firstSlot = slot
    self.count = min(max(0, count), Self.maximumSlots)
    let end = slot.advanced(by: Int64(self.count))
    let almanac = SolarAlmanac(from: slot.start, to: end.start)
    var moments: [SkyMoment] = []
    moments.reserveCapacity(self.count * Self.momentsPerSlot)
    let step = TimeSlot.length.milliseconds / Int64(Self.momentsPerSlot)
    for index in 0..<Int64(self.count) {
      let start = slot.advanced(by: index).start
      let turbidity = sky.turbidity ?? .usual(at: sky.place, on: start)
      for part in 0..<Int64(Self.momentsPerSlot) {
        let days = UniversalDays(start + TimeSpan(milliseconds: part * step + step / 2))
        moments.append(sky.moment(at: days, sun: almanac.sun(at: days), turbidity: turbidity))
      }
    }
    self.moments = moments
  }

  /// The slots that it holds, in order.
  public var slots: [TimeSlot] { (0..<count).map { firstSlot.advanced(by: Int64($0)) } }

  /// What the panels are expected to give, as the slot's mean; nil outside the course.
  ///
  /// What they make of light is as in `PanelArray.power(under:airMillidegrees:)`, in air of 20 °C.
  public func power(of array: PanelArray, over slot: TimeSlot) -> Power? {
    index(of: slot).map { power(of: array, facing: PanelPlane(array), at: $0) }
  }

  /// The same for each slot of the course, in order.
  public func powers(of array: PanelArray) -> [Power] {
    let plane = PanelPlane(array)
    return (0..<count).map { power(of: array, facing: plane, at: $0) }
  }

  /// What falls on a square metre of the panels, as the slot's mean; nil outside the course.
  public func irradiance(on array: PanelArray, over slot: TimeSlot) -> Irradiance? {
    let plane = PanelPlane(array)
    return index(of: slot).map { Irradiance(wattsRounded: irradiance(on: plane, at: $0)) }
  }

  /// All light on level ground, as the slot's mean; nil outside the course.
  public func global(over slot: TimeSlot) -> Irradiance? {
    index(of: slot).map { index in
      let sum = moments(at: index).reduce(0) { $0 + $1.global }
      return Irradiance(wattsRounded: sum / Double(Self.momentsPerSlot))
    }
  }

  /// The place of a slot in the course.
  func index(of slot: TimeSlot) -> Int? {
    let offset = slot.index - firstSlot.index
    return offset >= 0 && offset < Int64(count) ? Int(offset) : nil
  }

  /// The moments of the slot at an index of the course.
  package func moments(at index: Int) -> ArraySlice<SkyMoment> {
    moments[index * Self.momentsPerSlot..<(index + 1) * Self.momentsPerSlot]
  }

  /// What falls on a plane in W/m², as the mean of the slot at an index of the course.
  func irradiance(on plane: PanelPlane, at index: Int) -> Double {
    let sum = moments(at: index).reduce(0) { $0 + $1.irradiance(on: plane) }
    return sum / Double(Self.momentsPerSlot)
  }

  private func power(of array: PanelArray, facing plane: PanelPlane, at index: Int) -> Power {
    let sum = moments(at: index).reduce(0) { sum, moment in
      sum + PanelArray.yield(under: moment.irradiance(on: plane), air: PanelArray.usualAir)
    }
    return array.peak.share(sum / Double(Self.momentsPerSlot))
  }
}
