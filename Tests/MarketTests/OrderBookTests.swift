import Market
import Quantities
import Sealing
import Testing

@Suite struct OrderBookTests {
  static let slot = TimeSlot(index: 2_000_000)

  @Test("who changes its order without end is heard eight times, then every ten seconds")
  func renewals() throws {
    let (own, other) = (try RandomBook.keys(1), try RandomBook.keys(2))
    var book = OrderBook(own: own.publicKey, listed: [other.publicKey])
    let now = Self.slot.start - TimeSpan(minutes: 30)
    var number: Int64 = 0
    func taken(_ keys: KeyPair, seconds: Int64) -> Int {
      (0..<100).count { _ in
        number += 1
        let order = Order(
          community: Community(name: "test"), keys: keys, side: .bid, slot: Self.slot,
          energy: Energy(wattHours: 100), limitPrice: Price(creditsPerKilowattHour: 10),
          time: now + TimeSpan(milliseconds: number))
        return book.take(order, at: now + TimeSpan(seconds: seconds))
      }
    }
    let counts = [0, 9, 30, -60].map { taken(other, seconds: $0) }
    #expect(counts == [9, 0, 3, 0])
    let ownCount = taken(own, seconds: 0)
    #expect(ownCount == 100)
    #expect(book.count == 2)
  }
}
