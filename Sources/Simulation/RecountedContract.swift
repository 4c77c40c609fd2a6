import Ledger
import Quantities
import Sealing

/// One contract worked out from its records by the tables of `Protocol.md`, and by nothing else.
///
/// It shares no rule with the ledger's own `Contract`: where one of the two has a rule wrong, their
/// balances part.
struct RecountedContract: Sendable {
  /// What is agreed on, as far as money goes.
  private enum Good: Sendable {
    /// Energy in mWh, to be bound before this moment.
    case energy(slotStart: Instant)
    /// Tokens, to be committed to by this moment.
    case computing(requests: Int64, deadline: Instant)
  }

  /// What the row of records has brought so far.
  private struct Progress {
    enum Stage { case accepted, confirmed, bound, committed, picked, settled, disputed, over }

    var stage = Stage.accepted
    var last: Digest
    /// The most that a SETTLE may state.
    var most: Int64
    var settledQuantity: Int64 = 0
    var settledAmount: Int64 = 0
    var owed: Int64 = 0
    /// The record that said what is owed; nil while nothing is.
    var owedBy: Digest?
    var disputes = 0
    var length = 0
  }

  let buyer: PublicKey
  let seller: PublicKey
  /// What the buyer has come to owe the seller by the row of records that counts.
  private(set) var owed = Credits.zero
  /// Identity of the record that said so: an ACKNOWLEDGE, or a DISPUTE.
  private(set) var owedBy: Digest?
  private let accept: Digest
  private let acceptedAt: Int64
  private let good: Good
  private let quantity: Int64
  private let price: Int64
  /// Every answer to one of its records, whether it counts or not.
  private var answers: [Record] = []

  /// How far behind the ACCEPT in the buyer's chain a BIND or a PICK still counts.
  private static let window: Int64 = 4096
  private static let mostDisputes = 8
  private static let billion: Int64 = 1_000_000_000

  /// Nil when the record is no ACCEPT, or has no effect.
  init?(accept record: Record) {
    guard record.kind == .accept, let seller = record.peer, seller != record.author,
      record.link != nil
    else { return nil }
    let fields = record.body
    switch fields.first?.integer {
    case 1:
      guard fields.count == 5, let slot = fields[1].integer, let energy = fields[2].integer,
        let price = fields[3].integer, (0...magnitudeLimit / 900_000).contains(slot),
        (1...Self.billion).contains(energy), (0...Self.billion).contains(price),
        Self.isLoss(fields[4])
      else { return nil }
      good = .energy(slotStart: Instant(millisecondsSince1970: slot * 900_000))
      (quantity, self.price) = (energy, price)
    case 2:
      guard fields.count == 7, fields[1].bytes?.count == 32, fields[2].bytes?.count == 32,
        let requests = fields[3].integer, let tokens = fields[4].integer,
        let price = fields[5].integer, let deadline = fields[6].integer,
        (1...50_000).contains(requests), (1...Self.billion).contains(tokens),
        (0...Self.billion).contains(price), (0...magnitudeLimit).contains(deadline)
      else { return nil }
      let due = Instant(millisecondsSince1970: deadline)
      good = .computing(requests: requests, deadline: due)
      (quantity, self.price) = (tokens, price)
    default: return nil
    }
    buyer = record.author
    self.seller = seller
    accept = record.identity
    acceptedAt = record.sequence
  }

  private static func isLoss(_ value: CBORValue) -> Bool {
    if let thousandths = value.integer { return (0...500).contains(thousandths) }
    return value.bytes == []
  }

  /// Takes an answer to one of its records, in any order, and works out the row anew.
  mutating func take(_ record: Record) {
    answers.append(record)
    let best = longest(after: Progress(last: accept, most: quantity))
    owed = Credits(millicredits: best.owed)
    owedBy = best.owedBy
  }

  /// The longest row of valid answers; of two as long, the one whose first differing record has
  /// the lower (sequence, identity).
  private func longest(after progress: Progress) -> Progress {
    var best = progress
    let next = answers.filter { $0.link == progress.last }
      .sorted { ($0.sequence, $0.identity) < ($1.sequence, $1.identity) }
    for record in next {
      guard let further = step(record, after: progress) else { continue }
      let end = longest(after: further)
      if end.length > best.length { best = end }
    }
    return best
  }

  /// What a record makes of a contract that has come so far; nil where it is no next step.
  private func step(_ record: Record, after before: Progress) -> Progress? {
    guard let bySeller = side(of: record) else { return nil }
    var next = before
    switch (before.stage, record.kind, bySeller) {
    case (.accepted, .confirm, true) where record.body.isEmpty: next.stage = .confirmed
    case (.confirmed, .cancel, _) where record.body.isEmpty:
      guard bySeller == isComputing else { return nil }
      next.stage = .over
    case (.confirmed, .bind, false) where record.body.isEmpty:
      guard case .energy(let start) = good, record.time < start,
        record.sequence <= acceptedAt + Self.window
      else { return nil }
      next.stage = .bound
    case (.confirmed, .commit, true):
      guard let tokens = tokensCommitted(by: record) else { return nil }
      next.stage = .committed
      next.most = tokens
    case (.committed, .pick, false) where record.body.isEmpty:
      guard record.sequence <= acceptedAt + Self.window else { return nil }
      next.stage = .picked
    case (.bound, .settle, true), (.picked, .settle, true):
      guard settle(record, &next) else { return nil }
    case (.disputed, .settle, true) where before.disputes < Self.mostDisputes:
      guard settle(record, &next) else { return nil }
    case (.settled, .acknowledge, false) where record.body.isEmpty:
      next.owed = before.settledAmount
      next.owedBy = record.identity
      next.stage = .over
    case (.settled, .dispute, false):
      guard dispute(record, &next) else { return nil }
    default: return nil
    }
    next.last = record.identity
    next.length += 1
    return next
  }

  private var isComputing: Bool {
    if case .computing = good { true } else { false }
  }

  /// Whether the seller wrote it to the buyer (true) or the buyer to the seller (false).
  private func side(of record: Record) -> Bool? {
    if record.author == seller, record.peer == buyer { return true }
    return record.author == buyer && record.peer == seller ? false : nil
  }

  private func tokensCommitted(by record: Record) -> Int64? {
    guard case .computing(let requests, let deadline) = good, record.time <= deadline,
      record.body.count == 3, record.body[0].bytes?.count == 32,
      let answered = record.body[1].integer, (0...requests).contains(answered),
      let tokens = record.body[2].integer, (0...quantity).contains(tokens)
    else { return nil }
    return tokens
  }

  /// What so much costs: at most 10⁹ × 10⁹, which an Int64 holds.
  private func cost(of quantity: Int64) -> Int64 { price * quantity / 1_000_000 }

  private func settle(_ record: Record, _ next: inout Progress) -> Bool {
    let fields = record.body
    guard fields.count == (isComputing ? 2 : 4), let quantity = fields[0].integer,
      (0...next.most).contains(quantity), let amount = fields[1].integer,
      amount == cost(of: quantity), amount >= next.owed,
      fields.dropFirst(2).allSatisfy({ $0.bytes?.count == 32 })
    else { return false }
    next.stage = .settled
    (next.settledQuantity, next.settledAmount) = (quantity, amount)
    return true
  }

  private func dispute(_ record: Record, _ next: inout Progress) -> Bool {
    let fields = record.body
    guard fields.count == 3, let quantity = fields[0].integer,
      (0...next.settledQuantity).contains(quantity), let amount = fields[1].integer,
      amount == cost(of: quantity), amount >= next.owed, amount < next.settledAmount,
      let reason = fields[2].integer, (1...5).contains(reason)
    else { return false }
    if amount > next.owed { (next.owed, next.owedBy) = (amount, record.identity) }
    next.disputes += 1
    next.stage = .disputed
    return true
  }
}
