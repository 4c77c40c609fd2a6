import Ledger
import Quantities
import Sealing

/// A circle of debts that is to be taken off, as the records of its parties tell it.
struct RecordedCircle: Sendable {
  let identity: Digest
  let amount: Credits
  private let until: Instant
  let parties: [PublicKey]
  private var agreed: Set<PublicKey>

  init?(_ record: Record) {
    guard record.kind == .net, record.link == nil, (5...10).contains(record.body.count),
      let amount = record.body[0].integer, amount > 0, let until = record.body[1].integer
    else { return nil }
    let parties = record.body[2...].compactMap { $0.bytes.flatMap(PublicKey.init) }
    guard parties.count == record.body.count - 2, Set(parties).count == parties.count,
      parties.first == record.author, parties[1] == record.peer
    else { return nil }
    identity = record.identity
    self.amount = Credits(rawValue: amount)
    self.until = Instant(rawValue: until)
    self.parties = parties
    agreed = [record.author]
  }

  /// Takes an AGREE; false when it is none of this circle, or known.
  mutating func take(_ record: Record) -> Bool {
    guard record.peer == parties[0], parties.contains(record.author), record.body.isEmpty,
      record.time <= until, !isComplete
    else { return false }
    return agreed.insert(record.author).inserted
  }

  var isComplete: Bool { agreed.count == parties.count }
}
