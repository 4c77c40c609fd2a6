import Market
import Quantities
import Sealing
import Testing
import Thrown

/// A household that holds half of what is for sale, and what it can make of the price.
@Suite struct PriceInfluenceTests {
  static let seeds: [UInt64] = Array(1...60)

  /// Ten small sellers, one that holds as much as all of them, and twenty buyers; or, mirrored, ten
  /// small buyers, a big one, and twenty sellers.
  struct Village {
    var others: [Order] = []
    var big: [Order] = []
    let bigKeys: KeyPair
    let isMirrored: Bool

    init(seed: UInt64, isMirrored: Bool = false) throws {
      var source = SeededSource(seed: seed)
      self.isMirrored = isMirrored
      bigKeys = try RandomBook.keys(1000)
      for number: Int64 in 0..<10 {
        let energy = Energy(wattHours: source.number(20...60) * 10)
        let keys = try RandomBook.keys(number)
        others.append(order(keys, .offer, energy, source.number(50...150)))
        // The same energy at a cost from the same range, in its own steps.
        big.append(order(bigKeys, .offer, energy, source.number(50...150)))
      }
      for number: Int64 in 20..<40 {
        let energy = Energy(wattHours: source.number(20...60) * 10)
        others.append(
          order(try RandomBook.keys(number), .bid, energy, source.number(80...220)))
      }
    }

    func order(
      _ keys: KeyPair, _ side: Order.Side, _ energy: Energy, _ tenths: Int64
    ) -> Order {
      guard isMirrored else { return Self.order(keys, side, energy, tenths) }
      return Self.order(keys, side == .offer ? .bid : .offer, energy, 400 - tenths)
    }

    static func order(
      _ keys: KeyPair, _ side: Order.Side, _ energy: Energy, _ tenths: Int64
    ) -> Order {
      Order(
        community: RandomBook.community, keys: keys, side: side, slot: RandomBook.slot,
        energy: energy, limitPrice: Price(millicreditsPerKilowattHour: tenths * 100),
        time: RandomBook.slot.start - TimeSpan(minutes: 5))
    }

    /// The big one's orders, its costs changed.
    func asking(_ change: (Int64) -> Int64) -> [Order] {
      big.map {
        let tenths = $0.limitPrice.rawValue / 100
        let changed = change(isMirrored ? 400 - tenths : tenths)
        return order(bigKeys, .offer, $0.energy, min(max(0, changed), 400))
      }
    }
  }

  @Test(
    "whatever it asks or withholds, the price stays within the reach that was told",
    arguments: seeds, [false, true])
  func reach(_ seed: UInt64, isMirrored: Bool) throws {
    let market = try Village(seed: seed, isMirrored: isMirrored)
    let truthful = market.others + market.big
    let influence = try #require(PriceInfluence(of: market.bigKeys.publicKey, in: truthful))
    var source = SeededSource(seed: seed &+ 1)
    for _ in 0..<40 {
      let shift = source.number(-150...150)
      let noise = source.number(0...100)
      let held = Int(source.number(0...10))
      var lies: [Order] = []
      for order in market.asking({ $0 + shift + source.number(0...noise) }).dropLast(held) {
        lies.append(order)
      }
      let clearing = Clearing.clear(market.others + lies, within: nil)
      guard let price = clearing?.price else { continue }
      #expect(influence.reach.contains(price))
      let change = (price - (influence.price ?? price)).magnitude
      #expect(change <= influence.most)
    }
  }

  @Test("asking more shows as the whole of what it did to the price; asking the usual as nothing")
  func movedAgainstUsual() throws {
    for seed in Self.seeds {
      let market = try Village(seed: seed)
      let truthful = market.others + market.big
      let author = market.bigKeys.publicKey
      let honest = try #require(PriceInfluence(of: author, in: truthful, usual: market.big))
      #expect(honest.moved == .zero)
      let lied = market.others + market.asking { $0 + 40 }
      let caught = try #require(PriceInfluence(of: author, in: lied, usual: market.big))
      let before = try #require(honest.price)
      let after = try #require(caught.price)
      #expect(caught.moved == after - before)
    }
  }

  @Test("held against the others, a truthful half has moved little and a greedy one much")
  func movedAgainstOthers() throws {
    var (honest, greedy): (Int64, Int64) = (0, 0)
    for seed in Self.seeds {
      let market = try Village(seed: seed)
      let author = market.bigKeys.publicKey
      let truthful = PriceInfluence(of: author, in: market.others + market.big)
      let asking = market.others + market.asking { $0 + 60 }
      let lied = PriceInfluence(of: author, in: asking)
      honest += try #require(truthful?.moved).magnitude.rawValue
      greedy += try #require(lied?.moved).magnitude.rawValue
    }
    let count = Int64(Self.seeds.count)
    print("moved on average: truthful \(honest / count), greedy \(greedy / count) millicredits")
    // A truthful half is off by less than half a credit a kWh; six credits more are seen as such.
    #expect(honest / count < 600)
    #expect(greedy > 3 * honest)
  }

  @Test("a small seller reaches little of the price, a seller of half of everything much")
  func smallAndLarge() throws {
    var (small, large): (Int64, Int64) = (0, 0)
    for seed in Self.seeds {
      let market = try Village(seed: seed)
      let orders = market.others + market.big
      let first = try #require(PriceInfluence(of: market.others[0].author, in: orders))
      let big = try #require(PriceInfluence(of: market.bigKeys.publicKey, in: orders))
      small += first.most.rawValue
      large += big.most.rawValue
      #expect(first.sharePermille < big.sharePermille || first.sharePermille == 0)
    }
    #expect(large > 3 * small)
  }

  @Test("what the slot would be without a household is told, and what the others have of it")
  func without() throws {
    let keys = try (0..<4).map { try RandomBook.keys($0) }
    func order(_ number: Int, _ side: Order.Side, _ wattHours: Int64, _ tenths: Int64) -> Order {
      Village.order(keys[number], side, Energy(wattHours: wattHours), tenths)
    }
    let orders = [
      order(0, .offer, 1000, 80), order(1, .offer, 1000, 120), order(2, .bid, 1000, 200),
      order(3, .bid, 500, 100),
    ]
    // All at (8 + 20) / 2 = 14; without the first, at (12 + 20) / 2 = 16.
    let seller = try #require(PriceInfluence(of: keys[0].publicKey, in: orders))
    #expect(seller.price == Price(creditsPerKilowattHour: 14))
    #expect(seller.priceWithout == Price(creditsPerKilowattHour: 16))
    #expect(seller.othersGain == Credits(credits: 6))
    #expect(seller.othersGainWithout == Credits(credits: 8))
    let reach = Price(creditsPerKilowattHour: 10)...Price(creditsPerKilowattHour: 20)
    #expect(seller.reach == reach)
    // The only buyer who would buy at that price: without him the first sells to the other.
    let buyer = try #require(PriceInfluence(of: keys[2].publicKey, in: orders))
    #expect(buyer.priceWithout == Price(creditsPerKilowattHour: 9))
    #expect(PriceInfluence(of: try RandomBook.keys(9).publicKey, in: orders) == nil)
  }

  @Test("who alone sells has all of the price in its hand, and that is told")
  func monopoly() throws {
    let seller = try RandomBook.keys(1)
    let buyer = try RandomBook.keys(2)
    let orders = [
      Village.order(seller, .offer, Energy(wattHours: 500), 100),
      Village.order(buyer, .bid, Energy(wattHours: 500), 200),
    ]
    let influence = try #require(PriceInfluence(of: seller.publicKey, in: orders))
    #expect(influence.priceWithout == nil)
    #expect(influence.moved == nil)
    #expect(influence.othersGainWithout == .zero)
    #expect(influence.reach.upperBound == Price(creditsPerKilowattHour: 20))
    #expect(influence.sharePermille == 1000)
    #expect(
      influence.reason == "holds 100 % of the supply; could set the price from 10.00 to 20.00")
  }
}
