import Ledger
import Quantities
import Sealing

/// A circle of debts that is taken off once all its parties have signed: a NET and its AGREEs.
struct RecountedCircle: Sendable {
  let amount: Credits
  /// Each owes the next, the last the first.
  let parties: [PublicKey]
  private var unsigned: Set<PublicKey>

  /// Nil when the record is no NET, or has no effect.
  init?(net record: Record) {
    let fields = record.body
    guard record.kind == .net, record.link == nil, (5...10).contains(fields.count),
      let amount = fields[0].integer, (1...1_000_000_000).contains(amount),
      let until = fields[1].integer, (0...magnitudeLimit).contains(until)
    else { return nil }
    let parties = fields.dropFirst(2).compactMap { $0.bytes.flatMap(PublicKey.init) }
    guard parties.count == fields.count - 2, Set(parties).count == parties.count,
      record.author == parties[0], record.peer == parties[1]
    else { return nil }
    self.amount = Credits(millicredits: amount)
    self.parties = parties
    unsigned = Set(parties.dropFirst())
  }

  /// Takes an AGREE; true when with it the last of them has signed.
  mutating func take(_ record: Record) -> Bool {
    guard record.kind == .agree, record.peer == parties[0], record.body.isEmpty,
      unsigned.remove(record.author) != nil
    else { return false }
    return unsigned.isEmpty
  }
}
