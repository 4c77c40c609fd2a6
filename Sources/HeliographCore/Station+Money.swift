import Ledger
import Mesh
import Planning
import Quantities
import Sealing
import Texting

/// What the owner says of credit and money, and what neighbours say to it.
extension Station {
  /// Carries out a command about money with a neighbour; throws what to tell the owner.
  mutating func settle(
    _ command: TextCommand, with name: String, at now: Instant
  ) throws(MoneyRefusal) -> [Effect] {
    let known = TextReply.neighbour(named: name, in: view(at: now))
    guard let neighbour = configuration.neighbours.first(where: { $0.name == known?.name })
    else { throw MoneyRefusal(reason: "\"\(name)\" is no neighbour here. PEERS lists them.") }
    let key = neighbour.key
    switch command {
    case .limit(_, let amount, let growth):
      let rule = LimitRule(
        amount: amount, growth: (growth?.percent ?? 0) * 10, ceiling: growth?.ceiling)
      return try write(.limit, to: key, body: rule.body, at: now)
        + say(.ledger, "\(neighbour.name) may now owe \(amount.text) credits", at: now)
    case .paid(_, let amount):
      return try write(.payment, to: key, body: [.integer(amount.rawValue)], at: now)
        + say(.ledger, "\(neighbour.name) is told that \(amount.text) credits were paid", at: now)
    case .got(_, let amount):
      let open = ledger.accounts.openPayments(creditor: ledger.ownKey, debtor: key)
      // The payment that this receipts, if the neighbour has announced one of that amount.
      let payment = open.first { $0.amount == amount }
      return try write(
        .receipt, to: key, link: payment?.identity, body: [.integer(amount.rawValue)], at: now)
        + say(.ledger, "got \(amount.text) credits' worth from \(neighbour.name)", at: now)
    case .unpaid(_, let amount):
      return try write(.default, to: key, body: [.integer(amount.rawValue)], at: now)
        + say(.ledger, "said that \(neighbour.name) owes \(amount.text) unpaid", at: now)
    case .waive: return try waive(key, name: neighbour.name, at: now)
    default: return []
    }
  }

  private mutating func write(
    _ kind: Record.Kind, to peer: PublicKey, link: Digest? = nil, body: [CBORValue], at now: Instant
  ) throws(MoneyRefusal) -> [Effect] {
    guard let written = ledger.write(kind, peer: peer, link: link, body: body, at: now) else {
      throw MoneyRefusal(reason: whyItSignsNothing)
    }
    // A LIMIT may end a doubt.
    return spread(written.record) + reviewDoubt(at: now)
  }

  private var whyItSignsNothing: String {
    if ledger.hasForked(ledger.ownKey) {
      return "this node has signed two branches of its chain; it needs a new key to sign again."
    }
    if ledger.lacksOwnRecords {
      return "own records are missing here; it signs nothing until neighbours send them."
    }
    return "it has just started and asks the neighbours first. Try again in half a minute."
  }

  /// States what a neighbour disputes anew, at what it does not dispute.
  private mutating func waive(
    _ key: PublicKey, name: String, at now: Instant
  ) throws(MoneyRefusal) -> [Effect] {
    let open = ledger.accounts.liveContracts(of: ledger.ownKey).filter {
      $0.stage == .disputed && $0.seller == ledger.ownKey && $0.buyer == key
    }
    guard !open.isEmpty else {
      throw MoneyRefusal(reason: "\(name) disputes nothing. TRADES lists.")
    }
    var effects: [Effect] = []
    for contract in open {
      let settlement = ContractState.Settlement(
        quantity: contract.state.owedQuantity, amount: contract.state.owed,
        statements: contract.settlement?.statements ?? [])
      effects += try write(
        .settle, to: key, link: contract.last, body: settlement.body, at: now)
    }
    return effects + say(.ledger, "what \(name) disputes is dropped", at: now)
  }

  /// What a neighbour's record about money means for this household.
  mutating func heard(_ record: Record, at now: Instant) -> [Effect] {
    guard record.author != ledger.ownKey, let figure = record.body.first?.integer,
      (0...LimitRule.maximum.rawValue).contains(figure), let name = names[record.author],
      let peer = record.peer, let text = text(of: record, figure, by: name, to: peer)
    else { return [] }
    return say(.ledger, text, about: record.author, at: now)
  }

  private func text(
    of record: Record, _ figure: Int64, by name: String, to peer: PublicKey
  ) -> String? {
    let amount = Credits(rawValue: figure).text
    guard peer == ledger.ownKey else {
      guard record.kind == .default, let debtor = names[peer] else { return nil }
      let said = figure > 0 ? "has not paid \(amount) credits" : "has paid"
      return "\(name) says that \(debtor) \(said)"
    }
    switch record.kind {
    case .payment:
      let answer = "GOT \(Grammar.quoted(name)) \(amount)"
      return "\(name) says it has paid \(amount) credits: \(answer) confirms"
    case .receipt: return "\(name) has got \(amount) credits' worth"
    case .default where figure > 0: return "\(name) tells all that you owe \(amount) credits unpaid"
    case .default: return "\(name) says no more that you owe it unpaid"
    case .limit: return "\(name) now lends up to \(amount) credits"
    default: return nil
    }
  }
}

/// Why a command about money is not carried out.
struct MoneyRefusal: Error {
  let reason: String
}
