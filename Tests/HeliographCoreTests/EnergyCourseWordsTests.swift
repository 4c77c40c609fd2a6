import HeliographCore
import Quantities
import Testing

@Suite("Words about a course")
struct EnergyCourseWordsTests {
  /// A course of an hour each of these orders, of which nothing else is known, from 15:30 on.
  private static func ordered(_ orders: [EnergyCourse.Order?]) -> EnergyCourse {
    var course = ordinaryCourse()
    course.slots = course.slots.enumerated().map { index, slot in
      var bare = EnergyCourse.Slot(slot.slot)
      let hour = (index - 4) / 4
      if index >= 4, hour < orders.count { bare.order = orders[hour] }
      return bare
    }
    return course
  }

  private static func price(_ credits: Int64) -> Price { Price(creditsPerKilowattHour: credits) }

  @Test("say of each stretch of orders what, how much, at which price and what for")
  func orders() {
    let up = EnergyCourse.Order(.charge, Power(watts: 1000))
    let more = EnergyCourse.Order(.charge, Power(watts: 1100))
    let give = EnergyCourse.Order(.discharge, Power(watts: 900))
    var course = Self.ordered([up, more, EnergyCourse.Order(.hold), give])
    for index in course.slots.indices {
      course.slots[index].importPrice = Self.price(index < 8 ? 12 : 15)
      course.slots[index].grid = Power(watts: index < 16 ? 300 : 0)
    }
    course.slots[19].importPrice = Self.price(40)
    #expect(
      course.orderLines == [
        "15:30-17:30 battery charges up to 1100 W from the grid at 12.00 to 15.00, "
          + "as 19:15 costs 40.00",
        "17:30-18:30 battery keeps its charge while the grid costs 15.00, as 19:15 costs 40.00",
        "18:30-19:30 battery gives 900 W, as the grid costs 15.00 to 40.00",
      ])
    course.slots = []
    #expect(course.orderLines.isEmpty)
    #expect(course.sums == "nothing is known yet")
  }

  @Test("tell a battery that waits for later sun from one that charges, and each its own stretch")
  func waits() {
    let charge = EnergyCourse.Order(.charge, Power(watts: 800))
    var course = Self.ordered([EnergyCourse.Order(.wait), charge, EnergyCourse.Order(.wait)])
    for index in course.slots.indices {
      course.slots[index].importPrice = Self.price(30)
      course.slots[index].grid = Power(watts: -2000)
    }
    #expect(
      course.orderLines == [
        "15:30-16:30 battery waits, keeps room for later sun",
        "16:30-17:30 battery charges 800 W from the sun, keeps room for later sun",
        "17:30-18:30 battery waits, keeps room for later sun",
      ])
    let lines = EnergyBars(course).lines
    #expect(lines.contains { $0.hasPrefix("15:00") && $0.hasSuffix(" wait") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("16:00") && $0.hasSuffix(" wait,charge") }, "\(lines)")
    let picture = EnergyPicture(course).document
    #expect(picture.contains(">told to wait<"))
    for index in course.slots.indices where course.slots[index].order == charge {
      course.slots[index].order = nil
    }
    #expect(!EnergyPicture(course).document.contains(">told to charge<"))
    #expect(!EnergyBars(course).lines.contains { $0.contains("charge") })
  }

  @Test(
    "name the price that the energy goes at: import where the grid gives, export where it takes",
    arguments: [
      (EnergyCourse.Order.Kind.charge, [500, 500], "charges 900 W from the grid at 30.00"),
      (.charge, [500, -500], "charges 900 W from sun and grid at 30.00"),
      (.charge, [0, -500], "charges 900 W from the sun, keeps room for later sun"),
      (.charge, [nil, nil], "charges 900 W"),
      (.discharge, [-500, -500], "gives 900 W, as the grid pays 8.00"),
      (.discharge, [0, 200], "gives 900 W, as the grid costs 30.00"),
      (.discharge, [-500, 200], "gives 900 W, as the grid pays 8.00 or the grid costs 30.00"),
      (.discharge, [nil, nil], "gives 900 W"),
    ] as [(EnergyCourse.Order.Kind, [Int64?], String)])
  func prices(kind: EnergyCourse.Order.Kind, grid: [Int64?], expected: String) {
    let order = EnergyCourse.Order(kind, Power(watts: 900))
    var course = Self.ordered([order, order])
    for index in course.slots.indices {
      course.slots[index].importPrice = Self.price(30)
      course.slots[index].exportPrice = Self.price(8)
      course.slots[index].grid = grid[index < 8 ? 0 : 1].map { Power(watts: $0) }
    }
    #expect(course.orderLines == ["15:30-17:30 battery \(expected)"])
  }

  @Test("name the day of what is not today, within the length of a line")
  func days() {
    let order = EnergyCourse.Order(.charge, Power(watts: 1000))
    var course = ordinaryCourse()
    course.slots = course.slots.enumerated().map { index, slot in
      var slot = slot
      // From 23:30 to 00:30, and from 0:00 to 0:30 a day later.
      slot.order = (36..<40).contains(index) || (134..<136).contains(index) ? order : nil
      if (30..<34).contains(index) { slot.order = EnergyCourse.Order(.wait) }
      slot.grid = Power(watts: 1000)
      slot.pv = EnergyCourse.Range(Power(watts: 2000))
      slot.importPrice = Self.price(index == 150 ? 40 : Int64(10 + index % 2))
      return slot
    }
    #expect(
      course.orderLines == [
        "22:00-23:00 battery waits, keeps room for later sun",
        "23:30-tomorrow 00:30 battery charges 1000 W from sun and grid at 10.00 to 11.00, "
          + "as Tue 04:00 costs 40.00",
        "Tue 00:00-00:30 battery charges 1000 W from sun and grid at 10.00 to 11.00, "
          + "as Tue 04:00 costs 40.00",
      ])
    for line in course.orderLines { #expect(line.count <= 120 && !line.contains("…")) }
  }

  @Test(
    "give no sum of what is half known",
    arguments: [
      (0, "house 24.0 kWh, to the grid 4.8 kWh"),
      (1, "PV ? (0.25 of 48 h known), house 24.0 kWh, to the grid 4.8 kWh"),
      (172, "PV ? (43 of 48 h known), house 24.0 kWh, to the grid 4.8 kWh"),
      (173, "PV 173.0 kWh, house 24.0 kWh, to the grid 4.8 kWh"),
    ])
  func partlyKnown(count: Int, expected: String) {
    var course = ordinaryCourse()
    for index in course.slots.indices {
      course.slots[index].jobs = .zero
      course.slots[index].load = EnergyCourse.Range(Power(watts: 500))
      course.slots[index].grid = Power(watts: -100)
      course.slots[index].pv = index < count ? EnergyCourse.Range(Power(watts: 4000)) : nil
    }
    #expect(course.sums == expected)
    for index in course.slots.indices where index > 3 { course.slots[index].grid = nil }
    #expect(course.sums.hasSuffix(", grid ? (1 of 48 h known)"))
  }

  @Test("count the hours that lie behind of a day that lasts")
  func seenSoFar() {
    var course = ordinaryCourse()
    course.kind = .record
    course.at = course.at + TimeSpan(minutes: 120)
    for index in course.slots.indices {
      course.slots[index].jobs = .zero
      course.slots[index].load = nil
      course.slots[index].pv = index < 8 ? EnergyCourse.Range(Power(watts: 4000)) : nil
      course.slots[index].grid = index < 4 ? Power(watts: -1000) : nil
    }
    #expect(course.sums == "PV 8.0 kWh, grid ? (1 of 2 h known)")
    // A slot that ended this minute may not be written down yet; later it is a gap.
    for index in 7..<course.slots.count {
      course.slots[index] = EnergyCourse.Slot(course.slots[index].slot)
    }
    #expect(course.sums == "PV 7.0 kWh, grid ? (1 of 1.75 h known)")
    course.at = course.at + TimeSpan(minutes: 5)
    #expect(
      course.sums
        == "PV ? (1.75 of 2 h known), jobs ? (1.75 of 2 h known), grid ? (1 of 2 h known)")
  }
}
