import HeliographCore
import Planning
import Quantities
import Testing

/// A station's plan and record as it shows them.
@Suite("A station's courses")
struct StationCourseTests {
  static let today = RecordedDay.daysAgo(0)

  @Test("records the day slot by slot, knows it again after a restart, and leaves gaps as gaps")
  func recordsTheDay() throws {
    var harness = try StationHarness(houses: 1)
    let key = try #require(harness.keys.first)
    harness.grid[key] = Power(watts: -2000)
    harness.advance(TimeSpan(minutes: 50))
    harness.silentMeters = [key]
    harness.advance(TimeSpan(minutes: 60))
    harness.silentMeters = []
    harness.grid[key] = Power(watts: 300)
    harness.advance(TimeSpan(minutes: 40))
    let before = try #require(harness.stations[key])
    let course = before.recordedCourse(of: Self.today, at: harness.now)
    #expect(course.slots.count == 96)
    let first = TimeSlot(containing: StationHarness.start)
    func slot(_ offset: Int64, _ course: EnergyCourse) -> EnergyCourse.Slot? {
      course.slots.first { $0.slot == first.advanced(by: offset) }
    }
    #expect(slot(1, course)?.pv == EnergyCourse.Range(Power(watts: 2000)))
    #expect(slot(1, course)?.load == EnergyCourse.Range(.zero))
    #expect(slot(1, course)?.grid == Power(watts: -2000))
    #expect(slot(5, course)?.pv == nil)
    #expect(slot(5, course)?.grid == nil)
    #expect(slot(8, course)?.grid == Power(watts: 300))
    #expect(slot(90, course)?.grid == nil)

    harness.kill(key)
    try harness.restart(key)
    let after = try #require(harness.stations[key])
    #expect(after.recordedCourse(of: Self.today, at: harness.now).slots == course.slots)
    let yesterday = after.recordedCourse(of: .daysAgo(1), at: harness.now)
    #expect(yesterday.slots.isEmpty)
    #expect(yesterday.earliest == StationHarness.start)
    let far = after.recordedCourse(of: .daysAgo(.max / 2), at: harness.now)
    #expect(far.slots.isEmpty)
  }

  @Test("shows the plan from now on, and plans anew when the tariff changes")
  func plansByTheTariff() throws {
    var harness = try StationHarness(houses: 1)
    let key = try #require(harness.keys.first)
    let empty = harness.stations[key]?.plannedCourse(at: harness.now)
    #expect(empty?.slots.isEmpty == true)
    harness.grid[key] = Power(watts: -2000)
    harness.advance(TimeSpan(minutes: 31))
    func prices() -> Set<Price?> {
      let course = harness.stations[key]?.plannedCourse(at: harness.now)
      return Set(course?.slots.map(\.importPrice) ?? [])
    }
    #expect(prices() == [Price(creditsPerKilowattHour: 30)])
    harness.deliver(.tariff(Tariff(importPrice: Price(creditsPerKilowattHour: 7))), to: key)
    harness.advance(TimeSpan(minutes: 1))
    #expect(prices() == [Price(creditsPerKilowattHour: 7)])
    let course = try #require(harness.stations[key]?.plannedCourse(at: harness.now))
    #expect(course.slots.first?.slot == TimeSlot(containing: harness.now))
    #expect(course.slots.count == 192)
    #expect(harness.type("PLAN", at: key)?.hasPrefix("N") == true)
    // A slot later, the plan of before begins with what is still to come.
    let later = harness.now + TimeSpan(minutes: 20)
    let rest = harness.stations[key]?.plannedCourse(at: later)
    #expect(rest?.slots.first?.slot == TimeSlot(containing: later))
  }
}
