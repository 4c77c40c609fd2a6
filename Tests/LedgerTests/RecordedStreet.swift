import Ledger
import Market
import Quantities
import Sealing
import Thrown

/// Records of some parties who answer each other as the rules allow, and sometimes not; one of
/// them forks its chain.
struct RecordedStreet {
  static let slot = LedgerTests.slot

  var source: SeededSource
  let keys: [KeyPair]
  /// Each author's records in order, and the branch of the one who forks.
  var chains: [[Record]]
  /// Which record can be answered, and by whom it was written.
  var answerable: [Record] = []
  /// What who knows everything would make of it so far.
  var accounts = Accounts()

  init(seed: UInt64, parties: Int) throws {
    source = SeededSource(seed: seed)
    keys = try (1...UInt8(parties)).map { try LedgerTests.keys($0) }
    chains = Array(repeating: [], count: parties + 1)
  }

  /// Writes on a party's chain; the last chain is the other branch of party 0, from record 3 on.
  mutating func write(
    on chain: Int, _ kind: Record.Kind, to peer: PublicKey, link: Digest?, body: [CBORValue],
    at time: Instant
  ) {
    let isBranch = chain == keys.count
    let before = isBranch ? Array(chains[0].prefix(3)) + chains[chain] : chains[chain]
    guard !isBranch || chains[0].count > 3 else { return }
    let record = Record(
      community: LedgerTests.community.identifier, keys: keys[isBranch ? 0 : chain],
      sequence: Int64(before.count), previous: before.last?.identity, time: time, kind: kind,
      peer: peer, link: link, body: body)
    chains[chain].append(record)
    answerable.append(record)
    _ = accounts.apply(record)
  }

  private mutating func pick(_ count: Int) -> Int { Int(source.next() % UInt64(count)) }

  /// One more record by somebody, usually a sensible one.
  mutating func step() {
    let chain = pick(chains.count)
    let own = chain == keys.count ? 0 : chain
    let peer = keys[(own + 1 + pick(keys.count - 1)) % keys.count].publicKey
    let late = pick(12) == 0
    let time = Self.slot.start + TimeSpan(minutes: late ? 1 : -5)
    switch pick(10) {
    case 0:
      let rule = LimitRule(
        amount: Credits(credits: Int64(pick(30))), growth: Int64(pick(900)),
        ceiling: Credits(credits: 40))
      write(on: chain, .limit, to: peer, link: nil, body: rule.body, at: time)
    case 1:
      let kind: Record.Kind = [.payment, .receipt, .default][pick(3)]
      let amount = Int64(pick(4000))
      write(on: chain, kind, to: peer, link: nil, body: [.integer(amount)], at: time)
    case 2:
      let parties = (0..<3).map { keys[(own + $0) % keys.count].publicKey }
      let body = NettingProposal.body(
        amount: Credits(millicredits: 1 + Int64(pick(900))),
        until: Self.slot.start, parties: parties)
      write(on: chain, .net, to: parties[1], link: nil, body: body, at: time)
    case 3, 4: accept(on: chain, to: peer, at: time)
    default: answer(on: chain, as: keys[own].publicKey, at: time)
    }
  }

  private mutating func accept(on chain: Int, to peer: PublicKey, at time: Instant) {
    let terms: ContractTerms =
      pick(2) == 0
      ? .energy(
        EnergyTerms(
          slot: Self.slot, energy: Energy(wattHours: 100 + Int64(pick(400))),
          price: Price(creditsPerKilowattHour: 10)))
      : .computing(
        ComputingTerms(
          model: Digest(of: [1]), work: Digest(of: [2]), requests: 10, tokens: 1000,
          price: TokenPrice(creditsPerMillionTokens: 900),
          deadline: Self.slot.start))
    write(
      on: chain, .accept, to: peer, link: Digest(of: [3]), body: terms.body, at: time)
  }

  /// Answers a record as a party to its contract, mostly the one that waits for it.
  private mutating func answer(on chain: Int, as author: PublicKey, at time: Instant) {
    let due = accounts.contracts.filter { $0.nextAuthor == author }
    if pick(4) > 0, !due.isEmpty {
      let contract = due[pick(due.count)]
      guard let peer = contract.counterpart(of: author) else { return }
      let (kind, body) = next(of: contract)
      return write(on: chain, kind, to: peer, link: contract.last, body: body, at: time)
    }
    let open = answerable.filter { $0.peer == author || ($0.author == author && $0.kind != .net) }
    guard !open.isEmpty else { return }
    let record = open[open.count - 1 - pick(min(open.count, 20))]
    guard let peer = record.author == author ? record.peer : record.author else { return }
    guard record.kind != .net else {
      return write(on: chain, .agree, to: peer, link: record.identity, body: [], at: time)
    }
    guard let contract = accounts.contract(with: record.identity) else { return }
    let (kind, body) = next(of: contract)
    write(on: chain, kind, to: peer, link: record.identity, body: body, at: time)
  }

  /// What may follow in the contract's present stage.
  private mutating func next(of contract: Contract) -> (Record.Kind, [CBORValue]) {
    let isEnergy = contract.energyTerms != nil
    switch contract.stage {
    case .accepted: return (.confirm, [])
    case .confirmed where pick(10) == 0: return (.cancel, [])
    case .confirmed where isEnergy: return (.bind, [])
    case .confirmed:
      let commitment = ContractState.Commitment(
        record: contract.last, root: Digest(of: [6]), answered: 5, tokens: 900)
      return (.commit, commitment.body)
    case .committed: return (.pick, [])
    case .settled where pick(3) == 0:
      let quantity = (contract.settlement?.quantity ?? 0) / 2
      let cost = contract.terms.cost(of: quantity)
      return (.dispute, [.integer(quantity), .integer(cost.rawValue), .integer(1)])
    case .settled: return (.acknowledge, [])
    case .bound, .picked, .disputed, .acknowledged, .cancelled:
      let quantity = 300 + Int64(pick(500))
      let settlement = ContractState.Settlement(
        quantity: quantity, amount: contract.terms.cost(of: quantity),
        statements: isEnergy ? [Digest(of: [4]), Digest(of: [5])] : [])
      return (.settle, settlement.body)
    }
  }

  /// All records in an order that keeps each chain's own.
  mutating func shuffled() -> [Record] {
    var rest = chains.map { ArraySlice($0) }
    var result: [Record] = []
    while rest.contains(where: { !$0.isEmpty }) {
      let chain = pick(rest.count)
      // The branch begins after the part that it shares.
      guard let first = rest[chain].first, chain < keys.count || rest[0].startIndex >= 3 else {
        continue
      }
      rest[chain].removeFirst()
      result.append(first)
    }
    return result
  }
}

extension RecordedStreet {
  /// Receipts of what some payments say, and of what they do not.
  mutating func receiptPayments() {
    let payments = chains[..<keys.count].joined().filter { $0.kind == .payment }
    for payment in payments.prefix(8) {
      guard let creditor = keys.firstIndex(where: { $0.publicKey == payment.peer }) else {
        continue
      }
      write(
        on: creditor, .receipt, to: payment.author, link: payment.identity,
        body: [.integer(1 + Int64(pick(3000)))], at: payment.time)
    }
  }
}
