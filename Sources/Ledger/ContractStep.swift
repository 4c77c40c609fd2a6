import Quantities
import Sealing

/// One record of a contract after its ACCEPT, as far as the contract needs it.
///
/// Which record it answers is left out: in a row that is the one before.
struct ContractStep: Hashable, Sendable {
  let identity: Digest
  /// Its place in its author's chain.
  let sequence: Int64
  let time: Instant
  let content: Content
  let kind: Record.Kind
  let bySeller: Bool

  /// nil when a record of this kind has no such body.
  init?(
    identity: Digest, kind: Record.Kind, bySeller: Bool, sequence: Int64, time: Instant,
    body: [CBORValue]
  ) {
    guard let content = Content(body, of: kind) else { return nil }
    self.identity = identity
    self.sequence = sequence
    self.time = time
    self.content = content
    self.kind = kind
    self.bySeller = bySeller
  }
}

/// A step and the record that it answers.
struct ContractAnswer: Hashable, Sendable {
  /// Identity of the record that it answers.
  let link: Digest
  let step: ContractStep

  init(_ step: ContractStep, to link: Digest) {
    self.link = link
    self.step = step
  }

  /// nil when the record is by a stranger to the contract, not addressed to the other side, or has
  /// a body that no record of its kind has.
  init?(_ record: Record, of contract: Contract) {
    guard let kind = record.kind, let link = record.link,
      let other = contract.counterpart(of: record.author), record.peer == other,
      let step = ContractStep(
        identity: record.identity, kind: kind, bySeller: record.author == contract.seller,
        sequence: record.sequence, time: record.time, body: record.body)
    else { return nil }
    self.init(step, to: link)
  }

  /// Of two that answer one record the earlier one counts.
  static func isBefore(_ left: ContractAnswer, _ right: ContractAnswer) -> Bool {
    (left.step.sequence, left.step.identity) < (right.step.sequence, right.step.identity)
  }
}

extension ContractStep {
  /// What a step says beyond its kind.
  ///
  /// Typed, as thousands of steps are remembered: the values of CBOR that a body is made of take
  /// three times the room. Most steps say nothing, so what one says lies elsewhere.
  enum Content: Hashable, Sendable {
    case nothing
    indirect case settlement(ContractState.Settlement)
    indirect case commitment(root: Digest, answered: Int64, tokens: Int64)
    indirect case dispute(quantity: Int64, amount: Int64, reason: Int64)

    /// nil when no record of this kind that counts has such a body, whatever its contract.
    fileprivate init?(_ body: [CBORValue], of kind: Record.Kind) {
      switch kind {
      case .confirm, .bind, .acknowledge, .cancel, .pick:
        guard body.isEmpty else { return nil }
        self = .nothing
      case .settle:
        guard let settlement = ContractState.Settlement(body) else { return nil }
        self = .settlement(settlement)
      case .commit:
        guard body.count == 3, let root = body[0].bytes.flatMap(Digest.init),
          let answered = body[1].integer, let tokens = body[2].integer
        else { return nil }
        self = .commitment(root: root, answered: answered, tokens: tokens)
      case .dispute:
        guard body.count == 3, let quantity = body[0].integer, let amount = body[1].integer,
          let reason = body[2].integer
        else { return nil }
        self = .dispute(quantity: quantity, amount: amount, reason: reason)
      case .accept, .limit, .payment, .receipt, .default, .net, .agree, .checkpoint,
        .countersign:
        return nil
      }
    }
  }
}

extension ContractState.Settlement {
  /// nil when these are not a quantity, an amount, and two statements or none.
  fileprivate init?(_ body: [CBORValue]) {
    guard body.count == 2 || body.count == 4, let quantity = body[0].integer,
      let amount = body[1].integer
    else { return nil }
    let statements = body[2...].compactMap { $0.bytes.flatMap(Digest.init) }
    guard statements.count == body.count - 2 else { return nil }
    self.init(quantity: quantity, amount: Credits(rawValue: amount), statements: statements)
  }
}
