import Quantities
import Sites
import Testing

@Suite("Directions") struct SignTests {
  static let meter = SiteDevice(
    name: "meter", pollInterval: TimeSpan(seconds: 5),
    provides: [.grid, .totals, .battery])

  /// What is counted of a power in one poll of 5 s.
  struct Course: Sendable {
    var name: String
    /// The sign that the power is shown with, by the poll.
    var shown: @Sendable (Int64) -> Int64
    /// What each register really counts of 7200 W (10 Wh a poll), by the poll.
    var imported: @Sendable (Int64) -> Int64
    var exported: @Sendable (Int64) -> Int64
    /// From which poll to which the power is unknown.
    var unknown: Range<Int64>
    var isBattery = false
  }

  static let courses: [Course] = [
    Course(
      name: "import counted as import", shown: { _ in 1 }, imported: { $0 }, exported: { _ in 0 },
      unknown: 0..<0),
    Course(
      name: "import shown as export", shown: { _ in -1 }, imported: { $0 }, exported: { _ in 0 },
      unknown: 9..<100),
    Course(
      name: "export shown as import", shown: { _ in 1 }, imported: { _ in 0 }, exported: { $0 },
      unknown: 9..<100),
    Course(
      name: "set right in the middle", shown: { $0 < 50 ? -1 : 1 }, imported: { $0 },
      exported: { _ in 0 }, unknown: 9..<53),
    Course(
      name: "phases counted apart", shown: { _ in -1 }, imported: { $0 }, exported: { $0 / 2 },
      unknown: 0..<0),
    Course(
      name: "no direction for long", shown: { $0 % 2 == 0 ? -1 : 1 }, imported: { $0 },
      exported: { _ in 0 }, unknown: 0..<0),
    Course(
      name: "registers that stand", shown: { _ in -1 }, imported: { _ in 0 }, exported: { _ in 0 },
      unknown: 0..<0),
    Course(
      name: "charging shown as discharging", shown: { _ in -1 }, imported: { $0 },
      exported: { _ in 0 }, unknown: 9..<100, isBattery: true),
  ]

  @Test("that a device's own registers deny make its power unknown", arguments: courses)
  func direction(_ course: Course) {
    var bench = SiteBench([Self.meter])
    for poll in Int64(0)..<100 {
      let at = SiteBench.at(poll * 5)
      var reading = DeviceReading(device: "meter", at: at)
      // A few watts more or less: no frozen device.
      let power = Power(watts: course.shown(poll) * (7200 + poll % 3))
      let imported = Energy(wattHours: 1000 + 10 * course.imported(poll))
      let exported = Energy(wattHours: 1000 + 10 * course.exported(poll))
      if course.isBattery {
        reading.batteryPower = power
        (reading.chargedTotal, reading.dischargedTotal) = (imported, exported)
        reading.gridPower = .zero
      } else {
        reading.gridPower = power
        (reading.importedTotal, reading.exportedTotal) = (imported, exported)
        reading.batteryPower = .zero
      }
      reading.totalResolution = Energy(wattHours: 10)
      bench.read(reading)
      let state = bench.site.state(at: at)
      let known = course.isBattery ? state.batteryPower : state.gridPower
      #expect((known == nil) == course.unknown.contains(poll), "\(course.name), poll \(poll)")
    }
    let changes = (course.unknown.isEmpty ? 0 : 1) + (course.unknown.upperBound == 53 ? 1 : 0)
    #expect(bench.lines.count == changes, "\(course.name): \(bench.lines)")
    #expect(bench.lines.allSatisfy { $0.count < 120 })
  }
}
