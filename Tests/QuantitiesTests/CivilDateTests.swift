import Quantities
import Testing

@Suite("CivilDate")
struct CivilDateTests {
  @Test(
    "reads and writes dates",
    arguments: [
      ("1970-01-01", 0, "Thursday 1 January 1970"),
      ("2000-02-29", 11_016, "Tuesday 29 February 2000"),
      ("2026-06-21", 20_625, "Sunday 21 June 2026"),
      ("2024-12-31", 20_088, "Tuesday 31 December 2024"),
    ] as [(String, Int64, String)])
  func reads(text: String, day: Int64, long: String) {
    #expect(CivilDate(text)?.dayNumber == day)
    #expect(CivilDate(dayNumber: day).text == text)
    #expect(CivilDate(dayNumber: day).longText == long)
  }

  @Test("comes back the same, day after day for four centuries")
  func roundTrip() {
    var last = CivilDate(dayNumber: -1)
    for day in 0..<146_097 as Range<Int64> {
      let date = CivilDate(dayNumber: day)
      if date != CivilDate(date.text) || date <= last { Issue.record("day \(day): \(date.text)") }
      last = date
    }
  }

  @Test(
    "a clock names its day where that is not the present one",
    arguments: [
      (-2761, "19 Jun 23:59"), (-1321, "yesterday 23:59"), (0, "22:00"), (119, "23:59"),
      (120, "tomorrow 00:00"), (1559, "tomorrow 23:59"), (1560, "Tue 00:00"), (8759, "Sat 23:59"),
      (8760, "28 Jun 00:00"),
    ] as [(Int64, String)])
  func dayOfClock(minutes: Int64, expected: String) {
    // 22:00 UTC of Sunday 21 June 2026.
    let now = Instant(millisecondsSince1970: 1_782_079_200_000)
    let time = now + TimeSpan(minutes: minutes)
    #expect(LocalTime.utc.clock(at: time, seenFrom: now) == expected)
  }

  @Test("an end names its day where it lies beyond the midnight after the beginning")
  func dayOfEnd() {
    let now = Instant(millisecondsSince1970: 1_782_079_200_000)
    func end(_ minutes: Int64, from start: Int64) -> String {
      LocalTime.utc.clock(
        atEnd: now + TimeSpan(minutes: minutes), of: now + TimeSpan(minutes: start), seenFrom: now)
    }
    #expect(end(120, from: 0) == "00:00")
    #expect(end(121, from: 0) == "tomorrow 00:01")
    #expect(end(240, from: 130) == "02:00")
    #expect(end(1600, from: 130) == "Tue 00:40")
  }

  @Test(
    "takes nothing else",
    arguments: [
      "", "2026", "2026-6-21", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "1969-12-31",
      "2026-06-31", "2026/06/21", "20a6-06-21", "+026-06-21", "2026-06-21T", "٢٠٢٦-06-21",
    ])
  func refuses(text: String) { #expect(CivilDate(text) == nil) }
}
