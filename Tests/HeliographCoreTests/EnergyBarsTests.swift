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
        "01:00   |                         0.00  0.36  60%   1.86  18.00  4 charge 1.5kW"),
      "\(lines)")
    // 48 hours, of which the first and the last are halves.
    #expect(lines.count { $0.dropFirst(2).hasPrefix(":") && $0.dropFirst(5).hasPrefix(" ") } == 49)
    #expect(lines.contains("job 3 from about 10:00 to 12:00, on surplus (photos)."))
    let charging = "tomorrow 01:00-02:00 battery charges 1500 W from the grid at 18.00,"
    #expect(lines.contains { $0.hasPrefix(charging) })
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
      lines.contains("15:00 ?                                    ?     ?    ?      ?"), "\(lines)")
    // Of a day that lasts, what is still to come is no gap.
    #expect(lines.contains { $0.hasPrefix("17:00") } && !lines.contains { $0.hasPrefix("18:00") })
    #expect(lines.last == "Seen: nothing is known yet.")
  }

  @Test("leaves the battery's column empty only in a house without one")
  func noBattery() {
    var course = ordinaryCourse()
    for index in course.slots.indices { course.slots[index].stateOfCharge = nil }
    func row() -> String? {
      EnergyBars(course).lines.first { $0.hasPrefix("11:00") }
    }
    #expect(row()?.contains("0.80    ?  -0.10") == true, "\(row() ?? "")")
    course.reserve = nil
    #expect(row()?.contains("0.80       -0.10") == true, "\(row() ?? "")")
  }

  @Test("means of an hour that lasts are over what of it has ended", arguments: [0, 16, 31, 46])
  func hourThatLasts(minutes: Int64) {
    var course = ordinaryCourse()
    course.kind = .record
    course.at = course.at + TimeSpan(minutes: 90 + minutes)
    for index in course.slots.indices where course.slots[index].slot.end > course.at {
      course.slots[index] = EnergyCourse.Slot(course.slots[index].slot)
    }
    let row = EnergyBars(course).lines.first { $0.hasPrefix("16:00") }
    #expect((row == nil) == (minutes == 0))
    #expect(row?.contains("?") != true, "\(row ?? "")")
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
