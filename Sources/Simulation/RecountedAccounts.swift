import Ledger
import Quantities
import Sealing

/// Balances worked out from a heap of records alone, in any order, by the tables of `Protocol.md`.
///
/// Deliberately not the station's way of keeping books, and none of its code: two ways to the same
/// figures are a check, one way twice is none. Records may be added as they become durable; what
/// comes out is the same as from all of them at once.
public struct RecountedAccounts: Sendable {
  /// Two parties, the one with the smaller key first.
  struct Pair: Hashable, Comparable, Sendable {
    let low: PublicKey
    let high: PublicKey

    init(_ one: PublicKey, _ other: PublicKey) {
      (low, high) = one < other ? (one, other) : (other, one)
    }

    static func < (left: Pair, right: Pair) -> Bool {
      (left.low, left.high) < (right.low, right.high)
    }
  }

  /// What one contract, RECEIPT or circle has moved between two parties.
  private struct Movement: Sendable {
    /// The record that said so last; nodes that both have it must count alike.
    let said: Digest
    /// What the pair's low party is owed for it.
    let amount: Credits
  }

  /// All that has moved between two parties.
  private struct Account: Sendable {
    var movements: [Digest: Movement] = [:]
    /// What the low party is owed by the high one.
    var total = Credits.zero
  }

  private var contracts: [Digest: RecountedContract] = [:]
  private var circles: [Digest: RecountedCircle] = [:]
  /// Which contract a record is a part of.
  private var contractOf: [Digest: Digest] = [:]
  /// Answers to records that are not here, by what they answer.
  private var waiting: [Digest: [Record]] = [:]
  private var accounts: [Pair: Account] = [:]
  private var totals: [PublicKey: Credits] = [:]

  public init() {}

  /// Reads `records`, each once and verified.
  public init(of records: [Record]) {
    for record in records { take(record) }
  }

  /// Adds a record, once and verified.
  public mutating func take(_ record: Record) {
    switch record.kind {
    case .accept:
      guard let contract = RecountedContract(accept: record) else { return }
      contracts[record.identity] = contract
      place(record, in: record.identity)
    case .net:
      guard let circle = RecountedCircle(net: record) else { return }
      circles[record.identity] = circle
      for agreement in waiting.removeValue(forKey: record.identity) ?? [] { answer(agreement) }
    case .receipt: receive(record)
    case .confirm, .bind, .settle, .acknowledge, .cancel, .dispute, .commit, .pick, .agree:
      answer(record)
    case .limit, .payment, .default, nil: break
    }
  }

  private mutating func answer(_ record: Record) {
    guard let link = record.link else { return }
    if record.kind == .agree, circles[link] != nil { return agree(record, to: link) }
    guard record.kind != .agree, let contract = contractOf[link] else {
      waiting[link, default: []].append(record)
      return
    }
    contracts[contract]?.take(record)
    place(record, in: contract)
    count(contract)
  }

  /// Notes that a record is a part of a contract, and takes what has waited for it.
  private mutating func place(_ record: Record, in contract: Digest) {
    contractOf[record.identity] = contract
    for next in waiting.removeValue(forKey: record.identity) ?? [] { answer(next) }
  }

  private mutating func count(_ identifier: Digest) {
    guard let contract = contracts[identifier] else { return }
    move(
      contract.owed, owedTo: contract.seller, by: contract.buyer, source: identifier,
      said: contract.owedBy)
  }

  /// A RECEIPT lowers what its peer owes the author, whatever it links.
  private mutating func receive(_ record: Record) {
    guard let debtor = record.peer, debtor != record.author, record.body.count == 1,
      let amount = record.body[0].integer, (1...1_000_000_000).contains(amount)
    else { return }
    move(
      Credits(millicredits: -amount), owedTo: record.author, by: debtor,
      source: record.identity, said: record.identity)
  }

  private mutating func agree(_ record: Record, to net: Digest) {
    guard circles[net]?.take(record) == true, let circle = circles[net] else { return }
    for (index, debtor) in circle.parties.enumerated() {
      let creditor = circle.parties[(index + 1) % circle.parties.count]
      move(-circle.amount, owedTo: creditor, by: debtor, source: net, said: net)
    }
  }

  /// Puts what `source` has moved in the place of what was known of it; `said` is nil for nothing.
  private mutating func move(
    _ amount: Credits, owedTo creditor: PublicKey, by debtor: PublicKey, source: Digest,
    said: Digest?
  ) {
    let pair = Pair(creditor, debtor)
    let new = pair.low == creditor ? amount : -amount
    let old = accounts[pair]?.movements[source]?.amount ?? .zero
    accounts[pair, default: Account()].movements[source] = said.map {
      Movement(said: $0, amount: new)
    }
    accounts[pair]?.total += new - old
    totals[pair.low, default: .zero] += new - old
    totals[pair.high, default: .zero] += old - new
  }
}

// What can be asked of them.
extension RecountedAccounts {
  /// What `party` is owed by everyone together; negative is what it owes.
  public func balance(of party: PublicKey) -> Credits { totals[party] ?? .zero }

  /// What `party` is owed by `other`.
  public func balance(of party: PublicKey, with other: PublicKey) -> Credits {
    let pair = Pair(party, other)
    let total = accounts[pair]?.total ?? .zero
    return pair.low == party ? total : -total
  }

  /// What `party` is owed by `other` by what is known both here and in `others`' accounts.
  func balance(
    of party: PublicKey, with other: PublicKey, sharedWith others: RecountedAccounts
  ) -> Credits {
    let pair = Pair(party, other)
    guard let mine = accounts[pair], let theirs = others.accounts[pair] else { return .zero }
    var sum = Credits.zero
    // Any order: a sum.
    for (source, movement) in mine.movements
    where theirs.movements[source]?.said == movement.said { sum += movement.amount }
    return pair.low == party ? sum : -sum
  }

  /// Every pair between which anything has moved, in order.
  var pairs: [Pair] { accounts.keys.sorted() }
}
