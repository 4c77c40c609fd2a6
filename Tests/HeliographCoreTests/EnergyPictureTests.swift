import HeliographCore
import Quantities
import Testing

@Suite("EnergyPicture")
struct EnergyPictureTests {
  /// What is wrong with `text` as XML of the plain kind that the picture uses; nil if nothing is.
  static func fault(in text: String) -> String? {
    var open: [Substring] = []
    var rest = Substring(text)
    while let start = rest.firstIndex(of: "<") {
      if let fault = faultyText(rest[..<start]) { return fault }
      guard let end = rest[start...].firstIndex(of: ">") else { return "a tag has no end" }
      let tag = rest[rest.index(after: start)..<end]
      if tag.contains("<") || tag.count(where: { $0 == "\"" }) % 2 != 0 { return "odd tag \(tag)" }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return "\(tag) closes another" }
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
      rest = rest[rest.index(after: end)...]
    }
    return open.isEmpty ? faultyText(rest) : "\(open) stay open"
  }

  private static func faultyText(_ text: Substring) -> String? {
    var rest = text
    while let start = rest.firstIndex(of: "&") {
      let entity = rest[start...].prefix { $0 != ";" }
      guard ["&amp", "&lt", "&gt", "&quot"].contains(entity) else { return "odd entity \(entity)" }
      rest = rest[rest.index(after: start)...]
    }
    let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }
    return isPlain && !text.contains(">") ? nil : "odd characters in \(text)"
  }

  @Test("shows what is planned: title, sums, jobs with their names, price, hours, dates, legend")
  func showsThePlan() {
    let picture = EnergyPicture(ordinaryCourse()).document
    for words in [
      "amber: the plan from Sun 21 June 14:30 to Tue 23 June 14:30", "Expected: PV ", ">job 3<",
      ">photos, 500 W<", ">letters, 60 W<", ">Mon 22 June<", ">Battery, %<", ">42<", ">18<",
      ">sun, likely<", ">job on sun<", ">job that is due<", ">told to charge<", ">reserve<",
      ">no sun<", ">Power, kW<", ">6.0<",
    ] {
      #expect(picture.contains(words), "\(words)")
    }
    #expect(!picture.contains("panels held back"))
    #expect(Self.fault(in: picture) == nil)
  }

  @Test("is the same picture of the same course, stands by itself and has a ground of its own")
  func standsAlone() {
    let picture = EnergyPicture(ordinaryCourse()).document
    #expect(picture == EnergyPicture(ordinaryCourse()).document)
    for outside in ["<script", "href", "url(", "@import", "<image", "<foreignObject"] {
      #expect(!picture.contains(outside))
    }
    #expect(picture.contains("rx=\"8\" fill=\"#14181d\""))
    #expect(picture.utf8.count < 100_000)
  }

  @Test("leaves a gap where nothing is known, and never draws a zero there")
  func gaps() {
    var course = ordinaryCourse()
    func curves(_ course: EnergyCourse) -> Int {
      EnergyPicture(course).document.split(separator: "stroke=\"#f2c14e\"").count
    }
    let whole = curves(course)
    for index in 20..<30 { course.slots[index] = EnergyCourse.Slot(course.slots[index].slot) }
    #expect(curves(course) == whole + 1)
  }

  @Test("shows the hours of a day that has only 23, at their places")
  func shortDay() {
    var course = ordinaryCourse()
    course.kind = .record
    // Berlin's clocks go from 2:00 to 3:00 at 1:00 UTC on 29 March 2026.
    let change = Instant(millisecondsSince1970: 1_774_746_000_000)
    course.localTime = LocalTime(changes: [
      LocalTime.Change(from: .distantPast, offset: TimeSpan(minutes: 60)),
      LocalTime.Change(from: change, offset: TimeSpan(minutes: 120)),
    ])
    let first = TimeSlot(containing: change - TimeSpan(minutes: 120))
    course.slots = (Int64(0)..<92).map { EnergyCourse.Slot(first.advanced(by: $0)) }
    let picture = EnergyPicture(course).document
    #expect(picture.contains("amber: Sunday 29 March 2026"))
    for hour in ["00", "04", "06", "22"] { #expect(picture.contains(">\(hour)<")) }
    #expect(!picture.contains(">02<"))
  }

  @Test("is whole and within its frame whatever the course holds", arguments: 1...60)
  func anything(seed: UInt64) {
    let picture = EnergyPicture(anyCourse(seed: seed)).document
    #expect(Self.fault(in: picture) == nil)
    for piece in picture.split(separator: " x=\"").dropFirst() {
      let x = Double(piece.prefix { $0 != "\"" }) ?? -1
      if !(0...960).contains(x) { Issue.record("outside: \(piece.prefix(60))") }
    }
  }
}
