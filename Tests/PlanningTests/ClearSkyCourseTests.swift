import Quantities
import Testing

import Planning

@Suite("Clear-sky course")
struct ClearSkyCourseTests {
  static let sky = ClearSky(at: ClearSkyTests.zurich)

  @Test("has the mean of each slot as thirty looks would give it", arguments: [0, 90, 180, 270])
  func means(azimuth: Int64) {
    let array = ClearSkyTests.array(35, azimuth)
    let course = ClearSkyCourse(Self.sky, from: ClearSkyTests.june, count: 96)
    for slot in course.slots {
      var sum = Irradiance.zero
      for look in 0..<30 {
        let instant = slot.start + TimeSpan(seconds: Int64(look) * 30 + 15)
        sum = sum + Self.sky.irradiance(on: array, at: instant)
      }
      let mean = sum.scaled(by: 1, over: 30)
      let read = course.irradiance(on: array, over: slot) ?? .zero
      #expect((read - mean).magnitude < Irradiance(wattsPerSquareMetre: 2))
    }
  }

  @Test("gives the same as a slot asked for by itself, and nothing outside")
  func single() {
    let array = ClearSkyTests.array(30, 200)
    let course = ClearSkyCourse(Self.sky, from: ClearSkyTests.june, count: 192)
    let powers = course.powers(of: array)
    #expect(course.slots.count == 192 && powers.count == 192)
    for (slot, power) in zip(course.slots, powers) {
      #expect(course.power(of: array, over: slot) == power)
      let alone = Self.sky.power(of: array, over: slot)
      #expect((alone - power).magnitude <= Power(milliwatts: 10))
    }
    for offset: Int64 in [-1, 192, 1_000_000] {
      let slot = ClearSkyTests.june.advanced(by: offset)
      #expect(course.power(of: array, over: slot) == nil)
      #expect(course.irradiance(on: array, over: slot) == nil)
      #expect(course.global(over: slot) == nil)
    }
    #expect(ClearSkyCourse(Self.sky, from: ClearSkyTests.june, count: -5).slots.isEmpty)
  }

  @Test("shows a roof's day: none at night, the morning in the east, the evening in the west")
  func day() {
    let course = ClearSkyCourse(Self.sky, from: ClearSkyTests.june, count: 96)
    let east = course.powers(of: ClearSkyTests.array(30, 90))
    let west = course.powers(of: ClearSkyTests.array(30, 270))
    let south = course.powers(of: ClearSkyTests.array(30, 180))
    // Sunrise at 03:29, sunset at 19:26 UTC.
    #expect(south[..<13].allSatisfy { $0 == .zero })
    #expect(south[78...].allSatisfy { $0 == .zero })
    #expect(south[14..<77].allSatisfy { $0 > .zero })
    #expect(east[24] > west[24] && east[68] < west[68])
    let noon = south.max() ?? .zero
    #expect((Power(watts: 4000)...Power(watts: 4800)).contains(noon))
    let energy = south.reduce(.zero, +).energy(over: TimeSlot.length)
    #expect((Energy(wattHours: 34_000)...Energy(wattHours: 42_000)).contains(energy))
  }

  @Test("holds a year and a day at most, and every day of it")
  func year() {
    let course = ClearSkyCourse(Self.sky, from: ClearSkyTests.june, count: 1_000_000)
    #expect(course.count == ClearSkyCourse.maximumSlots)
    let flat = ClearSkyTests.array(0, 0)
    let powers = course.powers(of: flat)
    for day in 0..<366 {
      let sum = powers[day * 96..<(day + 1) * 96].reduce(.zero, +)
      #expect(sum.energy(over: TimeSlot.length) > Energy(wattHours: 7000))
    }
  }
}

@Suite("Panel power")
struct PanelPowerTests {
  @Test("is the peak in standard test conditions, less in heat, more in frost")
  func yield() {
    let array = ClearSkyTests.array(30, 180, watts: 400)
    let cases: [(sun: Int64, air: Int64?, milliwatts: Int64)] = [
      (1000, -5000, 400_000), (1000, nil, 360_000), (1000, 20_000, 360_000), (0, nil, 0),
      (500, 10_000, 200_000), (1000, 40_000, 328_000), (500, -10_000, 216_000),
    ]
    for example in cases {
      let power = array.power(
        under: Irradiance(wattsPerSquareMetre: example.sun), airMillidegrees: example.air)
      #expect(power == Power(milliwatts: example.milliwatts))
    }
  }
}
