import Market
import Planning
import Quantities
import Sealing

/// Having neighbours compute.
extension ComputingTrader {
  /// How far away a deadline is named at most: somewhat less than neighbours take, whose clocks
  /// may be behind. What is wanted later is asked for again.
  static let farthestAsked = ComputingPolicy.farthestDeadline - TimeSpan.hour

  /// What came of a wish to have something computed.
  public enum Wish: Hashable, Sendable {
    /// So many neighbours were asked.
    case asked(number: Int64, neighbours: Int)
    case refused(String)
  }

  /// The household wants a batch computed by a neighbour; at most `priceLimit` a million tokens.
  public mutating func want(
    _ staged: StagedWork, priceLimit: TokenPrice, deadline: Instant, linked: [PublicKey],
    at now: Instant
  ) -> (Wish, [Action]) {
    guard wanted.count < Self.maximumWanted else {
      return (.refused("\(Self.maximumWanted) jobs are with neighbours already"), [])
    }
    guard deadline > now else { return (.refused("its deadline is over"), []) }
    let work = WantedWork(
      number: nextNumber, staged: staged, priceLimit: priceLimit, deadline: deadline)
    nextNumber += 1
    wanted[work.number] = work
    let asked = ask(for: work, linked: linked, at: now)
    let count = asked.count
    return (.asked(number: work.number, neighbours: count), [save(work)] + asked)
  }

  private mutating func ask(
    for work: WantedWork, linked: [PublicKey], at now: Instant
  ) -> [Action] {
    let request = WorkRequest(
      community: community, keys: keys, model: work.model, work: work.work,
      requests: work.requests, length: work.length, tokens: work.tokens,
      priceLimit: work.priceLimit, deadline: min(work.deadline, now + Self.farthestAsked),
      time: now)
    askings[work.number] = Asking(request: request, since: now)
    return linked.filter { names[$0] != nil }.map { .request(to: $0, bytes: request.bytes) }
  }

  /// A neighbour's quote has come.
  public mutating func take(
    quoteBytes: [UInt8], from peer: PublicKey
  ) throws(SealedContentError) {
    let quote = try WorkQuote(decoding: quoteBytes)
    guard quote.author == peer, quote.community == community.identifier else {
      throw .malformed("a quote of its sender's in \(community.name)")
    }
    for number in askings.keys.sorted() where askings[number]?.request.identity == quote.request {
      guard askings[number]?.quotes.contains(where: { $0.author == peer }) == false else { return }
      askings[number]?.quotes.append(quote)
    }
  }

  /// Goes on with a wanted job: asks, chooses, fetches, gives up.
  mutating func pursue(
    _ number: Int64, _ ledger: inout CommunityLedger, linked: [PublicKey], at now: Instant
  ) -> [Action] {
    guard let work = wanted[number] else { return [] }
    if let identifier = work.contract {
      guard let contract = contract(identifier, ledger) else { return [] }
      return buy(contract, &ledger, at: now)
    }
    guard now < work.deadline else {
      return drop(work, because: "no neighbour computed it in time; RUN does it here")
    }
    if let asking = askings[number] {
      guard now.since(asking.since) >= Self.quotePatience else { return [] }
      askings[number] = nil
      return choose(work, asking, &ledger, at: now)
    }
    guard now >= askAgainAt[number] ?? .distantPast else { return [] }
    return ask(for: work, linked: linked, at: now)
  }

  private mutating func choose(
    _ work: WantedWork, _ asking: Asking, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    let quotes = asking.quotes.filter { quote in
      quote.until > now && quote.price <= work.priceLimit
        && now >= shunned[quote.author] ?? .distantPast
    }.map {
      ComputingQuote(
        provider: $0.author, price: $0.price.cost(ofTokens: work.tokens), finish: $0.finish,
        identity: $0.identity)
    }
    // Who would pay so much has more of it than that: else no stranger would ever get a try.
    let deadline = asking.request.deadline
    let job = QuoteChoice.Job(worth: work.worth + work.worth, deadline: deadline)
    let choice = QuoteChoice.choose(
      among: quotes, for: job, at: now, experience: { experience.of($0) },
      name: { name(of: $0) })
    guard let choice,
      let quote = asking.quotes.first(where: { $0.identity == choice.quote.identity })
    else {
      askAgainAt[work.number] = now + Self.askAgain
      return [.say("no neighbour computes \(work.name) at that price by then: asks again")]
    }
    let terms = ComputingTerms(
      model: work.model, work: work.work, requests: work.requests, tokens: work.tokens,
      price: quote.price, deadline: deadline)
    guard
      let written = ledger.write(
        .accept, peer: quote.author, link: quote.identity,
        body: ContractTerms.computing(terms).body, at: now)
    else {
      askAgainAt[work.number] = now + Self.askAgain
      return []
    }
    var chosen = work
    chosen.contract = written.record.identity
    wanted[work.number] = chosen
    return [.record(written.record), save(chosen), .say("\(work.name) goes to \(choice.reason)")]
  }

  /// The next step of a contract by which a neighbour computes for this household.
  mutating func buy(
    _ contract: ComputingContract, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard let work = wantedWork(by: contract.identifier) else {
      // The provider has dropped what was in dispute.
      guard contract.stage == .settled, contract.settlement?.amount == contract.state.owed else {
        return []
      }
      return step(.acknowledge, contract, &ledger, at: now)
    }
    switch contract.stage {
    case .accepted where now.since(contract.time) >= Self.quoteLife:
      return again(work, contract, because: "did not confirm", at: now)
    case .confirmed where !contract.isLive(at: now):
      return again(work, contract, because: "did not do it in time", at: now)
    case .cancelled: return again(work, contract, because: "gave it back", at: now)
    case .committed:
      // A PICK that comes too late picks nothing, and would be written again and again.
      guard contract.isLive(at: now),
        ledger.ownCount <= contract.contract.sequence + ContractState.window
      else { return again(work, contract, because: "did it too late", at: now) }
      let picked = step(.pick, contract, &ledger, at: now)
      return picked + begin(.results, of: contract.identifier, into: work.folder, at: now)
    case .picked where work.findings == nil:
      return begin(.results, of: contract.identifier, into: work.folder, at: now)
    case .settled: return settle(contract, work, &ledger, at: now)
    case .acknowledged, .disputed: return close(work, contract, at: now)
    default: return []
    }
  }

  /// The results were looked through.
  mutating func checked(
    _ identifier: Digest, _ findings: ResultFindings, _ ledger: inout CommunityLedger,
    at now: Instant
  ) -> [Action] {
    guard var work = wantedWork(by: identifier),
      let contract = contract(identifier, ledger), work.findings == nil
    else { return [] }
    work.findings = findings
    wanted[work.number] = work
    let noted = experience.note(contract.seller) {
      $0.auditsPassed += findings.auditsPassed
      $0.auditsFailed += findings.auditsFailed
    }
    return [save(work), .store(noted)] + buy(contract, &ledger, at: now)
  }

  /// Acknowledges what was delivered and counted, and disputes the rest.
  private mutating func settle(
    _ contract: ComputingContract, _ work: WantedWork, _ ledger: inout CommunityLedger,
    at now: Instant
  ) -> [Action] {
    guard let stated = contract.settlement else { return [] }
    var findings = work.findings
    if findings == nil {
      let fetch = begin(.results, of: contract.identifier, into: work.folder, at: now)
      // Who commits, claims and then sends nothing is not waited for for ever.
      guard now >= contract.deadline + Self.resultPatience else { return fetch }
      findings = ResultFindings(areThoseCommitted: false, tokens: 0)
    }
    guard let findings else { return [] }
    let (tokens, reason) = findings.payable
    let amount = contract.terms.price.cost(ofTokens: min(tokens, stated.quantity))
    guard tokens < stated.quantity,
      (contract.state.owed..<stated.amount).contains(amount)
    else { return step(.acknowledge, contract, &ledger, at: now) }
    let body: [CBORValue] = [
      .integer(tokens), .integer(amount.rawValue), .integer(reason.rawValue),
    ]
    return step(.dispute, contract, body: body, &ledger, at: now)
  }

  /// Both sides have said what they had to say.
  private mutating func close(
    _ work: WantedWork, _ contract: ComputingContract, at now: Instant
  ) -> [Action] {
    let provider = name(of: contract.seller)
    let isGood = contract.stage == .acknowledged && work.findings?.areThoseCommitted == true
    // A dispute over a few tokens is no failure; nothing usable is.
    let isUsable = isGood || contract.state.owed > .zero
    let isInTime = now <= contract.deadline
    let noted = experience.note(contract.seller) {
      if !isUsable { $0.failed += 1 } else if isInTime { $0.inTime += 1 } else { $0.late += 1 }
    }
    let paid = contract.state.owed.text
    let answered = contract.state.commitment?.answered ?? 0
    let text =
      isUsable
      ? "\(provider) computed \(work.name): \(answered) of \(work.requests) answers, \(paid) "
        + "credits" + (work.findings?.file.map { ", in \(Self.short($0))" } ?? "")
      : "\(provider)'s results of \(work.name) are not paid: "
        + (contract.state.reason.map(\.text) ?? "they are wrong")
    let parcel = WorkOrder.discard(contract: contract.identifier, folder: work.folder)
    return forget(work) + [.store(noted), .work(parcel), .say(text)]
  }

  /// A file's name with its folder's: below the jobs folder, and short enough for a line.
  private static func short(_ file: String) -> String {
    file.split(separator: "/").suffix(2).joined(separator: "/")
  }

  /// This provider is out for a while; the job is offered to the other neighbours at once.
  private mutating func again(
    _ work: WantedWork, _ contract: ComputingContract, because reason: String, at now: Instant
  ) -> [Action] {
    let noted = experience.note(contract.seller) { $0.failed += 1 }
    var work = work
    work.contract = nil
    work.findings = nil
    wanted[work.number] = work
    fetching[contract.identifier] = nil
    shunned[contract.seller] = now + Self.askAgain
    askAgainAt[work.number] = now
    return [
      save(work), .store(noted),
      .work(.discard(contract: contract.identifier, folder: work.folder)),
      .say("\(name(of: contract.seller)) \(reason): \(work.name) is open"),
    ]
  }

  private mutating func drop(_ work: WantedWork, because reason: String) -> [Action] {
    forget(work) + [.abandon(folder: work.folder), .say("\(work.name): \(reason)")]
  }

  private mutating func forget(_ work: WantedWork) -> [Action] {
    wanted[work.number] = nil
    askings[work.number] = nil
    askAgainAt[work.number] = nil
    if let contract = work.contract { fetching[contract] = nil }
    return [.store(KeyedValue(key: WantedWork.key(of: work.number), value: nil))]
  }

  /// What a neighbour sent can't be used, or can't be kept here.
  mutating func unusable(
    _ identifier: Digest, _ parcel: WorkParcel, _ reason: String,
    _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    if parcel == .results, wantedWork(by: identifier) != nil {
      let none = ResultFindings(areThoseCommitted: false, tokens: 0)
      return [.say("results can't be used: \(reason)")]
        + checked(identifier, none, &ledger, at: now)
    }
    guard var work = taken[identifier], work.commitment == nil else { return [] }
    work.trouble = reason
    taken[identifier] = work
    return [save(work)] + serve(identifier, &ledger, at: now)
  }
}

extension ResultFindings {
  /// How many tokens are to be paid, and why not all where it is fewer.
  fileprivate var payable: (tokens: Int64, reason: ContractState.Reason) {
    if !areThoseCommitted { return (0, .results) }
    if auditsFailed > 0 { return (0, .audit) }
    return (tokens, .tokens)
  }
}

extension ContractState.Reason {
  /// Why, in words.
  public var text: String {
    switch self {
    case .meters: "the meters differ by more than they may"
    case .tokens: "more tokens are claimed than were counted"
    case .results: "results are missing, or not those committed to"
    case .audit: "computed again they came out otherwise"
    case .figures: "the figures are not borne out"
    }
  }
}
