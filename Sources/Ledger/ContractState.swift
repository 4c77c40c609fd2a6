import Quantities
import Sealing

/// How far a contract has come, and which record brings it further.
///
/// In each stage one side alone writes the next record:
///
///     energy     ACCEPT → CONFIRM → BIND → SETTLE → ACKNOWLEDGE
///     computing  ACCEPT → CONFIRM → COMMIT → PICK → SETTLE → ACKNOWLEDGE
///
/// Instead of BIND (energy) or COMMIT (computing) its author may CANCEL. Instead of ACKNOWLEDGE the
/// buyer may DISPUTE and say what is not in doubt; then the seller may SETTLE anew.
public struct ContractState: Hashable, Sendable {
  public enum Stage: Int64, Hashable, Sendable {
    case accepted, confirmed, bound, committed, picked, settled, disputed, acknowledged, cancelled
  }

  /// What the seller's SETTLE states.
  public struct Settlement: Hashable, Sendable {
    /// Delivered: mWh, or tokens.
    public let quantity: Int64
    public let amount: Credits
    /// For energy the identities of the seller's and the buyer's METER statement; else none.
    public let statements: [Digest]

    public init(quantity: Int64, amount: Credits, statements: [Digest] = []) {
      self.quantity = quantity
      self.amount = amount
      self.statements = statements
    }

    public var energy: Energy { Energy(rawValue: quantity) }

    /// The body of a SETTLE record.
    public var body: [CBORValue] {
      [.integer(quantity), .integer(amount.rawValue)] + statements.map { .bytes($0.bytes) }
    }
  }

  /// What the provider's COMMIT fixes before it knows what will be looked at.
  public struct Commitment: Hashable, Sendable {
    /// Identity of the COMMIT.
    public let record: Digest
    /// Root over the results; see `ResultTree`.
    public let root: Digest
    /// Requests that were answered.
    public let answered: Int64
    /// Output tokens of all answers.
    public let tokens: Int64

    public init(record: Digest, root: Digest, answered: Int64, tokens: Int64) {
      self.record = record
      self.root = root
      self.answered = answered
      self.tokens = tokens
    }

    /// The body of a COMMIT record.
    public var body: [CBORValue] {
      [.bytes(root.bytes), .integer(answered), .integer(tokens)]
    }
  }

  /// Why a buyer disputes.
  public enum Reason: Int64, Hashable, Sendable, CaseIterable {
    /// The meters at both ends differ by more than they may.
    case meters = 1
    /// More tokens are claimed than the results hold.
    case tokens = 2
    /// The results do not match what the COMMIT fixed, or are missing.
    case results = 3
    /// What was computed again came out otherwise: another model, or none.
    case audit = 4
    /// The settlement names other statements, or figures that they do not bear out.
    case figures = 5
  }

  /// A BIND or a PICK counts at most this many records after its ACCEPT in the buyer's chain.
  ///
  /// So everybody knows at the same place of that chain, and not by any clock, that an ACCEPT
  /// nobody was bound by is over for good, and may forget it.
  public static let window: Int64 = 4096
  /// How often one contract may be disputed.
  public static let maximumDisputes = 8

  public private(set) var stage = Stage.accepted
  /// Identity of the record that brought the present stage.
  public private(set) var last: Digest
  public private(set) var settlement: Settlement?
  private var audit = Audit.none
  /// What has moved the balance: the acknowledged amount, or what a dispute left out of doubt.
  public private(set) var owed = Credits.zero
  /// What of it was delivered for that: mWh, or tokens.
  public private(set) var owedQuantity: Int64 = 0
  /// Where in the buyer's chain that was said.
  public private(set) var owedSince: Int64 = 0
  public private(set) var disputes = 0
  /// Why it was last disputed.
  public private(set) var reason: Reason?

  /// What only computing has: it lies elsewhere, so that contracts for energy have no room for it.
  private enum Audit: Hashable, Sendable {
    case none
    indirect case committed(Commitment)
    indirect case picked(Commitment, pick: Digest)
  }

  init(accept: Digest) { last = accept }

  public var commitment: Commitment? {
    switch audit {
    case .none: nil
    case .committed(let commitment), .picked(let commitment, _): commitment
    }
  }

  /// Identity of the PICK, which the audited requests follow from.
  public var pick: Digest? {
    if case .picked(_, let pick) = audit { pick } else { nil }
  }

  /// Whether the seller writes the next record, or the buyer; nil when it is over.
  func nextIsSeller(of terms: ContractTerms) -> Bool? {
    switch stage {
    case .accepted, .bound, .picked: true
    case .confirmed: if case .energy = terms { false } else { true }
    case .committed, .settled: false
    case .disputed: disputes < Self.maximumDisputes ? true : nil
    case .acknowledged, .cancelled: nil
    }
  }

  /// Takes an answer to the last record; returns false and stays as it is when it is none.
  mutating func take(_ step: ContractStep, of terms: ContractTerms, acceptedAt: Int64) -> Bool {
    guard nextIsSeller(of: terms) == step.bySeller,
      advance(by: step, of: terms, acceptedAt: acceptedAt)
    else { return false }
    last = step.identity
    return true
  }

  private mutating func advance(
    by step: ContractStep, of terms: ContractTerms, acceptedAt: Int64
  ) -> Bool {
    switch (stage, step.kind) {
    case (.accepted, .confirm): stage = .confirmed
    case (.confirmed, .cancel): stage = .cancelled
    case (.confirmed, .bind):
      guard case .energy(let energy) = terms, step.time < energy.slot.start,
        step.sequence <= acceptedAt + Self.window
      else { return false }
      stage = .bound
    case (.confirmed, .commit):
      guard case .computing(let computing) = terms, step.time <= computing.deadline,
        let commitment = Commitment(step, of: computing)
      else { return false }
      audit = .committed(commitment)
      stage = .committed
    case (.committed, .pick):
      guard let commitment, step.sequence <= acceptedAt + Self.window else { return false }
      audit = .picked(commitment, pick: step.identity)
      stage = .picked
    case (.bound, .settle), (.picked, .settle), (.disputed, .settle):
      guard case .settlement(let settlement) = step.content, mayStand(settlement, of: terms)
      else { return false }
      self.settlement = settlement
      stage = .settled
    case (.settled, .acknowledge):
      owe(settlement?.amount ?? .zero, for: settlement?.quantity ?? 0, by: step)
      stage = .acknowledged
    case (.settled, .dispute): return dispute(step, of: terms)
    default: return false
    }
    return true
  }

  private mutating func owe(_ amount: Credits, for quantity: Int64, by step: ContractStep) {
    owed = amount
    owedQuantity = quantity
    owedSince = step.sequence
  }

  /// A DISPUTE: [quantity and amount that are not in doubt, reason].
  private mutating func dispute(_ step: ContractStep, of terms: ContractTerms) -> Bool {
    guard let settlement, case .dispute(let quantity, let amount, let code) = step.content,
      (0...settlement.quantity).contains(quantity), terms.cost(of: quantity).rawValue == amount,
      (owed..<settlement.amount).contains(Credits(rawValue: amount)),
      let reason = Reason(rawValue: code)
    else { return false }
    if amount > owed.rawValue { owe(Credits(rawValue: amount), for: quantity, by: step) }
    self.reason = reason
    disputes += 1
    stage = .disputed
    return true
  }

  /// Whether a SETTLE's figures stay within what was agreed and committed to, and state no less
  /// than a dispute has left out of doubt.
  private func mayStand(_ settlement: Settlement, of terms: ContractTerms) -> Bool {
    let most = commitment?.tokens ?? terms.quantity
    return settlement.statements.count == (commitment == nil ? 2 : 0)
      && (0...most).contains(settlement.quantity)
      && terms.cost(of: settlement.quantity) == settlement.amount && settlement.amount >= owed
  }
}

extension ContractState.Commitment {
  fileprivate init?(_ step: ContractStep, of terms: ComputingTerms) {
    guard case .commitment(let root, let answered, let tokens) = step.content,
      (0...terms.requests).contains(answered), (0...terms.tokens).contains(tokens)
    else { return nil }
    self.init(record: step.identity, root: root, answered: answered, tokens: tokens)
  }
}

/// What a contract may still come to, by a clock. No clock decides what a record is worth.
extension Contract {
  /// How long after delivery was due a contract may wait for its settlement: seven days.
  public static let settlementTimeOut = TimeSpan(minutes: 7 * 1440)

  /// Whether it can still become binding or be settled at `now`.
  ///
  /// Energy that was not bound when its slot began has lapsed, computing that was not committed to
  /// by its deadline, and what was not settled within seven days: nobody owes anything.
  public func isLive(at now: Instant) -> Bool {
    switch (stage, terms) {
    case (.accepted, .energy(let terms)), (.confirmed, .energy(let terms)):
      now < terms.slot.start
    case (.accepted, .computing(let terms)), (.confirmed, .computing(let terms)):
      now < terms.deadline
    case (.bound, _), (.committed, _), (.picked, _): now < lapse
    case (.settled, _): true
    case (.disputed, _): true
    case (.acknowledged, _), (.cancelled, _): false
    }
  }

  /// When it lapses unless it is settled: seven days after delivery is due.
  var lapse: Instant { terms.due + Self.settlementTimeOut }

  /// The most that the buyer may come to owe for it, beyond what already moved the balance.
  public func exposure(at now: Instant) -> Credits {
    guard isLive(at: now), stage != .accepted else { return .zero }
    return (settlement?.amount ?? terms.cost) - state.owed
  }

  /// Whether the buyer has let it lapse although something may have been delivered: it gave no
  /// meter statement, or picked nothing.
  public func wasLeftUnsettled(at now: Instant) -> Bool {
    (stage == .bound || stage == .committed) && !isLive(at: now)
  }
}
