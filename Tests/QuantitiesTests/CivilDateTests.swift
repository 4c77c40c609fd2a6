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
    "takes nothing else",
    arguments: [
      "", "2026", "2026-6-21", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "1969-12-31",
      "2026-06-31", "2026/06/21", "20a6-06-21", "+026-06-21", "2026-06-21T", "٢٠٢٦-06-21",
    ])
  func refuses(text: String) { #expect(CivilDate(text) == nil) }
}
