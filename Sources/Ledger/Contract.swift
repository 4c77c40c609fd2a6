import Quantities
import Sealing

/// A contract as the records of buyer and seller tell it.
///
/// Each record links the one before it, so each end proves what the other end had agreed to, and no
/// chain is ever locked. `ContractState` says what follows what, `Protocol.md` shows it as tables.
///
/// Records may arrive in any order, and a side that forks its chain may have answered twice. So
/// that all who know the same records see the same contract, the longest row of valid answers
/// counts; of two as long, the one whose first differing record has the lower (sequence, identity).
public struct Contract: Hashable, Sendable {
  /// Identity of the buyer's ACCEPT.
  public let identifier: Digest
  public let buyer: PublicKey
  public let seller: PublicKey
  /// Identity of the seller's OFFER or QUOTE.
  public let offer: Digest
  public let terms: ContractTerms
  /// The ACCEPT's place in the buyer's chain.
  public let sequence: Int64
  /// The buyer's clock when it wrote the ACCEPT.
  public let time: Instant
  /// What the row of records that counts has brought.
  public private(set) var state: ContractState
  /// The records of that row after the ACCEPT: each answers the one before.
  private(set) var steps: [ContractStep] = []
  /// Valid answers that do not count: those of a forked chain, or a second answer to one record.
  private(set) var alternatives: [ContractAnswer] = []

  /// The most answers that are kept beside those that count: only who forks without end has more.
  static let maximumAlternatives = 256

  /// The contract that an ACCEPT opens; nil when the record is none or out of range.
  public init?(accept record: Record) {
    guard record.kind == .accept, let seller = record.peer, seller != record.author,
      let offer = record.link, let terms = ContractTerms(body: record.body)
    else { return nil }
    self.init(
      identifier: record.identity, buyer: record.author, seller: seller, offer: offer,
      terms: terms, sequence: record.sequence, time: record.time)
  }

  init(
    identifier: Digest, buyer: PublicKey, seller: PublicKey, offer: Digest, terms: ContractTerms,
    sequence: Int64, time: Instant, steps: [ContractStep] = [],
    alternatives: [ContractAnswer] = []
  ) {
    self.identifier = identifier
    self.buyer = buyer
    self.seller = seller
    self.offer = offer
    self.terms = terms
    self.sequence = sequence
    self.time = time
    state = ContractState(accept: identifier)
    self.steps = steps
    self.alternatives = alternatives
    for step in steps { _ = state.take(step, of: terms, acceptedAt: sequence) }
  }

  public var stage: ContractState.Stage { state.stage }
  /// Identity of the record that brought the present stage.
  public var last: Digest { state.last }
  public var settlement: ContractState.Settlement? { state.settlement }

  /// Who writes the next record; nil when it is over.
  public var nextAuthor: PublicKey? {
    state.nextIsSeller(of: terms).map { $0 ? seller : buyer }
  }

  /// Who is owed for it, and by whom.
  var pair: CreditPair { CreditPair(creditor: seller, debtor: buyer) }

  /// The other side than `party`; nil for a stranger.
  public func counterpart(of party: PublicKey) -> PublicKey? {
    if party == buyer { return seller }
    return party == seller ? buyer : nil
  }

  /// The terms if energy is traded.
  public var energyTerms: EnergyTerms? {
    EnergyTerms(terms)
  }

  /// The terms if computing is traded.
  public var computingTerms: ComputingTerms? {
    ComputingTerms(terms)
  }

  /// Applies an answer to one of its records; returns false when the contract stays as it was.
  public mutating func apply(_ record: Record) -> Bool {
    guard let answer = ContractAnswer(record, of: self) else { return false }
    if answer.link == last {
      guard state.take(answer.step, of: terms, acceptedAt: sequence) else { return false }
      steps.append(answer.step)
      // An answer to this one may have been here before it, by way of another branch.
      if !alternatives.isEmpty { choose() }
      return true
    }
    guard alternatives.count < Self.maximumAlternatives, !answers.contains(answer),
      isValid(answer)
    else { return false }
    let before = last
    alternatives.append(answer)
    choose()
    return last != before
  }

  /// The records of the row that counts, then those that do not.
  private var answers: [ContractAnswer] { Self.row(steps, after: identifier) + alternatives }

  /// Steps of which each answers the one before.
  private static func row(
    _ steps: [ContractStep], after first: Digest
  ) -> [ContractAnswer] {
    var link = first
    return steps.map { step in
      defer { link = step.identity }
      return ContractAnswer(step, to: link)
    }
  }

  /// Whether an answer is to one of the contract's records, and as that may be answered.
  private func isValid(_ answer: ContractAnswer) -> Bool {
    let all = answers
    var row = [answer]
    while let first = row.first, first.link != identifier {
      guard row.count <= all.count,
        let before = all.first(where: { $0.step.identity == first.link })
      else { return false }
      row.insert(before, at: 0)
    }
    var state = ContractState(accept: identifier)
    return row.allSatisfy { state.take($0.step, of: terms, acceptedAt: sequence) }
  }

  /// Finds the row that counts among all the answers.
  private mutating func choose() {
    let all = answers
    let best = row(after: ContractState(accept: identifier), among: all)
    let row = Self.row(best.steps, after: identifier)
    steps = best.steps
    state = best.state
    alternatives = all.filter { !row.contains($0) }.sorted(by: ContractAnswer.isBefore)
  }

  private func row(
    after state: ContractState, among all: [ContractAnswer]
  ) -> (state: ContractState, steps: [ContractStep]) {
    var best = (state: state, steps: [ContractStep]())
    let answers = all.filter { $0.link == state.last }.sorted(by: ContractAnswer.isBefore)
    for answer in answers {
      var next = state
      guard next.take(answer.step, of: terms, acceptedAt: sequence) else { continue }
      let rest = row(after: next, among: all)
      if rest.steps.count + 1 > best.steps.count {
        best = (rest.state, [answer.step] + rest.steps)
      }
    }
    return best
  }

  /// How many records after its ACCEPT it has, those that do not count among them.
  var recordCount: Int { steps.count + alternatives.count }

  /// Identities of its records, those that do not count among them.
  var identities: [Digest] {
    [identifier] + answers.map(\.step.identity)
  }

  /// Whether a record with this identity is one of them.
  func has(_ record: Digest) -> Bool {
    record == identifier || steps.contains { $0.identity == record }
      || alternatives.contains { $0.step.identity == record }
  }
}
