import Market
import Quantities
import Sealing
import Testing

@Suite struct ClearingTests {
  static let slot = TimeSlot(index: 2_000_000)
  static let community = Community(name: "test")

  static func keys(_ number: UInt8) throws -> KeyPair {
    try #require(KeyPair(seed: [UInt8](repeating: number, count: 32)))
  }

  static func order(
    _ number: UInt8, _ side: Order.Side, wattHours: Int64, price: Int64, minute: Int64 = 60
  ) throws -> Order {
    Order(
      community: community, keys: try keys(number), side: side, slot: slot,
      energy: Energy(wattHours: wattHours), limitPrice: Price(creditsPerKilowattHour: price),
      time: slot.start - TimeSpan(minutes: minute))
  }

  @Test("one price between the marginal offer and the marginal bid, for all")
  func onePrice() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 400, price: 8),
      try Self.order(2, .offer, wattHours: 400, price: 12),
      try Self.order(3, .bid, wattHours: 500, price: 20),
      try Self.order(4, .bid, wattHours: 500, price: 10),
    ]
    let clearing = try #require(Clearing.clear(orders, within: nil))
    #expect(clearing.price == Price(creditsPerKilowattHour: 16))
    #expect(clearing.matches.map(\.energy.wattHours) == [400, 100])
    #expect(clearing.matches.allSatisfy { $0.bid.author == orders[2].author })
  }

  @Test("the same book in another order gives the same trades")
  func orderOfBookIsNothing() throws {
    var orders: [Order] = []
    for number: Int64 in 1...6 {
      let buys = number % 2 == 0
      orders.append(
        try Self.order(
          UInt8(number), buys ? .bid : .offer, wattHours: 100 * number,
          price: buys ? 20 - number : 5 + number))
    }
    let first = Clearing.clear(orders, within: nil)
    let second = Clearing.clear(orders.reversed(), within: nil)
    #expect(first?.matches == second?.matches)
    #expect(first?.matches.isEmpty == false)
  }

  @Test("nobody buys beyond his credit, and nobody trades without any")
  func credit() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 1000, price: 10),
      try Self.order(2, .bid, wattHours: 1000, price: 10),
    ]
    #expect(Clearing.clear(orders, within: []) == nil)
    let limit = CreditLimit(
      seller: orders[0].author, buyer: orders[1].author, credit: Credits(credits: 5))
    let clearing = Clearing.clear(orders, within: [limit])
    #expect(clearing?.matches.first?.energy == Energy(wattHours: 500))
    #expect(clearing?.matches.first?.cost == Credits(credits: 5))
  }

  @Test("asks above all bids trade nothing")
  func apart() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 1000, price: 15),
      try Self.order(2, .bid, wattHours: 1000, price: 14),
    ]
    #expect(Clearing.clear(orders, within: nil) == nil)
  }

  @Test("an order is read back as it was written, and refused when tampered with")
  func orderBytes() throws {
    let order = try Self.order(1, .offer, wattHours: 700, price: 9)
    #expect(try Order(decoding: order.bytes) == order)
    for index in order.bytes.indices {
      var bytes = order.bytes
      bytes[index] ^= 0x10
      #expect(throws: SealedContentError.self) { try Order(decoding: bytes) }
    }
  }

  @Test("the book keeps an author's latest order and closes at the gate")
  func book() throws {
    var book = OrderBook()
    func take(_ order: Order, _ now: Instant) -> Bool { book.take(order, at: now) }
    let early = try Self.order(1, .offer, wattHours: 700, price: 9, minute: 60)
    let late = try Self.order(1, .bid, wattHours: 200, price: 9, minute: 50)
    let before = Self.slot.start - TimeSpan(minutes: 30)
    #expect(take(late, before) == true)
    #expect(take(early, before) == false)
    #expect(book.orders(in: Self.slot) == [late])
    let gate = Order.gate(of: Self.slot)
    #expect(take(try Self.order(2, .offer, wattHours: 1, price: 1), gate) == false)
    book.expire(at: Self.slot.start)
    #expect(book.count == 0)
  }

  @Test("whoever makes up keys crowds neither listed neighbours nor the house out of the book")
  func crowd() throws {
    func key(_ number: Int64) throws -> KeyPair {
      try #require(KeyPair(seed: CBORValue.integer(1 << 32 + number).encoded.padded(to: 32)))
    }
    func order(_ keys: KeyPair, _ slot: TimeSlot) -> Order {
      Order(
        community: Self.community, keys: keys, side: .bid, slot: slot,
        energy: Energy(wattHours: 100), limitPrice: Price(creditsPerKilowattHour: 10),
        time: slot.start - TimeSpan(minutes: 60))
    }
    let (own, listed) = (try key(-1), try key(-2))
    var book = OrderBook(own: own.publicKey, listed: [listed.publicKey])
    let now = Self.slot.start - TimeSpan(minutes: 30)
    let strangers = try (0..<200).map { try key($0) }
    for offset: Int64 in 0..<40 {
      let slot = Self.slot.advanced(by: offset)
      var taken = 0
      for stranger in strangers where book.take(order(stranger, slot), at: now) { taken += 1 }
      #expect(taken == (offset < 16 ? OrderBook.strangersPerSlot : 0))
      for keys in [own, listed] {
        let isTaken = book.take(order(keys, slot), at: now)
        #expect(isTaken)
      }
    }
    #expect(book.count == OrderBook.strangersCapacity + 80)
  }

  @Test("a slot holds ten thousand listed households' orders, and they clear")
  func tenThousand() throws {
    let houses = try (0..<10_000).map { try RandomBook.keys($0) }
    var book = OrderBook(listed: Set(houses.map(\.publicKey)))
    let now = Self.slot.start - TimeSpan(minutes: 30)
    var limits: [CreditLimit] = []
    for (index, keys) in houses.enumerated() {
      let sells = index % 2 == 0
      let order = Order(
        community: Self.community, keys: keys, side: sells ? .offer : .bid, slot: Self.slot,
        energy: Energy(wattHours: 100),
        limitPrice: Price(millicreditsPerKilowattHour: 10_000 + Int64(index % 100) * 10),
        time: now)
      let isTaken = book.take(order, at: now)
      #expect(isTaken)
      let other = houses[(index * 7919 + 1) % houses.count].publicKey
      limits.append(
        CreditLimit(seller: keys.publicKey, buyer: other, credit: Credits(credits: 1)))
    }
    let orders = book.orders(in: Self.slot)
    let free = try #require(Clearing.clear(orders, within: nil))
    // Offers at 10.00, 10.02 … 10.98 and bids at 10.01 … 10.99, a hundred each: half of them trade.
    #expect(free.matches.count == 2500)
    let limited = try #require(Clearing.clear(orders, within: limits))
    #expect(limited.isProven)
    #expect(limited.welfare < free.welfare)
    let pairs = Set(limits.map { RandomBook.Pair(seller: $0.seller, buyer: $0.buyer) })
    let isTrusted = limited.matches.allSatisfy {
      pairs.contains(RandomBook.Pair(seller: $0.offer.author, buyer: $0.bid.author))
    }
    #expect(isTrusted)
  }

  @Test("an author's orders count on the side of his latest, and he never trades with himself")
  func oneSide() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 300, price: 5, minute: 60),
      try Self.order(1, .bid, wattHours: 300, price: 20, minute: 50),
      try Self.order(1, .bid, wattHours: 200, price: 10, minute: 55),
      try Self.order(2, .offer, wattHours: 400, price: 8),
    ]
    let clearing = try #require(Clearing.clear(orders, within: nil))
    #expect(clearing.matches.map(\.energy.wattHours) == [300, 100])
    #expect(clearing.matches.map(\.bid) == [orders[1], orders[2]])
    #expect(clearing.matches.allSatisfy { $0.offer == orders[3] })
    #expect(
      clearing.reason == "9.00 a kWh for all, halfway between 8.00 (dearest seller who sold) and "
        + "10.00 (cheapest buyer who bought)")
  }

  @Test("an author's orders share his limit, and a limit named twice is the smaller")
  func sharedLimit() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 1000, price: 10),
      try Self.order(1, .offer, wattHours: 1000, price: 10, minute: 50),
      try Self.order(2, .bid, wattHours: 2000, price: 10),
    ]
    let limits = [9, 4, 7].map {
      CreditLimit(
        seller: orders[0].author, buyer: orders[2].author, credit: Credits(credits: $0))
    }
    let clearing = try #require(Clearing.clear(orders, within: limits))
    let sum = clearing.matches.reduce(Energy.zero) { $0 + $1.energy }
    #expect(sum == Energy(wattHours: 400))
  }

  @Test("energies count in whole lots, and what a limit leaves below one is not traded")
  func lots() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 109, price: 10),
      try Self.order(2, .bid, wattHours: 9, price: 20),
      try Self.order(3, .bid, wattHours: 58, price: 21),
      try Self.order(4, .bid, wattHours: 100, price: 20),
    ]
    let clearing = try #require(Clearing.clear(orders, within: nil))
    #expect(clearing.matches.map(\.energy.wattHours).sorted() == [50, 50])
    let seller = orders[0].author
    let limits = [
      // 6 Wh at 15 credits a kWh; and 95 Wh, which leave 5 Wh of the offer.
      CreditLimit(seller: seller, buyer: orders[2].author, credit: Credits(millicredits: 90)),
      CreditLimit(seller: seller, buyer: orders[3].author, credit: Credits(millicredits: 1425)),
    ]
    let limited = try #require(Clearing.clear(orders, within: limits))
    #expect(limited.matches.map(\.bid) == [orders[3]])
    #expect(limited.matches.allSatisfy { $0.energy >= Clearing.minimumEnergy })
  }

  @Test("one tight limit does not push everyone's price to the sellers' end")
  func fairness() throws {
    // A pair that may trade 20 Wh at the lowest price, beside a thousand Wh without a limit.
    let orders = [
      try Self.order(1, .offer, wattHours: 1000, price: 10),
      try Self.order(2, .bid, wattHours: 1000, price: 20),
      try Self.order(3, .bid, wattHours: 1000, price: 20),
    ]
    let seller = orders[0].author
    let limits = [
      CreditLimit(seller: seller, buyer: orders[1].author, credit: Credits(credits: 100)),
      CreditLimit(seller: seller, buyer: orders[2].author, credit: Credits(millicredits: 200)),
    ]
    let clearing = try #require(Clearing.clear(orders, within: limits))
    #expect(clearing.price == Price(creditsPerKilowattHour: 15))
    let tight = CreditLimit(
      seller: seller, buyer: orders[1].author, credit: Credits(millicredits: 5000))
    // Now each credit more of the price costs much of the trade: no part of the way is fair.
    let scarce = try #require(Clearing.clear(orders, within: [tight]))
    #expect(scarce.price == Price(creditsPerKilowattHour: 10))
    #expect(scarce.welfare == scarce.bestWelfare)
  }

  @Test("what a credit pays for is exact at every price")
  func energyForCredits() {
    for price: Int64 in [1, 2, 3, 1000, 1_000_000_000] {
      for credits: Int64 in [1, 2, 999, 1_000_000_000] {
        let price = Price(millicreditsPerKilowattHour: price)
        let energy = price.energy(for: Credits(millicredits: credits))
        #expect(price.cost(of: energy) <= Credits(millicredits: credits))
        #expect(
          energy == Order.maximumEnergy
            || price.cost(of: energy + Energy(milliwattHours: 1_000_000))
              >= Credits(millicredits: credits)
        )
      }
    }
  }
}

extension [UInt8] {
  fileprivate func padded(to count: Int) -> [UInt8] {
    self + [UInt8](repeating: 0, count: Swift.max(0, count - self.count))
  }
}
