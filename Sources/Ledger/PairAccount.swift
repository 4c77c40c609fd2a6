import Quantities
import Sealing

/// What stands between a creditor and a debtor in one direction.
///
/// Two neighbours have two of them; the difference of what is owed is their balance.
struct PairAccount: Sendable {
  /// Acknowledged amounts, less what was receipted and netted; below zero after a payment ahead.
  private(set) var owed = Credits.zero
  /// What the creditor has receipted, all in all.
  private var receipted = Credits.zero
  /// What contracts have moved since the checkpoint.
  private(set) var sold = ContractTotals()
  private(set) var rule: LimitRule?
  private(set) var ruleSince: RecordPlace?
  /// When the creditor last stated the limit, by its own clock.
  private(set) var ruleTime: Instant?
  /// What the debtor has given since then.
  private(set) var given = Credits.zero
  /// What of that were contracts in which the creditor bought.
  private(set) var bought = ContractTotals()
  private(set) var claim: DefaultClaim?
  private var claimSince: RecordPlace?
  /// Payments that the debtor says it made and that no receipt names, oldest first.
  private(set) var payments: [OpenPayment] = []

  /// What of it the debtor has signed: below zero only by circles that it agreed to.
  ///
  /// Where the creditor has receipted more than was owed, that is its word alone.
  var signed: Credits { max(owed, min(.zero, owed + receipted)) }

  /// The most payments that wait for a receipt; the oldest give way.
  static let maximumPayments = 64

  init() {}

  var limit: Credits { rule?.inForce(given: given) ?? .zero }

  /// A LIMIT: the latest of the creditor's chain counts.
  mutating func state(_ rule: LimitRule, at place: RecordPlace, time: Instant) {
    guard ruleSince.map({ $0 < place }) ?? true else { return }
    self.rule = rule
    ruleSince = place
    ruleTime = time
    given = .zero
    bought.startOver()
  }

  /// A contract in which the creditor sold has moved so much; nothing where a checkpoint covers it.
  ///
  /// - Parameter accept: the place of its ACCEPT in the debtor's chain.
  mutating func sell(_ amount: Credits, acceptedAt accept: Int64) {
    owed += sold.add(amount, acceptedAt: accept)
  }

  /// A contract in which the creditor bought has moved so much: the debtor has given it.
  ///
  /// - Parameters:
  ///   - accept: the place of its ACCEPT in the creditor's chain.
  ///   - sequence: where the creditor said so.
  mutating func buy(_ amount: Credits, acceptedAt accept: Int64, saidAt sequence: Int64) {
    guard let ruleSince, sequence > ruleSince.sequence else { return }
    given += bought.add(amount, acceptedAt: accept)
  }

  /// A circle of debts was taken off.
  mutating func takeOff(_ amount: Credits) { owed -= amount }

  /// Both sides have stated what the contracts before a place came to.
  ///
  /// - Parameters:
  ///   - sold: those in which the creditor sold, by their ACCEPT's place in the debtor's chain.
  ///   - bought: those in which it bought, by that in its own: what they gave since the LIMIT that
  ///     was in force at `sequence` of its chain.
  mutating func cover(
    sold: CheckpointTotal, bought: CheckpointTotal, saidAt sequence: Int64
  ) {
    owed += self.sold.cover(sold)
    // A later LIMIT has begun to count anew.
    let counts = ruleSince.map { $0.sequence < sequence } ?? false
    given += self.bought.cover(
      CheckpointTotal(
        reach: bought.reach, amount: counts ? bought.amount : .zero, stamp: bought.stamp))
  }

  /// A DEFAULT: the latest of the creditor's chain counts, and one of zero takes it back.
  mutating func claim(_ claim: DefaultClaim, at place: RecordPlace) {
    guard claimSince.map({ $0 < place }) ?? true else { return }
    claimSince = place
    self.claim = claim.amount > .zero ? claim : nil
  }

  mutating func pay(_ payment: OpenPayment) {
    payments.append(payment)
    if payments.count > Self.maximumPayments { payments.removeFirst() }
  }

  /// A RECEIPT of the creditor's.
  mutating func receipt(_ amount: Credits, of payment: Digest?, saidAt sequence: Int64) {
    owed -= amount
    receipted += amount
    if let ruleSince, sequence > ruleSince.sequence { given += amount }
    if let payment { payments.removeAll { $0.identity == payment } }
  }
}

/// A creditor's word that a debtor has not paid. It moves no balance; it can be taken back.
public struct DefaultClaim: Hashable, Sendable {
  public let amount: Credits
  /// When it was written, by the creditor's clock.
  public let time: Instant
}

/// Money that a debtor says it has given outside the ledger, and that nobody has receipted yet.
public struct OpenPayment: Hashable, Sendable {
  /// Identity of the PAYMENT.
  public let identity: Digest
  public let amount: Credits
  public let time: Instant
}

extension PairAccount {
  /// For the snapshot.
  var encoded: CBORValue {
    func place(_ place: RecordPlace?) -> CBORValue {
      .array(place.map { [.integer($0.sequence), .bytes($0.identity.bytes)] } ?? [])
    }
    return .array([
      .integer(owed.rawValue), .array(rule?.body ?? []), place(ruleSince),
      .integer(ruleTime?.rawValue ?? 0), .integer(given.rawValue),
      .array(claim.map { [.integer($0.amount.rawValue), .integer($0.time.rawValue)] } ?? []),
      place(claimSince),
      .array(
        payments.map {
          .array([
            .bytes($0.identity.bytes), .integer($0.amount.rawValue), .integer($0.time.rawValue),
          ])
        }),
      sold.encoded, bought.encoded, .integer(receipted.rawValue),
    ])
  }

  init?(_ value: CBORValue) {
    guard let fields = value.array, fields.count == 11, let owed = fields[0].integer,
      let rule = fields[1].array, let ruleSince = fields[2].array,
      let ruleTime = fields[3].integer, let given = fields[4].integer,
      let claim = fields[5].array, let claimSince = fields[6].array,
      let payments = fields[7].array, let sold = ContractTotals(fields[8]),
      let bought = ContractTotals(fields[9]), let receipted = fields[10].integer
    else { return nil }
    self.receipted = Credits(rawValue: receipted)
    self.sold = sold
    self.bought = bought
    self.owed = Credits(rawValue: owed)
    self.rule = LimitRule(body: rule)
    self.ruleSince = RecordPlace(ruleSince)
    self.ruleTime = self.rule == nil ? nil : Instant(rawValue: ruleTime)
    self.given = Credits(rawValue: given)
    if claim.count == 2, let amount = claim[0].integer, let time = claim[1].integer {
      self.claim = DefaultClaim(
        amount: Credits(rawValue: amount), time: Instant(rawValue: time))
    }
    self.claimSince = RecordPlace(claimSince)
    for payment in payments {
      guard let fields = payment.array, fields.count == 3,
        let identity = fields[0].bytes.flatMap(Digest.init), let amount = fields[1].integer,
        let time = fields[2].integer
      else { return nil }
      self.payments.append(
        OpenPayment(
          identity: identity, amount: Credits(rawValue: amount), time: Instant(rawValue: time)))
    }
  }
}
