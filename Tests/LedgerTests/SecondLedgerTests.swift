import Ledger
import Market
import Quantities
import Sealing
import Testing
import Thrown

/// A ledger written in another language from Protocol.md alone, and this one: of one mind.
@Suite("A second ledger")
struct SecondLedgerTests {
  static let document = "/Sources/HeliographCore/HeliographCore.docc/Protocol.md"

  static var root: String {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
  }

  static func bytes(_ texts: [String]?) throws -> [[UInt8]] {
    try #require(texts).map { try #require(Hexadecimal.bytes($0)) }
  }

  @Test("makes every test vector of the document and the balances that it names")
  func vectors() async throws {
    guard let python = InteropProcess.python() else { return }
    let answer = try await SecondLedger.ask(
      SecondLedger.Answer.self, python, ["vectors", Self.root + Self.document])
    #expect(answer.faults == [])
    #expect(answer.vectors == 33)
  }

  @Test("comes to the same contracts and balances from an export", arguments: [1, 2, 3, 4])
  func sameAccounts(seed: Int) async throws {
    guard let python = InteropProcess.python() else { return }
    var street = try RecordedStreet(seed: UInt64(seed), parties: 4)
    for _ in 0..<400 { street.step() }
    street.receiptPayments()
    let records = street.shuffled()
    var check = LedgerCheck()
    for record in records { try check.take(record.bytes) }
    let ours = SecondLedger.Summary(
      check, of: LedgerTests.community, keys: street.keys.map(\.publicKey))
    let theirs = try await SecondLedger.exported(records.map(\.bytes)) { file in
      try await SecondLedger.ask(SecondLedger.Summary.self, python, ["verify", file])
    }
    #expect(ours == theirs)
    // What is compared must hold what is to be shown.
    #expect(ours.records > 300 && ours.authors == 4 && ours.forks.count == 1)
    let states = Set(ours.contracts.map(\.state))
    #expect(states.isSuperset(of: ["acknowledged", "bound", "committed", "cancelled"]))
    #expect(ours.contracts.contains { $0.disputes > 0 && $0.moved > 0 })
    #expect(ours.pairs.contains { $0.balance != 0 && $0.limit != 0 && $0.open != 0 })
    let kinds = Set(records.map(\.kindNumber))
    #expect(kinds == Set(1...15), "\(kinds.sorted())")
  }

  @Test("comes to the same from an export whose old records are folded")
  func folded() async throws {
    guard let python = InteropProcess.python() else { return }
    var street = try CheckpointStreet()
    let rule = LimitRule(amount: Credits(credits: 1), growth: 500, ceiling: Credits(credits: 900))
    street.write(0, .limit, to: 1, body: rule.body)
    street.write(1, .limit, to: 0, body: rule.body)
    for number in 0..<Int64(300) {
      street.trade(0, from: 1, wattHours: 100 + number)
      street.trade(1, from: 0, wattHours: 200)
    }
    let figures: [Int64] = [1024, 1024, 900_000, 70_000, 60_000]
    let checkpoint = street.write(0, .checkpoint, to: 1, body: figures.map { .integer($0) })
    street.write(1, .countersign, to: 0, link: checkpoint, body: [.integer(80_000)])
    street.trade(0, from: 1, wattHours: 300)
    let items = street.folded(try street.coverage())
    #expect(items.count < street.all.count / 2)
    var check = LedgerCheck()
    for item in items { try check.take(item) }
    #expect(check.recordCount + check.foldedCount == street.all.count)
    let ours = SecondLedger.Summary(
      check, of: LedgerTests.community, keys: street.keys.map(\.publicKey))
    let theirs = try await SecondLedger.exported(items) { file in
      try await SecondLedger.ask(SecondLedger.Summary.self, python, ["verify", file])
    }
    #expect(ours == theirs)
    #expect(ours.pairs.contains { $0.limit > 10_000 && $0.balance != 0 })

    // The records themselves come after: they take the places of their remainders, and count.
    var whole = try CheckpointStreet()
    for number in 0..<Int64(300) { whole.trade(0, from: 1, wattHours: 100 + number) }
    whole.write(0, .limit, to: 2, body: rule.body)
    whole.write(1, .limit, to: 2, body: rule.body)
    // By nobody's signature.
    let pair = CreditPair(creditor: whole.keys[1].publicKey, debtor: whole.keys[0].publicKey)
    let hollow = whole.folded(Coverage(reaches: [pair: .max]))
    let partly = hollow + whole.all.dropFirst(200).map(\.bytes)
    let full = partly + whole.all.map(\.bytes)
    for items in [hollow, partly, full] {
      var check = LedgerCheck()
      for item in items { try check.take(item) }
      #expect(check.recordCount + check.foldedCount == whole.all.count)
      #expect((check.foldedCount == 0) == (items == full))
      let ours = SecondLedger.Summary(
        check, of: LedgerTests.community, keys: whole.keys.map(\.publicKey))
      let theirs = try await SecondLedger.exported(items) { file in
        try await SecondLedger.ask(SecondLedger.Summary.self, python, ["verify", file])
      }
      #expect(ours == theirs)
      #expect(ours.pairs.contains { $0.balance != 0 } == (items != hollow))
    }

    // A digest that is another's: its record no longer follows.
    let place = try #require(items.firstIndex { FoldedRun.parts(of: $0) != nil })
    var forged = items
    forged[place][60] ^= 1
    let answer = try await SecondLedger.exported(forged) { file in
      try await SecondLedger.ask(SecondLedger.Answer.self, python, ["verify", file])
    }
    #expect(answer.fault?.hasPrefix("record \(place + 1):") == true)
    var other = LedgerCheck()
    let fault = thrown(LedgerCheck.Fault.self) {
      for item in forged { try other.take(item) }
    }
    #expect(fault?.number == place + 1)
  }

  @Test("chooses alike between answers and branches, whichever chain comes first")
  func choices() async throws {
    guard let python = InteropProcess.python() else { return }
    let answer = try await SecondLedger.ask(SecondLedger.Answer.self, python, ["choices"])
    let theirs = try #require(answer.comes)
    let records = try Self.bytes(answer.known).map { try Record(decoding: $0) }
    let keys = try [41, 42, 43].map { try LedgerTests.keys($0).publicKey }
    let orders: [[Record]] = [
      records,
      keys.flatMap { key in records.filter { $0.author == key } },
      keys.reversed().flatMap { key in records.filter { $0.author == key } },
    ]
    for order in orders {
      var check = LedgerCheck()
      for record in order { try check.take(record.bytes) }
      let ours = SecondLedger.Summary(check, of: LedgerTests.community, keys: keys)
      for (own, other) in zip(ours.contracts, theirs.contracts) { #expect(own == other) }
      #expect(ours == theirs)
    }
    #expect(theirs.contracts.contains { $0.disputes == 8 })
    #expect(theirs.pairs.contains { $0.limit > 1000 && $0.limit < 20_000 })
    #expect(theirs.forks.count == 1)
  }

  @Test("names the first record of an export that is wrong, as this one does")
  func wrongExport() async throws {
    guard let python = InteropProcess.python() else { return }
    var street = try RecordedStreet(seed: 5, parties: 3)
    for _ in 0..<60 { street.step() }
    var records = street.shuffled().map(\.bytes)
    let index = 20
    records[index][70] ^= 1
    let answer = try await SecondLedger.exported(records) { file in
      try await SecondLedger.ask(SecondLedger.Answer.self, python, ["verify", file])
    }
    #expect(answer.fault?.hasPrefix("record \(index + 1):") == true, "\(answer)")
    var check = LedgerCheck()
    let fault = thrown(LedgerCheck.Fault.self) {
      for record in records { try check.take(record) }
    }
    #expect(fault?.number == index + 1)
    #expect(check.recordCount == index)
  }

  @Test("signs what a ledger here takes: a limit, an acceptance of an offer, its binding, its end")
  func signs() async throws {
    guard let python = InteropProcess.python() else { return }
    var ledger = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(1))
    let seed = String(repeating: "15", count: 32)
    let peer = try LedgerTests.keys(0x15).publicKey
    let offer = Order(
      community: LedgerTests.community, keys: try LedgerTests.keys(1), side: .offer,
      slot: LedgerTests.slot, energy: Energy(wattHours: 800),
      limitPrice: Price(creditsPerKilowattHour: 10), time: LedgerTests.before)
    var all: [[UInt8]] = []
    var kinds: [Int64] = []

    func take(_ answer: SecondLedger.Answer) throws {
      for bytes in try Self.bytes(answer.records) {
        guard case .taken(let record, _, _) = ledger.receive(bytes) else {
          Issue.record("a record was not taken")
          return
        }
        kinds.append(record.kindNumber)
        all.append(bytes)
      }
    }
    func write(_ kind: Record.Kind, link: Digest?, body: [CBORValue] = []) throws {
      let written = ledger.write(kind, peer: peer, link: link, body: body, at: LedgerTests.before)
      all.append(try #require(written).record.bytes)
    }
    func answered() async throws -> SecondLedger.Answer {
      try await SecondLedger.exported(all) { file in
        try await SecondLedger.ask(SecondLedger.Answer.self, python, ["answer", file, seed])
      }
    }

    try write(.limit, link: nil, body: [.integer(20_000)])
    try take(
      try await SecondLedger.ask(
        SecondLedger.Answer.self, python,
        ["accept", seed, Hexadecimal.text(offer.bytes), "500000"]))
    let contract = try #require(ledger.accounts.liveContracts(of: peer).first)
    #expect(contract.offer == offer.identity)
    try write(.confirm, link: contract.last)
    try take(try await answered())
    #expect(ledger.accounts.contract(contract.identifier)?.stage == .bound)
    let bind = try #require(ledger.accounts.contract(contract.identifier)).last
    try write(
      .settle, link: bind, body: LedgerTests.settlement(wattHours: 450, millicredits: 4500))
    try take(try await answered())
    #expect(ledger.accounts.contract(contract.identifier)?.stage == .acknowledged)
    #expect(ledger.accounts.balance(of: ledger.ownKey, with: peer) == Credits(millicredits: 4500))
    #expect(ledger.accounts.limit(creditor: peer, debtor: ledger.ownKey) == Credits(credits: 5))
    #expect(kinds == [6, 1, 3, 5])
  }
}
