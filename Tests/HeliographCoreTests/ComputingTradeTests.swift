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

  @Test("a commitment that comes when no PICK counts any more is not picked again and again")
  func lateCommitment() throws {
    var street = try Street()
    _ = try street.want(40)
    func stage() -> ContractState.Stage? {
      street.harness.stations[street.buyer]?.ledger.accounts.contracts.first?.stage
    }
    for _ in 0..<24 where stage() != .confirmed { street.harness.advance(TimeSpan(seconds: 5)) }
    #expect(stage() == .confirmed)
    // A PICK counts within 4,096 records of its author's after the ACCEPT.
    for number in 0..<4100 {
      _ = street.harness.type("LIMIT house0 \(number % 50)", at: street.buyer)
    }
    try street.advance(5)
    #expect(stage() == .committed)
    let chain = try #require(street.harness.stations[street.buyer]?.ledger.ownCount)
    #expect(street.says("did it too late", at: street.buyer))
    try street.advance(5)
    #expect(street.harness.stations[street.buyer]?.ledger.ownCount == chain)
  }

  @Test("what comes in meanwhile does not put off what the clock makes due")
  func punctual() throws {
    var street = try Street()
    _ = try street.want(40)
    var station = try #require(street.harness.stations[street.buyer])
    let made = street.workshops[street.buyer]?.stage(
      name: "more", model: Self.model, requests: 10, length: 3000, tokens: 50,
      deadline: street.harness.now + .hour)
    let staged = try #require(made)
    var now = street.harness.now
    var due: Instant?
    func setting(_ effects: [Effect]) {
      for case .setTimer(.computing, let instant) in effects { due = instant }
    }
    setting(station.step(.timer(.computing), at: now))
    var firings = 0
    for _ in 0..<12 {
      now = now + TimeSpan(seconds: 1)
      // Each is asked for, and what was asked for wants looking after in five seconds.
      let wish = Event.workStaged(staged, payingAtMost: Credits(credits: 40), replyTo: .init(8))
      setting(station.step(wish, at: now))
      guard try #require(due) <= now else { continue }
      firings += 1
      setting(station.step(.timer(.computing), at: now))
    }
    #expect(firings == 2)
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
