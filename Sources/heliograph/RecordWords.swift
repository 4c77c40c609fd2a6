import Daemon
import Ledger
import Quantities
import Sealing

/// A record in the words of a person: when, who to whom, what, with which figures.
struct RecordWords {
  /// What the household calls its neighbours and itself.
  let names: [PublicKey: String]

  /// The name, or the first digits of the key.
  func name(_ key: PublicKey) -> String { names[key] ?? key.short }

  /// - Parameter contract: the one that the record is a part of, if it is.
  func line(_ record: Record, _ contract: Contract?) -> String {
    let kind = record.kind.map { "\($0)".uppercased() } ?? "kind \(record.kindNumber)"
    let peer = record.peer.map { " to \(name($0))" } ?? ""
    let figures = figures(of: record, contract)
    let part = contract.map { " (contract \($0.identifier.short), \($0.stage))" } ?? ""
    return "\(TimestampText.text(record.time)) \(name(record.author)) \(record.sequence)\(peer): "
      + kind + (figures.isEmpty ? "" : ": \(figures)") + part
  }

  private func figures(of record: Record, _ contract: Contract?) -> String {
    let numbers = record.body.map(\.integer)
    func number(_ index: Int) -> Int64? { index < numbers.count ? numbers[index] : nil }
    func credits(_ index: Int) -> String {
      number(index).map { DecimalText.thousandths($0, places: 3) } ?? "?"
    }
    switch record.kind {
    case .accept: return ContractTerms(body: record.body).map(Self.text) ?? "unknown terms"
    case .settle: return "\(quantity(number(0), contract)) for \(credits(1))"
    case .dispute:
      let reason = number(2).flatMap(ContractState.Reason.init).map { "\($0)" } ?? "?"
      return "\(quantity(number(0), contract)) for \(credits(1)) are not in doubt; \(reason)"
    case .commit: return "\(number(1) ?? 0) answers, \(number(2) ?? 0) tokens"
    case .limit where numbers.count == 3:
      return "may owe \(credits(0)), and \(number(1) ?? 0) thousandths of what it gives, "
        + "to \(credits(2))"
    case .limit: return "may owe \(credits(0))"
    case .payment, .receipt, .default: return credits(0)
    case .net:
      let parties = record.body.compactMap { $0.bytes.flatMap(PublicKey.init) }.map(name)
      return "\(credits(0)) around \(parties.joined(separator: " → "))"
    case .checkpoint:
      return "what was accepted before \(number(0) ?? 0) and \(number(1) ?? 0) came to "
        + "\(credits(2)) sold and \(credits(3)) bought"
    case .confirm, .countersign, .bind, .acknowledge, .cancel, .pick, .agree, nil: return ""
    }
  }

  private func quantity(_ number: Int64?, _ contract: Contract?) -> String {
    guard let number else { return "?" }
    guard let contract else { return "\(number)" }
    return contract.energyTerms == nil
      ? "\(number) tokens" : Energy(milliwattHours: number).text
  }

  private static func text(_ terms: ContractTerms) -> String {
    switch terms {
    case .energy(let terms):
      return "\(terms.energy.text) from \(TimestampText.text(terms.slot.start)) on, "
        + "\(terms.price.text) a kWh"
    case .computing(let terms):
      let price = DecimalText.thousandths(terms.price.rawValue, places: 2)
      return "\(terms.tokens) tokens of \(terms.requests) requests by "
        + "\(TimestampText.text(terms.deadline)), \(price) a million"
    }
  }
}
