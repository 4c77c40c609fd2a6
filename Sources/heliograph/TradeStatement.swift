import Daemon
import Ledger
import Quantities
import Sealing

/// What moved one party's balances with its neighbours, in the order in which it was said.
struct TradeStatement {
  struct Entry {
    let time: Instant
    let neighbour: PublicKey
    let kind: String
    /// Delivered: Wh or tokens, in words; empty for money.
    let quantity: String
    let unit: String
    /// What the neighbour owes more by it; negative where it owes less, or the party more.
    let amount: Credits
    let balance: Credits

    /// A row of the table.
    func line(name: String) -> String {
      let figures = [amount, balance].map { DecimalText.thousandths($0.rawValue, places: 3) }
      let fields = [TimestampText.text(time), name, kind, quantity, unit] + figures
      return fields.joined(separator: ",")
    }
  }

  static let heading = "time,neighbour,kind,quantity,unit,amount,balance"

  private let party: PublicKey
  private var books: [[UInt8]: Accounts] = [:]
  private var balances: [PublicKey: Credits] = [:]
  private(set) var entries: [Entry] = []

  init(of party: PublicKey) { self.party = party }

  /// Takes the next record of the ledger, whoever wrote it.
  mutating func take(_ record: Record) {
    let moved = books[record.community, default: Accounts(mostWaiting: .max)].apply(record)
    let isCircle = record.kind == .net || record.kind == .agree
    guard record.author == party || record.peer == party || isCircle else { return }
    var partners: Set<PublicKey> = []
    for accounts in books.values { partners.formUnion(accounts.partners(of: party)) }
    for partner in partners.sorted() {
      let balance = books.values.reduce(Credits.zero) {
        $0 + $1.balance(of: party, with: partner)
      }
      let change = balance - balances[partner, default: .zero]
      guard change != .zero else { continue }
      balances[partner] = balance
      let contract = moved.last { $0.counterpart(of: party) == partner }
      entries.append(Self.entry(record, partner, contract, change, balance))
    }
  }

  private static func entry(
    _ record: Record, _ partner: PublicKey, _ contract: Contract?, _ change: Credits,
    _ balance: Credits
  ) -> Entry {
    var kind: String
    switch record.kind {
    case .receipt: kind = "receipt"
    // What a checkpoint states comes in at once, when both have signed it.
    case .checkpoint, .countersign: kind = "old trades"
    default: kind = "circle"
    }
    var quantity = ""
    var unit = ""
    if let contract {
      let isEnergy = contract.energyTerms != nil
      kind = isEnergy ? "energy" : "computing"
      if contract.stage == .acknowledged, let settled = contract.settlement?.quantity {
        quantity = isEnergy ? DecimalText.thousandths(settled, places: 3) : "\(settled)"
        unit = isEnergy ? "Wh" : "tokens"
      } else {
        kind += " in part"
      }
    }
    return Entry(
      time: record.time, neighbour: partner, kind: kind, quantity: quantity, unit: unit,
      amount: change, balance: balance)
  }
}
