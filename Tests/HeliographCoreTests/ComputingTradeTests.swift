import HeliographCore
import Ledger
import Mesh
import Planning
import Quantities
import Sealing
import Simulation
import Testing
import Texting

/// House 0 computes for house 1: from the wish to the money, and what a cheat comes to.
@Suite struct ComputingTradeTests {
  static let model = Digest(of: [42])

  /// Two houses, each with its workshop; the first has listed the model at 3 credits a thousand.
  struct Street {
    var harness: StationHarness
    var workshops: [PublicKey: SimulatedWorkshop] = [:]
    var provider: PublicKey { harness.keys[0] }
    var buyer: PublicKey { harness.keys[1] }
    /// Parts and outcomes are lost while this is true: a bad link.
    var losesParts = false

    init(lie: SimulatedWorkshop.Lie? = nil) throws {
      harness = try StationHarness(houses: 2) { configuration in
        configuration.computing = ComputingPolicy(
          models: [
            .init(
              name: "simulated", digest: ComputingTradeTests.model,
              price: TokenPrice(creditsPerMillionTokens: 3000))
          ], mostTokens: 100_000, tokensPerSecond: 1000)
      }
      for number in 0..<2 {
        let keys = try StationHarness.keys(number)
        workshops[keys.publicKey] = SimulatedWorkshop(keys: keys)
      }
      workshops[provider]?.lie = lie
      harness.grid[provider] = Power(watts: -2000)
      harness.deliver(.engine(.ready(slots: 1, name: "simulated")), to: provider)
      harness.advance(TimeSpan(minutes: 5))
      _ = harness.type("LIMIT house1 50", at: provider)
    }

    /// Lets time pass; workshops and the provider's engine do what they are told.
    mutating func advance(_ minutes: Int64) throws {
      for _ in 0..<(minutes * 12) {
        try work()
        harness.advance(TimeSpan(seconds: 5))
      }
      try work()
    }

    private mutating func work() throws {
      while !harness.commandsOf.isEmpty {
        let (key, effect) = harness.commandsOf.removeFirst()
        switch effect {
        case .work(let order):
          guard let (outcomes, delivery) = workshops[key]?.perform(order) else { continue }
          for outcome in outcomes { harness.deliver(.work(outcome), to: key) }
          guard let delivery, !losesParts else { continue }
          let part = WorkPart(
            contract: delivery.contract, parcel: delivery.parcel, number: delivery.part)
          let frame = Frame.part(part, count: delivery.count, sealed: delivery.sealed)
          harness.deliver(.frame(from: key, bytes: frame.encoded), to: delivery.to)
        case .startJob(let job, _):
          let requests = harness.stations[key]?.jobReports(at: harness.now).last?.job.batch.requests
          harness.deliver(
            .jobProgress(
              JobProgress(
                job: job, completed: requests ?? 0, failed: 0, inFlight: 0, completionTokens: 0,
                feeding: false, isClosed: true)), to: key)
        default: continue
        }
      }
    }

    /// The buyer wants 200 requests of up to 50 tokens for at most `credits`.
    mutating func want(_ credits: Int64) throws -> String {
      let staged = workshops[buyer]?.stage(
        name: "photos", model: ComputingTradeTests.model, requests: 200, length: 3000, tokens: 50,
        deadline: harness.now + .hour)
      harness.deliver(
        .workStaged(
          try #require(staged), payingAtMost: Credits(credits: credits),
          replyTo: .init(7)), to: buyer)
      return try #require(harness.replies.last)
    }

    func balance(seenBy key: PublicKey) -> Credits? {
      harness.stations[key]?.ledger.accounts.balance(of: provider, with: buyer)
    }

    func contract() throws -> Contract {
      try #require(harness.stations[buyer]?.ledger.accounts.contracts.first)
    }

    func says(_ text: String, at key: PublicKey) -> Bool {
      harness.stations[key]?.log.decisions.contains { $0.text.contains(text) } ?? false
    }
  }

  @Test("a neighbour computes a batch, is paid for the tokens, and deletes what it got")
  func computes() throws {
    var street = try Street()
    #expect(try street.want(40).contains("1 neighbour is asked"))
    try street.advance(12)
    let contract = try street.contract()
    #expect(contract.stage == .acknowledged)
    let tokens = try #require(contract.settlement?.quantity)
    #expect(tokens > 1000 && tokens <= 10_000)
    let owed = TokenPrice(creditsPerMillionTokens: 3000).cost(ofTokens: tokens)
    #expect(street.balance(seenBy: street.provider) == owed)
    #expect(street.balance(seenBy: street.buyer) == owed)
    #expect(street.workshops[street.provider]?.kept == [])
    #expect(street.says("photos: 200 of 200 answers", at: street.buyer))
  }

  @Test("who pays less than is asked, or has no limit, gets no quote and is told so")
  func tooDear() throws {
    var street = try Street()
    _ = try street.want(20)
    try street.advance(3)
    #expect(street.says("no neighbour computes photos", at: street.buyer))
    #expect(street.harness.stations[street.buyer]?.ledger.accounts.contracts.isEmpty == true)
  }

  @Test(
    "a cheat is paid what can be counted, or nothing, and is remembered",
    arguments: [
      (SimulatedWorkshop.Lie.inflatesTokens, ContractState.Reason.tokens),
      (.usesAnotherModel, .audit), (.changesResults, .results),
    ])
  func cheats(_ lie: SimulatedWorkshop.Lie, _ reason: ContractState.Reason) throws {
    var street = try Street(lie: lie)
    _ = try street.want(40)
    try street.advance(12)
    let contract = try street.contract()
    #expect(contract.stage == .disputed)
    #expect(contract.state.reason == reason)
    let claimed = try #require(contract.settlement?.amount)
    if lie == .inflatesTokens {
      #expect(contract.state.owed > .zero)
      #expect(contract.state.owed < claimed)
    } else {
      #expect(contract.state.owed == .zero)
    }
    #expect(street.balance(seenBy: street.provider) == contract.state.owed)
    // What is in dispute keeps using up the buyer's limit at that provider, and no one else's.
    let credit = street.harness.stations[street.buyer]?.ledger.credit(
      seller: street.provider, buyer: street.buyer, at: street.harness.now)
    #expect(credit == Credits(credits: 50) - claimed)
  }

  @Test("results that never come are disputed a day after they were due")
  func withheld() throws {
    var street = try Street(lie: .withholdsResults)
    _ = try street.want(40)
    try street.advance(12)
    #expect(try street.contract().stage == .settled)
    street.harness.advance(TimeSpan(minutes: 26 * 60))
    try street.advance(1)
    #expect(try street.contract().stage == .disputed)
    #expect(try street.contract().state.reason == .results)
    #expect(street.balance(seenBy: street.buyer) == .zero)
  }

  @Test("parts that are lost are asked for again; a restart on either side goes on")
  func lossAndRestart() throws {
    for restarting in 0..<2 {
      var street = try Street()
      _ = try street.want(40)
      street.losesParts = true
      try street.advance(1)
      #expect(try street.contract().stage == .confirmed)
      let key = street.harness.keys[restarting]
      street.harness.kill(key)
      try street.harness.restart(key)
      street.harness.deliver(.engine(.ready(slots: 1, name: "simulated")), to: street.provider)
      street.losesParts = false
      try street.advance(12)
      #expect(try street.contract().stage == .acknowledged)
    }
  }
}
