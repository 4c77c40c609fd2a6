import HeliographCore
import Quantities
import Testing

@Suite("EnergyBars")
struct EnergyBarsTests {
  @Test("draws a row an hour, with what is sure, likely and possible, and where the house comes to")
  func rows() {
    let lines = EnergyBars(ordinaryCourse()).lines
    #expect(lines.first == "amber: the plan from Sun 21 June 14:30 to Tue 23 June 14:30")
    #expect(lines.contains("Mon 22 June"))
    #expect(
      lines.contains(
        "11:00 ###|###=======---           3.23  0.80  60%  -0.10  18.00  3"), "\(lines)")
    #expect(
      lines.contains(
        "01:00   |                         0.00  0.36  60%  -0.10  18.00  4 charge 1.5kW"),
      "\(lines)")
    // 48 hours, of which the first and the last are halves.
    #expect(lines.count { $0.dropFirst(2).hasPrefix(":") && $0.dropFirst(5).hasPrefix(" ") } == 49)
    #expect(lines.contains("job 3 from about 10:00 to 12:00, on surplus (photos)."))
    #expect(
      lines.contains { $0.hasPrefix("01:00-02:00 the battery charges with 1500 W at 18.00 a kWh") })
  }

  @Test("shows what is not known as a question, never as zero")
  func unknown() {
    var course = ordinaryCourse()
    course.kind = .record
    course.slots = course.slots.map { EnergyCourse.Slot($0.slot) }
    course.jobs = []
    course.at = course.at + TimeSpan(minutes: 180)
    let lines = EnergyBars(course).lines
    #expect(
      lines.contains("15:00 ?                                    ?     ?           ?"), "\(lines)")
    // Of a day that lasts, what is still to come is no gap.
    #expect(lines.contains { $0.hasPrefix("17:00") } && !lines.contains { $0.hasPrefix("18:00") })
    #expect(lines.last == "Seen: nothing is known yet.")
  }

  @Test("says that there is nothing to show")
  func empty() {
    var course = ordinaryCourse()
    course.slots = []
    #expect(EnergyBars(course).lines == ["amber: nothing is known yet. STATUS shows what is."])
  }

  @Test("keeps to 79 columns and one line a row, whatever the course holds", arguments: 1...60)
  func anything(seed: UInt64) {
    for line in EnergyBars(anyCourse(seed: seed)).lines {
      if line.count > 79 || line.contains("\n") { Issue.record("\(line.count): \(line)") }
    }
  }
}
