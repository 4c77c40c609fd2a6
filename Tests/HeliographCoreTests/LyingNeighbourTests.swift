import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Testing

/// What a listed neighbour can do to a station by sending it whatever it likes.
@Suite struct LyingNeighbourTests {
  static let community = Community(name: "test")

  static func keys(_ house: Int) throws -> KeyPair {
    try #require(KeyPair(seed: [UInt8](repeating: UInt8(house + 1), count: 32)))
  }

  /// The records of a liar who numbers and links them by himself.
  struct Liar {
    let keys: KeyPair
    var records: [Record] = []

    mutating func write(
      _ kind: Record.Kind, to peer: PublicKey, link: Digest? = nil, body: [CBORValue],
      at now: Instant
    ) -> Record {
      let record = Record(
        community: community.identifier, keys: keys, sequence: Int64(records.count),
        previous: records.last?.identity, time: now, kind: kind, peer: peer, link: link,
        body: body)
      records.append(record)
      return record
    }
  }

  static func deliver(
    _ records: [Record], from liar: PublicKey, to key: PublicKey, _ harness: inout StationHarness
  ) {
    harness.deliver(
      .frame(from: liar, bytes: Frame.records(records.map(\.bytes)).encoded), to: key)
  }

  @Test("a restart knows both branches of a forked chain, as they came", arguments: 0..<6)
  func forkAndRestart(_ variant: Int64) throws {
    var harness = try StationHarness(houses: 2)
    let (key, peer) = (harness.keys[0], harness.keys[1])
    harness.isDown = [peer]
    var liar = Liar(keys: try Self.keys(1))
    let first = liar.write(.limit, to: key, body: [.integer(500)], at: harness.now)
    let second = liar.write(.limit, to: key, body: [.integer(7000)], at: harness.now)
    Self.deliver([first, second], from: peer, to: key, &harness)
    // The other branch's identity may be the smaller or the larger one.
    var twin = Liar(keys: try Self.keys(1))
    let other = twin.write(.limit, to: key, body: [.integer(variant)], at: harness.now)
    Self.deliver([other], from: peer, to: key, &harness)
    for _ in 0..<2 {
      let ledger = try #require(harness.stations[key]?.ledger)
      #expect(ledger.forkers == [peer])
      #expect(ledger.chain(of: peer)?.branches.map(\.count) == [2, 1])
      #expect(ledger.chain(of: peer)?.head == second.identity)
      harness.kill(key)
      try harness.restart(key)
    }
  }

  @Test("two branches of the same length are found when their holders meet")
  func equalBranches() throws {
    var harness = try StationHarness(houses: 3)
    let liar = harness.keys[2]
    harness.isDown = [liar]
    // The two are apart; each hears another branch.
    harness.deliver(.linkDown(harness.keys[1], reason: "closed"), to: harness.keys[0])
    harness.deliver(.linkDown(harness.keys[0], reason: "closed"), to: harness.keys[1])
    for (index, key) in harness.keys.prefix(2).enumerated() {
      var branch = Liar(keys: try Self.keys(2))
      let body: [CBORValue] = [.integer(Int64(index))]
      let record = branch.write(.limit, to: key, body: body, at: harness.now)
      Self.deliver([record], from: liar, to: key, &harness)
    }
    harness.deliver(.linkUp(harness.keys[1]), to: harness.keys[0])
    harness.deliver(.linkUp(harness.keys[0]), to: harness.keys[1])
    harness.advance(TimeSpan(minutes: 6))
    for key in harness.keys.prefix(2) {
      #expect(harness.stations[key]?.ledger.forkers == [liar])
    }
  }

  @Test("long records of one author keep no one from the others' records")
  func longRecords() throws {
    var harness = try StationHarness(houses: 3)
    let (key, other, peer) = (harness.keys[0], harness.keys[1], harness.keys[2])
    harness.isDown = [peer]
    harness.kill(other)
    var liar = Liar(keys: try Self.keys(2))
    let padding = CBORValue.bytes([UInt8](repeating: 0, count: 3700))
    let records = (0..<600).map { _ in
      liar.write(.limit, to: key, body: [padding], at: harness.now)
    }
    for start in stride(from: 0, to: records.count, by: 200) {
      Self.deliver(Array(records[start..<start + 200]), from: peer, to: key, &harness)
    }
    try harness.restart(other)
    harness.advance(TimeSpan(minutes: 6))
    #expect(harness.stations[other]?.ledger.chain(of: peer)?.count == 600)
    #expect(harness.largestFrame <= Frame.maximumBytes)
  }

  @Test("a false claim about the own chain is dropped, and said")
  func falseClaim() throws {
    var harness = try StationHarness(houses: 2)
    let (key, peer) = (harness.keys[0], harness.keys[1])
    harness.isDown = [peer]
    let lie = Frame.frontier([FrontierEntry(author: key, count: 1_000_000, head: Digest(of: [1]))])
    harness.deliver(.frame(from: peer, bytes: lie.encoded), to: key)
    #expect(harness.type("LIMIT house1 50", at: key)?.hasPrefix("Error") == true)
    harness.advance(TimeSpan(minutes: 16))
    #expect(harness.type("LIMIT house1 50", at: key)?.hasPrefix("Error") == false)
    let lines = harness.stations[key]?.log.decisions.map(\.text) ?? []
    #expect(lines.contains { $0.contains("not believed") })
  }

  @Test("crumbs that cost nothing are not sold, and refusals don't fill the log")
  func crumbs() throws {
    var (harness, seller, buyer) = try StationTests.street()
    harness.isDown = [buyer, harness.keys[2]]
    // Until the order for the slot at 1:00 is out; nobody else accepts it.
    harness.advance(TimeSpan(minutes: 52))
    let slot = TimeSlot(containing: harness.now).next
    let offer = try #require(harness.stations[seller]?.trader.book.order(of: seller, in: slot))
    let before = harness.stations[seller]?.ledger.ownCount
    var liar = Liar(keys: try Self.keys(1))
    let accepts = (0..<300).map { _ in
      liar.write(
        .accept, to: seller, link: offer.identity,
        body: EnergyTerms(slot: slot, energy: Energy(milliwattHours: 99), price: offer.limitPrice)
          .body,
        at: harness.now)
    }
    Self.deliver(accepts, from: buyer, to: seller, &harness)
    let station = try #require(harness.stations[seller])
    #expect(station.ledger.ownCount == before)
    #expect(station.log.decisions.filter { $0.text.contains("not sold") }.count == 1)
  }

  @Test("of several ACCEPTs in one frame only what offer and limit allow is confirmed")
  func acceptsAtOnce() throws {
    var (harness, seller, buyer) = try StationTests.street()
    #expect(harness.type("LIMIT house1 3", at: seller)?.hasPrefix("house1") == true)
    harness.isDown = [buyer, harness.keys[2]]
    harness.advance(TimeSpan(minutes: 52))
    let slot = TimeSlot(containing: harness.now).next
    let offer = try #require(harness.stations[seller]?.trader.book.order(of: seller, in: slot))
    var liar = Liar(keys: try Self.keys(1))
    let accepts = (0..<20).map { _ in
      liar.write(
        .accept, to: seller, link: offer.identity,
        body: EnergyTerms(
          slot: slot, energy: Energy(wattHours: 100), price: Price(creditsPerKilowattHour: 10)
        ).body,
        at: harness.now)
    }
    Self.deliver(accepts, from: buyer, to: seller, &harness)
    let confirmed =
      harness.stations[seller]?.ledger.accounts.contracts
      .filter { $0.stage == .confirmed } ?? []
    #expect(confirmed.count == 3)
    #expect(confirmed.reduce(0) { $0 + $1.terms.quantity } <= offer.energy.rawValue)
  }

  @Test("a seller can't state one delivery to two buyers in full, nor anybody in its name")
  func soldTwice() throws {
    var harness = try StationHarness(houses: 3)
    let (key, seller, third) = (harness.keys[0], harness.keys[1], harness.keys[2])
    harness.isDown = [seller, third]
    let slot = TimeSlot(containing: harness.now).next
    let soon = slot.start - TimeSpan(minutes: 1)
    var buyers = [Liar(keys: try Self.keys(0)), Liar(keys: try Self.keys(2))]
    var liar = Liar(keys: try Self.keys(1))
    var contracts: [Contract] = []
    for index in buyers.indices {
      let accept = buyers[index].write(
        .accept, to: seller, link: Digest(of: [1]),
        body: EnergyTerms(
          slot: slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10)
        ).body,
        at: soon)
      let buyer = accept.author
      _ = liar.write(.confirm, to: buyer, link: accept.identity, body: [], at: soon)
      contracts.append(try #require(Contract(accept: accept)))
    }
    for records in buyers.map(\.records) + [liar.records] {
      Self.deliver(records, from: seller, to: key, &harness)
    }
    func state(wattHours: Int64, signed: Bool = true) throws -> Bool {
      let statement = try #require(
        MeterStatement(
          contract: contracts[0].identifier, keys: try Self.keys(1),
          opening: .init(at: slot.start, register: .zero),
          closing: .init(at: slot.end, register: Energy(wattHours: 600)),
          resolution: Energy(wattHours: 1), share: Energy(wattHours: wattHours)))
      var bytes = statement.bytes
      if !signed { bytes[bytes.count - 1] ^= 1 }
      harness.deliver(.frame(from: seller, bytes: Frame.statement(bytes).encoded), to: key)
      let name = "meter/their/" + contracts[0].identifier.hexadecimal
      return harness.stored[key]?.contains { write in
        if case .put(name, _) = write { true } else { false }
      } ?? false
    }
    #expect(try state(wattHours: 500) == false)
    #expect(try state(wattHours: 301) == false)
    #expect(try state(wattHours: 300, signed: false) == false)
    #expect(try state(wattHours: 300) == true)
  }

  @Test("a link that comes and goes without end leaves room for other decisions")
  func flapping() throws {
    var harness = try StationHarness(houses: 2)
    let (key, peer) = (harness.keys[0], harness.keys[1])
    harness.isDown = [peer]
    #expect(harness.type("LIMIT house1 50", at: key)?.hasPrefix("house1") == true)
    for _ in 0..<300 {
      harness.deliver(.linkDown(peer, reason: "closed"), to: key)
      harness.deliver(.linkUp(peer), to: key)
    }
    let lines = harness.stations[key]?.log.decisions.map(\.text) ?? []
    #expect(lines.contains { $0.contains("may now owe") })
    #expect(lines.count { $0.hasPrefix("link") } == 20)
    harness.advance(TimeSpan(minutes: 61))
    harness.deliver(.linkDown(peer, reason: "closed"), to: key)
    let later = harness.stations[key]?.log.decisions.last?.text
    #expect(later?.contains("lost: closed") == true)
  }
}
