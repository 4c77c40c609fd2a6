import Ledger
import Market
import Planning
import Quantities
import Sealing
import Testing

/// What a neighbour can have computed without paying for it, or keep others from.
@Suite struct ProvidingTests {
  private static let model = Digest(of: [1])
  private static let work = Digest(of: [2])
  private static let now = LedgerTests.before

  /// A provider with one place for a job, and two neighbours that it has listed.
  private struct Provider {
    let keys: KeyPair
    var ledger: CommunityLedger
    var trader: ComputingTrader
    var buyers: [TradingStreet.Writer]
    var said: [String] = []

    init(
      price: Int64 = 50_000, credits: Int64 = 100, longest: TimeSpan = TimeSpan(minutes: 8 * 60)
    ) throws {
      keys = try LedgerTests.keys(1)
      buyers = [try TradingStreet.Writer(2), try TradingStreet.Writer(3)]
      let names = [buyers[0].keys.publicKey: "a", buyers[1].keys.publicKey: "b"]
      ledger = CommunityLedger(community: LedgerTests.community, keys: keys)
      let model = ComputingPolicy.Model(
        name: "m", digest: ProvidingTests.model, price: TokenPrice(rawValue: price))
      trader = ComputingTrader(
        policy: ComputingPolicy(
          models: [model], longest: longest, mostJobs: 1, tokensPerSecond: 1000),
        community: LedgerTests.community, keys: keys, names: names,
        claimsAtMost: Credits(credits: 1000))
      guard credits > 0 else { return }
      for buyer in buyers {
        _ = ledger.write(
          .limit, peer: buyer.keys.publicKey, body: [.integer(credits * 1000)],
          at: ProvidingTests.now)
      }
    }

    mutating func quote(
      for buyer: Int, tokens: Int64 = 1000, length: Int64 = 1000,
      deadline: TimeSpan = TimeSpan.hour, at now: Instant = ProvidingTests.now
    ) throws -> (WorkQuote, ComputingTerms)? {
      let request = WorkRequest(
        community: LedgerTests.community, keys: buyers[buyer].keys, model: ProvidingTests.model,
        work: ProvidingTests.work, requests: 1, length: length, tokens: tokens,
        priceLimit: .maximum, deadline: now + deadline, time: now)
      let actions = try trader.take(
        requestBytes: request.bytes, from: request.author, ledger, start: now, at: now)
      guard case .quote(_, let bytes) = actions.first else { return nil }
      let quote = try WorkQuote(decoding: bytes)
      let terms = ComputingTerms(
        model: request.model, work: request.work, requests: 1, tokens: tokens, price: quote.price,
        deadline: request.deadline)
      return (quote, terms)
    }

    mutating func standing(
      for buyer: Int, tokens: Int64 = 1000, length: Int64 = 1000
    ) throws -> (WorkQuote, ComputingTerms) {
      let found = try quote(for: buyer, tokens: tokens, length: length)
      return try #require(found)
    }

    mutating func expectQuote(
      _ isQuoted: Bool, for buyer: Int, tokens: Int64 = 1000, length: Int64 = 1000,
      deadline: TimeSpan = TimeSpan.hour, at now: Instant = ProvidingTests.now,
      _ place: SourceLocation = #_sourceLocation
    ) throws {
      let found = try quote(for: buyer, tokens: tokens, length: length, deadline: deadline, at: now)
      #expect((found != nil) == isQuoted, sourceLocation: place)
    }

    /// A buyer accepts a quote; the contract as the provider then has it.
    mutating func accept(
      _ quote: WorkQuote, _ terms: ComputingTerms, by buyer: Int,
      at now: Instant = ProvidingTests.now
    ) throws -> Contract {
      let record = buyers[buyer].write(
        .accept, to: keys.publicKey, link: quote.identity, ContractTerms.computing(terms).body,
        at: now)
      guard case .taken(_, let moved, _) = ledger.receive(record.bytes),
        let contract = moved.first
      else { throw Missing() }
      for case .say(let text) in trader.answer(contract, &ledger, at: now) { said.append(text) }
      return try #require(ledger.accounts.contract(contract.identifier))
    }

    /// Whether a part of so many bytes is taken.
    func takes(_ part: Int64, of count: Int64, _ length: Int64, _ contract: Contract) -> Bool {
      let sealed = [UInt8](repeating: 0, count: Int(length) + SealedBox.overhead)
      let actions = trader.take(
        .work, of: contract.identifier, part: part, count: count, sealed: sealed,
        from: contract.buyer, ledger)
      return !actions.isEmpty
    }

    /// So many parts of the work are here.
    mutating func stored(_ parts: Int64, of count: Int64?, _ contract: Contract) {
      let outcome = WorkOutcome.stored(
        contract: contract.identifier, .work, parts: parts, count: count)
      _ = trader.take(outcome, &ledger, at: ProvidingTests.now)
    }

    func stage(_ contract: Contract) -> ContractState.Stage? {
      ledger.accounts.contract(contract.identifier)?.stage
    }
  }

  private struct Missing: Error {}

  @Test(
    "what costs nothing once rounded is not quoted, nor to whom nothing is lent",
    arguments: [
      (tokens: 19, price: 50_000, credits: 100, isQuoted: false),
      (20, 50_000, 100, true), (20, 50_000, 0, false), (19, 0, 0, true),
    ] as [(tokens: Int64, price: Int64, credits: Int64, isQuoted: Bool)])
  func crumbs(_ row: (tokens: Int64, price: Int64, credits: Int64, isQuoted: Bool)) throws {
    var provider = try Provider(price: row.price, credits: row.credits)
    try provider.expectQuote(row.isQuoted, for: 0, tokens: row.tokens)
  }

  @Test("a request that its sender has not signed is refused where it would be quoted")
  func forged() throws {
    var provider = try Provider()
    let asks = { (tokens: Int64) in
      WorkRequest(
        community: LedgerTests.community, keys: provider.buyers[0].keys, model: Self.model,
        work: Self.work, requests: 1, length: 1000, tokens: tokens, priceLimit: .maximum,
        deadline: Self.now + .hour, time: Self.now)
    }
    for (request, isWanted) in [(asks(1000), true), (asks(10_000_000), false)] {
      var bytes = request.bytes
      bytes[bytes.count - 1] ^= 1
      let take = { (bytes: [UInt8]) throws(SealedContentError) in
        try provider.trader.take(
          requestBytes: bytes, from: request.author, provider.ledger, start: Self.now, at: Self.now)
      }
      if isWanted {
        #expect(throws: SealedContentError.badSignature(author: request.author)) {
          try take(bytes)
        }
      } else {
        #expect(try take(bytes).isEmpty)
      }
      let quotes = try take(request.bytes).count
      #expect(quotes == (isWanted ? 1 : 0))
    }
  }

  @Test("a deadline beyond two days takes no place for a job")
  func deadline() throws {
    var provider = try Provider()
    let far = TimeSpan.day + TimeSpan.day
    try provider.expectQuote(false, for: 0, deadline: far + TimeSpan.minute)
    try provider.expectQuote(true, for: 0, deadline: far)
  }

  @Test("what is wanted in a week is asked for by a deadline that neighbours take")
  func farWish() throws {
    let keys = try LedgerTests.keys(2)
    let provider = try LedgerTests.keys(1).publicKey
    var buyer = ComputingTrader(
      policy: ComputingPolicy(), community: LedgerTests.community, keys: keys,
      names: [provider: "p"], claimsAtMost: .zero)
    let batch = StagedBatch(folder: "w", name: "w", model: "m", requests: 1, power: .zero)
    let staged = StagedWork(
      batch: batch, model: Self.model, work: Self.work, length: 1000, tokens: 1000)
    let (_, actions) = buyer.want(
      staged, priceLimit: .maximum, deadline: Self.now + TimeSpan(minutes: 7 * 1440),
      linked: [provider], at: Self.now)
    var deadlines: [Instant] = []
    for case .request(_, let bytes) in actions {
      deadlines.append(try WorkRequest(decoding: bytes).deadline)
    }
    #expect(deadlines == [Self.now + TimeSpan(minutes: 47 * 60)])
  }

  @Test("a job whose work does not come is given back, and its place is free")
  func withoutWork() throws {
    var provider = try Provider()
    let (quote, terms) = try provider.standing(for: 0)
    let contract = try provider.accept(quote, terms, by: 0)
    #expect(contract.stage == .confirmed)
    let linked = provider.buyers.map(\.keys.publicKey)
    _ = provider.trader.wake(&provider.ledger, linked: linked, at: Self.now + TimeSpan(minutes: 9))
    #expect(provider.stage(contract) == .confirmed)
    try provider.expectQuote(false, for: 1)
    let later = Self.now + TimeSpan(minutes: 11)
    _ = provider.trader.wake(&provider.ledger, linked: linked, at: later)
    #expect(provider.stage(contract) == .cancelled)
    try provider.expectQuote(true, for: 1, at: later)
    // Who sent nothing waits for an hour, or it would take the place again at once.
    try provider.expectQuote(false, for: 0, at: later)
    try provider.expectQuote(true, for: 0, at: later + TimeSpan.hour)
  }

  @Test("a node that may not sign gives a job back once it may, and says so once")
  func readingOnly() throws {
    var provider = try Provider()
    let (quote, terms) = try provider.standing(for: 0)
    let contract = try provider.accept(quote, terms, by: 0)
    let linked = provider.buyers.map(\.keys.publicKey)
    let later = Self.now + TimeSpan(minutes: 11)
    // As after a start: it asks for its own head first.
    provider.ledger.begin(marker: nil, at: Self.now)
    for _ in 0..<3 {
      #expect(provider.trader.wake(&provider.ledger, linked: linked, at: later).isEmpty)
    }
    provider.ledger.heardNeighbour()
    #expect(provider.trader.wake(&provider.ledger, linked: linked, at: later).count > 1)
    #expect(provider.stage(contract) == .cancelled)
    // Counted once: it waits for an hour.
    try provider.expectQuote(true, for: 0, at: later + TimeSpan.hour)
  }

  @Test("quotes that nobody accepted take no place once they are over")
  func oldQuotes() throws {
    var provider = try Provider()
    for tokens: Int64 in 1001...1004 { try provider.expectQuote(true, for: 0, tokens: tokens) }
    let end = Self.now + TimeSpan(minutes: 10)
    try provider.expectQuote(false, for: 0, at: end - TimeSpan(milliseconds: 1))
    try provider.expectQuote(true, for: 0, at: end)
  }

  @Test("a buyer that picks no results keeps the others from nothing, and itself from more jobs")
  func unpicked() throws {
    var provider = try Provider()
    for _ in 0..<2 {
      let (quote, terms) = try provider.standing(for: 0)
      let contract = try provider.accept(quote, terms, by: 0)
      try provider.expectQuote(false, for: 1)
      let results = WorkOutcome.gathered(
        contract: contract.identifier, root: Digest(of: [3]), answered: 1, tokens: 500)
      _ = provider.trader.take(results, &provider.ledger, at: Self.now)
      #expect(provider.stage(contract) == .committed)
    }
    try provider.expectQuote(false, for: 0)
    try provider.expectQuote(true, for: 1)
  }

  @Test("prompts take time on the engine, and are bounded by the tokens that are paid")
  func prompts() throws {
    var provider = try Provider(longest: TimeSpan(seconds: 9))
    // 1000 tokens a second: a second for the answers, and one for 32,000 bytes of prompts.
    try provider.expectQuote(false, for: 0, length: 256_001)
    let (quote, _) = try provider.standing(for: 0, length: 256_000)
    #expect(quote.finish == Self.now + TimeSpan(seconds: 9))
    try provider.expectQuote(false, for: 0, tokens: 2000, length: 256_000)
  }

  @Test("of work that is longer than its request said nothing is taken")
  func longWork() throws {
    var provider = try Provider()
    let most = Int64(WorkParcel.partLength)
    let (quote, terms) = try provider.standing(for: 0, tokens: 2000, length: most + 1000)
    let contract = try provider.accept(quote, terms, by: 0)
    provider.stored(0, of: nil, contract)
    #expect(!provider.takes(0, of: 3, most, contract))
    #expect(!provider.takes(0, of: 2, most - 1, contract))
    #expect(provider.takes(0, of: 2, most, contract))
    provider.stored(1, of: 2, contract)
    #expect(!provider.takes(1, of: 2, most, contract))
    #expect(provider.takes(1, of: 2, 1000, contract))
  }

  @Test("a quote is accepted once")
  func once() throws {
    var provider = try Provider()
    let (quote, terms) = try provider.standing(for: 0)
    let first = try provider.accept(quote, terms, by: 0)
    let results = WorkOutcome.gathered(
      contract: first.identifier, root: Digest(of: [3]), answered: 1, tokens: 500)
    _ = provider.trader.take(results, &provider.ledger, at: Self.now)
    let second = try provider.accept(quote, terms, by: 0)
    #expect(second.stage == .accepted)
    #expect(provider.said.contains { $0.contains("no such quote stands") })
  }
}
