import HeliographCore
import Quantities

/// Two days from 14:30 in summer: sun, an evening peak, a job on the sun and one that is due.
func ordinaryCourse() -> EnergyCourse {
  let local = LocalTime(changes: [
    LocalTime.Change(from: .distantPast, offset: TimeSpan(minutes: 120))
  ])
  // 2026-06-21 12:30 UTC.
  let first = TimeSlot(index: 20_625 * TimeSlot.slotsPerDay + 50)
  var course = EnergyCourse(kind: .plan, house: "amber", at: first.start, localTime: local)
  course.reserve = StateOfCharge(percent: 30)
  course.slots = (Int64(0)..<192).map { offset in
    var slot = EnergyCourse.Slot(first.advanced(by: offset))
    let minute = local.minuteOfDay(at: slot.slot.start)
    let sun = max(0, 4200 - abs(minute - 780) * 10)
    slot.pv = EnergyCourse.Range(
      low: Power(watts: sun / 2), middle: Power(watts: sun), high: Power(watts: sun * 5 / 4))
    slot.load = EnergyCourse.Range(Power(watts: minute > 1080 ? 900 : 300))
    slot.jobs = .zero
    if (600..<720).contains(minute) {
      slot.runs = [EnergyCourse.Run(job: 3, onSurplus: true)]
      slot.jobs = Power(watts: 500)
    }
    if (60..<120).contains(minute) {
      slot.runs = [EnergyCourse.Run(job: 4, onSurplus: false)]
      slot.jobs = Power(watts: 60)
      slot.order = EnergyCourse.Order(.charge, Power(watts: 1500))
    }
    slot.stateOfCharge = StateOfCharge(percent: 60)
    slot.grid = Power(watts: slot.order == nil ? -100 : 1860)
    slot.isCurtailed = false
    slot.importPrice = Price(creditsPerKilowattHour: (1020..<1200).contains(minute) ? 42 : 18)
    return slot
  }
  course.jobs = [
    EnergyCourse.Job(
      number: 3, name: "photos", power: Power(watts: 500),
      reason: "job 3 from about 10:00 to 12:00, on surplus"),
    EnergyCourse.Job(
      number: 4, name: "letters", power: Power(watts: 60),
      reason: "job 4 from about 01:00 to 02:00, due 06:00"),
  ]
  return course
}

/// Anything that could be, from a seed.
func anyCourse(seed: UInt64) -> EnergyCourse {
  var state = seed
  func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  func number(_ range: ClosedRange<Int64>) -> Int64 {
    range.lowerBound + Int64(next() % UInt64(range.upperBound - range.lowerBound + 1))
  }
  func perhaps<Value>(_ value: Value) -> Value? { next() % 4 == 0 ? nil : value }
  let most = [Int64(0), 900, 7_000_000, 1_000_000_000][Int(next() % 4)]
  let kind: EnergyCourse.Kind = next() % 2 == 0 ? .plan : .record
  let changes = [
    LocalTime.Change(
      from: Instant(rawValue: number(0...2_000_000_000_000)),
      offset: TimeSpan(minutes: number(-56...56) * 15))
  ]
  let names = ["a<b>&\"c\"", "家\u{7}]]>", "", String(repeating: "wide", count: 30)]
  var course = EnergyCourse(
    kind: kind, house: names[Int(next() % 4)], at: .zero,
    localTime: LocalTime(changes: changes))
  let first = TimeSlot(index: number(-1000...2_500_000))
  course.reserve = perhaps(StateOfCharge(permille: number(0...1000)))
  course.slots = (0..<number(0...200)).map { offset in
    var slot = EnergyCourse.Slot(first.advanced(by: offset))
    func power(_ low: Int64 = 0) -> Power { Power(milliwatts: number(low * most...most)) }
    slot.pv = perhaps(EnergyCourse.Range(low: .zero, middle: power(), high: power()))
    slot.load = perhaps(EnergyCourse.Range(power()))
    slot.jobs = perhaps(power())
    slot.grid = perhaps(power(-1))
    slot.stateOfCharge = perhaps(StateOfCharge(permille: number(-10...1010)))
    slot.isCurtailed = perhaps(next() % 2 == 0)
    slot.importPrice = perhaps(Price(rawValue: number(-50_000...50_000)))
    let kinds: [EnergyCourse.Order.Kind] = [.charge, .discharge, .hold, .wait]
    slot.order = next() % 2 == 0 ? nil : EnergyCourse.Order(kinds[Int(next() % 4)], power())
    slot.runs = (0..<number(0...9)).map {
      EnergyCourse.Run(job: $0 * 111_111, onSurplus: next() % 2 == 0)
    }
    return slot
  }
  course.jobs = (0..<number(0...9)).map {
    EnergyCourse.Job(
      number: $0 * 111_111, name: names[Int(next() % 4)], power: Power(milliwatts: most),
      reason: String(repeating: "because ", count: Int(number(0...15))))
  }
  return course
}
