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

  static let plenty = Credits(credits: 1000)

  @Test("one price between the marginal offer and the marginal bid, for all")
  func onePrice() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 400, price: 8),
      try Self.order(2, .offer, wattHours: 400, price: 12),
      try Self.order(3, .bid, wattHours: 500, price: 20),
      try Self.order(4, .bid, wattHours: 500, price: 10),
    ]
    let clearing = try #require(Clearing.clear(orders) { _, _ in Self.plenty })
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
    let first = Clearing.clear(orders) { _, _ in Self.plenty }
    let second = Clearing.clear(orders.reversed()) { _, _ in Self.plenty }
    #expect(first?.matches == second?.matches)
    #expect(first?.matches.isEmpty == false)
  }

  @Test("nobody buys beyond his credit, and nobody trades without any")
  func credit() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 1000, price: 10),
      try Self.order(2, .bid, wattHours: 1000, price: 10),
    ]
    #expect(Clearing.clear(orders) { _, _ in .zero } == nil)
    let clearing = Clearing.clear(orders) { _, _ in Credits(credits: 5) }
    #expect(clearing?.matches.first?.energy == Energy(wattHours: 500))
    #expect(clearing?.matches.first?.cost == Credits(credits: 5))
  }

  @Test("asks above all bids trade nothing")
  func apart() throws {
    let orders = [
      try Self.order(1, .offer, wattHours: 1000, price: 15),
      try Self.order(2, .bid, wattHours: 1000, price: 14),
    ]
    #expect(Clearing.clear(orders) { _, _ in Self.plenty } == nil)
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

  @Test("a credit asked for is asked once a pair, however many prices there are")
  func creditIsAskedOnce() throws {
    var orders: [Order] = []
    for number: Int64 in 1...20 {
      let buys = number % 2 == 0
      orders.append(
        try Self.order(
          UInt8(number), buys ? .bid : .offer, wattHours: 100, price: buys ? 40 - number : number))
    }
    var asked = 0
    _ = Clearing.clear(orders) { _, _ in
      asked += 1
      return Self.plenty
    }
    #expect(asked == 100)
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
