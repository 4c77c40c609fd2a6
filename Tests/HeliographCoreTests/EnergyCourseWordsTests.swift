import HeliographCore
import Quantities
import Testing

@Suite("Words about a course")
struct EnergyCourseWordsTests {
  @Test("say of each stretch of orders what, how much, at which price and what for")
  func orders() {
    var course = ordinaryCourse()
    for (index, slot) in course.slots.enumerated() {
      course.slots[index].order = nil
      course.slots[index].importPrice = Price(creditsPerKilowattHour: index < 8 ? 12 : 15)
      guard (4..<20).contains(index) else { continue }
      let kinds: [EnergyCourse.Order.Kind] = [.charge, .charge, .hold, .discharge]
      let kind = kinds[(index - 4) / 4]
      let power = kind == .hold ? nil : Power(watts: Int64(1000 + index * 10))
      course.slots[index].order = EnergyCourse.Order(kind, power)
      if index == 19 { course.slots[index].importPrice = Price(creditsPerKilowattHour: 40) }
      #expect(slot.slot == course.slots[index].slot)
    }
    #expect(
      course.orderLines == [
        "15:30-17:30 the battery charges with up to 1110 W at 12.00 to 15.00 a kWh, "
          + "as 19:15 costs 40.00",
        "17:30-18:30 the battery keeps what it holds at 15.00 a kWh, as 19:15 costs 40.00",
        "18:30-19:30 the battery gives up to 1190 W, as a kWh costs 15.00 to 40.00",
      ])
    course.slots = []
    #expect(course.orderLines.isEmpty)
    #expect(course.sums == "nothing is known yet")
  }
}
