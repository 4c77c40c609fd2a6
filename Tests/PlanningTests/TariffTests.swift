import Planning
import Quantities
import Testing

@Suite("Tariff")
struct TariffTests {
  static let summer = LocalTime(changes: [
    LocalTime.Change(from: .distantPast, offset: TimeSpan(minutes: 120))
  ])

  static func price(_ credits: Int64) -> Price { Price(creditsPerKilowattHour: credits) }

  /// The slot that begins at this minute of 2026-06-21, in UTC.
  static func slot(_ minute: Int64) -> TimeSlot {
    let day = TimeSlot(index: 20_625 * TimeSlot.slotsPerDay)
    return day.advanced(by: minute / 15)
  }

  static let tariff = Tariff(
    importPrices: Tariff.Prices(
      plain: price(30),
      bands: [
        Tariff.Band(fromMinute: 22 * 60, toMinute: 6 * 60, price: price(12)),
        Tariff.Band(fromMinute: 5 * 60, toMinute: 9 * 60, price: price(40)),
      ],
      list: [Tariff.ListedPrice(slot: slot(600), price: price(-2))]),
    exportPrices: Tariff.Prices(plain: price(8)))

  @Test(
    "goes by the list, then by the first band in local time, then by the plain price",
    arguments: [
      (0, 12), (225, 12), (240, 40), (405, 40), (420, 30), (600, -2), (615, 30), (1185, 30),
      (1200, 12), (1425, 12),
    ] as [(Int64, Int64)])
  func importPrice(minuteUTC: Int64, credits: Int64) {
    let slot = Self.slot(minuteUTC)
    #expect(Self.tariff.importPrice(in: slot, localTime: Self.summer) == Self.price(credits))
    #expect(Self.tariff.exportPrice(in: slot, localTime: Self.summer) == Self.price(8))
  }

  @Test("takes a list in any order, the first of each slot, and finds every one")
  func anyOrder() {
    var prices = Tariff.Prices(plain: .zero)
    let order = (0..<500).map { Int64($0 * 37 % 500) }
    prices.take(
      list: order.map {
        Tariff.ListedPrice(slot: TimeSlot(index: $0 * 2), price: Price(rawValue: $0))
      }
        + [Tariff.ListedPrice(slot: TimeSlot(index: 10), price: Price(rawValue: 77))])
    #expect(prices.list.count == 500)
    let tariff = Tariff(importPrices: prices, exportPrices: Tariff.Prices(plain: .zero))
    for index in 0..<500 as Range<Int64> {
      let known = tariff.importPrice(in: TimeSlot(index: index * 2), localTime: .utc)
      #expect(known == Price(rawValue: index))
      let between = tariff.importPrice(in: TimeSlot(index: index * 2 + 1), localTime: .utc)
      #expect(between == .zero)
    }
  }

  @Test("beyond a list, where nothing else was told, the same time of the days before counts")
  func beyondTheList() {
    let listed = (0..<96).map {
      Tariff.ListedPrice(slot: Self.slot($0 * 15), price: Self.price($0))
    }
    var told = Tariff()
    told.importPrices.take(list: listed)
    let next = { (days: Int64, minute: Int64) in
      told.importPrice(in: Self.slot(1440 * days + minute), localTime: .utc)
    }
    #expect(next(1, 600) == Self.price(40))
    #expect(next(7, 15) == Self.price(1))
    // A list of long ago says nothing any more.
    #expect(next(8, 15) == Self.price(30))
    told.importPrices.plain = Self.price(33)
    #expect(told.importPrice(in: Self.slot(1440), localTime: .utc) == Self.price(33))
  }

  @Test("a band from an hour to the same hour lasts all day, and no minute lies outside a day")
  func wholeDay() {
    let band = Tariff.Band(fromMinute: 600, toMinute: 600, price: Self.price(9))
    let always = Tariff(
      importPrices: Tariff.Prices(plain: Self.price(1), bands: [band]),
      exportPrices: Tariff.Prices(plain: .zero))
    for minute in [0, 585, 600, 615, 1425] as [Int64] {
      #expect(always.importPrice(in: Self.slot(minute), localTime: .utc) == Self.price(9))
    }
    let odd = Tariff.Band(fromMinute: -5, toMinute: 9999, price: .zero)
    #expect(odd.fromMinute == 0)
    #expect(odd.toMinute == 1439)
  }
}
