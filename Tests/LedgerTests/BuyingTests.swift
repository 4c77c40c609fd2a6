import Ledger
import Market
import Planning
import Quantities
import Sealing
import Testing

/// What a provider can make a household write that wants something computed.
@Suite struct BuyingTests {
  /// A household that wants one job computed, and the only neighbour that it can ask.
  private struct Buyer {
    var ledger: CommunityLedger
    var trader: ComputingTrader
    var provider: TradingStreet.Writer
    var now = LedgerTests.before
    var said: [String] = []

    init() throws {
      let keys = try LedgerTests.keys(2)
      provider = try TradingStreet.Writer(1)
      ledger = CommunityLedger(community: LedgerTests.community, keys: keys)
      trader = ComputingTrader(
        policy: ComputingPolicy(), community: LedgerTests.community, keys: keys,
        names: [provider.keys.publicKey: "p"], claimsAtMost: .zero)
      let batch = StagedBatch(folder: "w", name: "w", model: "m", requests: 1, power: .zero)
      let staged = StagedWork(
        batch: batch, model: Digest(of: [1]), work: Digest(of: [2]), length: 1000, tokens: 1000)
      let (_, actions) = trader.want(
        staged, priceLimit: .maximum, deadline: now + .hour, linked: [provider.keys.publicKey],
        at: now)
      try quote(actions)
    }

    /// The neighbour quotes whatever it is asked for.
    private mutating func quote(_ actions: [ComputingTrader.Action]) throws {
      for case .request(let peer, let bytes) in actions {
        let quote = WorkQuote(
          community: LedgerTests.community, keys: provider.keys,
          request: try WorkRequest(decoding: bytes).identity, price: TokenPrice(rawValue: 1000),
          finish: now + .minute, until: now + TimeSpan(minutes: 10), time: now)
        try trader.take(quoteBytes: quote.bytes, from: peer)
      }
    }

    /// Lets so long pass and wakes it; the ACCEPT that it wrote.
    mutating func wake(after span: TimeSpan) throws -> Record? {
      now = now + span
      let actions = trader.wake(&ledger, linked: [provider.keys.publicKey], at: now)
      try quote(actions)
      var accept: Record?
      for action in actions {
        if case .record(let record) = action { accept = record }
        if case .say(let text) = action { said.append(text) }
      }
      return accept
    }

    /// The neighbour writes a record and the household answers it.
    mutating func hear(_ kind: Record.Kind, link: Digest) -> Digest {
      let record = provider.write(kind, to: ledger.ownKey, link: link, [], at: now)
      if case .taken(_, let moved, _) = ledger.receive(record, isGenuine: true) {
        for contract in moved { _ = trader.answer(contract, &ledger, at: now) }
      }
      return record.identity
    }
  }

  @Test("one that confirms and gives back gets no other job for ten minutes")
  func givesBack() throws {
    var buyer = try Buyer()
    let patience = TimeSpan(seconds: 21)
    let first = try buyer.wake(after: patience)
    let accept = try #require(first)
    let confirm = buyer.hear(.confirm, link: accept.identity)
    _ = buyer.hear(.cancel, link: confirm)
    // It asks at once, as another neighbour may take the job.
    let asking = try buyer.wake(after: patience)
    #expect(asking == nil)
    let second = try buyer.wake(after: patience)
    #expect(second == nil)
    #expect(buyer.said.contains { $0.contains("no neighbour computes w") })
    let askingAgain = try buyer.wake(after: TimeSpan(minutes: 10))
    #expect(askingAgain == nil)
    let third = try buyer.wake(after: patience)
    #expect(third?.kind == .accept)
  }
}
