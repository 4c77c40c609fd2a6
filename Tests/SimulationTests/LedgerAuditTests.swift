import HeliographCore
import Ledger
import Market
import Quantities
import Sealing
import Simulation
import Testing

/// The checks of the simulation must be able to fail: each test breaks one rule by hand.
@Suite struct LedgerAuditTests {
  private let community = Community(name: "audit").identifier
  private let slot = TimeSlot(containing: Instant(millisecondsSince1970: 1_782_043_200_000))
  private let resolution = Energy(wattHours: 1)

  /// Two neighbours who write records by hand, and the audit that watches them.
  private struct Bench {
    var seller: KeyPair
    var buyer: KeyPair
    var audit: LedgerAudit
    var last: [PublicKey: Record] = [:]
  }

  private func bench(exporting: Energy = Energy(wattHours: 500)) throws -> Bench {
    let seller = try #require(KeyPair(seed: Array(repeating: 1, count: 32)))
    let buyer = try #require(KeyPair(seed: Array(repeating: 2, count: 32)))
    var audit = LedgerAudit(
      authors: [seller.publicKey, buyer.publicKey], clockTolerance: TimeSpan(seconds: 5))
    let moments = [slot.start - .minute, slot.end + TimeSpan(minutes: 5)]
    for (moment, flowed) in zip(moments, [.zero, exporting]) {
      audit.mark(0, at: moment, imported: .zero, exported: flowed)
      audit.mark(1, at: moment, imported: flowed, exported: .zero)
    }
    return Bench(seller: seller, buyer: buyer, audit: audit)
  }

  private func write(
    _ kind: Record.Kind, by author: KeyPair, to peer: KeyPair, link: Digest?,
    body: [CBORValue] = [], on bench: inout Bench, observing: Bool = true
  ) throws -> Record {
    let before = bench.last[author.publicKey]
    let record = Record(
      community: community, keys: author, sequence: (before?.sequence ?? -1) + 1,
      previous: before?.identity, time: slot.start - .hour, kind: kind, peer: peer.publicKey,
      link: link, body: body)
    bench.last[author.publicKey] = record
    if observing { try observe(record, on: &bench) }
    return record
  }

  private func observe(_ record: Record, at node: Int? = nil, on bench: inout Bench) throws {
    let own = record.author == bench.seller.publicKey ? 0 : 1
    try bench.audit.observe(
      stored(record), on: node ?? own, resolutions: [resolution, resolution])
  }

  private func stored(_ record: Record) -> StoredRecord {
    StoredRecord(
      community: record.community, author: record.author, sequence: record.sequence,
      identity: record.identity, bytes: record.bytes)
  }

  /// ACCEPT to BIND of 400 Wh at 12 credits.
  private func bound(on bench: inout Bench) throws -> Record {
    let (seller, buyer) = (bench.seller, bench.buyer)
    let accept = try write(
      .accept, by: buyer, to: seller, link: Digest(of: [1]),
      body: EnergyTerms(
        slot: slot, energy: Energy(wattHours: 400),
        price: Price(creditsPerKilowattHour: 12)
      ).body, on: &bench)
    let confirm = try write(
      .confirm, by: seller, to: buyer, link: accept.identity, on: &bench)
    return try write(.bind, by: buyer, to: seller, link: confirm.identity, on: &bench)
  }

  private func settlement(_ energy: Energy) -> [CBORValue] {
    ContractState.Settlement(
      quantity: energy.rawValue, amount: Price(creditsPerKilowattHour: 12).cost(of: energy),
      statements: [Digest(of: [2]), Digest(of: [3])]
    ).body
  }

  private func expectBroken(
    _ rule: BrokenInvariant.Rule, _ body: () throws -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(sourceLocation: sourceLocation) {
      try body()
    } throws: { error in
      (error as? BrokenInvariant)?.rule == rule
    }
  }

  @Test("an honest contract passes and moves its amount once")
  func honest() throws {
    var bench = try bench()
    let bind = try bound(on: &bench)
    let settle = try write(
      .settle, by: bench.seller, to: bench.buyer, link: bind.identity,
      body: settlement(Energy(wattHours: 400)), on: &bench)
    _ = try write(
      .acknowledge, by: bench.buyer, to: bench.seller, link: settle.identity, on: &bench)
    #expect(bench.audit.contractsSettled == 1)
    #expect(bench.audit.creditsMoved == Credits(millicredits: 4800))
  }

  @Test("a contract that is settled twice is found")
  func settledTwice() throws {
    var bench = try bench()
    let bind = try bound(on: &bench)
    let body = settlement(Energy(wattHours: 100))
    _ = try write(
      .settle, by: bench.seller, to: bench.buyer, link: bind.identity, body: body, on: &bench)
    expectBroken(.settledOnce) {
      _ = try write(
        .settle, by: bench.seller, to: bench.buyer, link: bind.identity, body: body, on: &bench)
    }
  }

  @Test("more settled than the meters moved is found")
  func overSettled() throws {
    var bench = try bench(exporting: Energy(wattHours: 300))
    let bind = try bound(on: &bench)
    expectBroken(.metered) {
      _ = try write(
        .settle, by: bench.seller, to: bench.buyer, link: bind.identity,
        body: settlement(Energy(wattHours: 302)), on: &bench)
    }
  }

  @Test("two records of one sequence are found")
  func fork() throws {
    var bench = try bench()
    _ = try bound(on: &bench)
    bench.last[bench.buyer.publicKey] = nil
    expectBroken(.noFork) {
      _ = try write(
        .limit, by: bench.buyer, to: bench.seller, link: nil, body: [.integer(5)], on: &bench)
    }
  }

  @Test("a record that others hold and its author does not is found")
  func visibleTooEarly() throws {
    var bench = try bench()
    let record = try write(
      .limit, by: bench.seller, to: bench.buyer, link: nil, body: [.integer(5)], on: &bench,
      observing: false)
    expectBroken(.durableBeforeVisible) { try observe(record, at: 1, on: &bench) }
  }

  @Test("a record with a bad signature is found")
  func badSignature() throws {
    var bench = try bench()
    let record = try write(
      .limit, by: bench.seller, to: bench.buyer, link: nil, body: [.integer(5)], on: &bench,
      observing: false)
    var bytes = record.bytes
    bytes[bytes.count - 1] ^= 1
    let forged = StoredRecord(
      community: record.community, author: record.author, sequence: 0,
      identity: record.identity, bytes: bytes)
    expectBroken(.bothSigned) {
      try bench.audit.observe(forged, on: 0, resolutions: [resolution, resolution])
    }
  }

  @Test("a lost record is found, and so is one that changed on the disk")
  func lost() throws {
    var bench = try bench()
    let record = try write(
      .limit, by: bench.seller, to: bench.buyer, link: nil, body: [.integer(5)], on: &bench)
    var store = SimulatedStore()
    expectBroken(.nothingLost) { try bench.audit.check(store, of: 0) }
    store.stage([.record(stored(record))])
    store.sync()
    try bench.audit.check(store, of: 0)
    store.fault = .turnsBit
    expectBroken(.nothingLost) { try bench.audit.check(store, of: 0) }
  }

  @Test("accounts recounted from a shuffled heap are the same")
  func shuffled() throws {
    var bench = try bench()
    let bind = try bound(on: &bench)
    let settle = try write(
      .settle, by: bench.seller, to: bench.buyer, link: bind.identity,
      body: settlement(Energy(wattHours: 250)), on: &bench)
    let acknowledge = try write(
      .acknowledge, by: bench.buyer, to: bench.seller, link: settle.identity, on: &bench)
    var heap = try opening(of: bind, on: bench) + [bind, settle, acknowledge]
    var random = RandomSource(seed: 1)
    for _ in 0..<20 {
      heap.shuffle(using: &random)
      let accounts = RecountedAccounts(of: heap)
      #expect(accounts.balance(of: bench.seller.publicKey) == Credits(millicredits: 3000))
      #expect(accounts.balance(of: bench.buyer.publicKey) == Credits(millicredits: -3000))
    }
  }

  /// The ACCEPT and CONFIRM before a BIND, written again: the same content has the same identity.
  private func opening(of bind: Record, on bench: Bench) throws -> [Record] {
    var again = try self.bench()
    let copy = try bound(on: &again)
    #expect(copy.identity == bind.identity)
    let confirm = try #require(again.last[bench.seller.publicKey])
    let accept = Record(
      community: community, keys: bench.buyer, sequence: 0, previous: nil,
      time: slot.start - .hour, kind: .accept, peer: bench.seller.publicKey,
      link: Digest(of: [1]),
      body: EnergyTerms(
        slot: slot, energy: Energy(wattHours: 400), price: Price(creditsPerKilowattHour: 12)
      ).body)
    return [accept, confirm]
  }
}
