import Ledger
import Quantities
import Sealing

/// Contracts and balances worked out from a heap of records alone, in any order.
///
/// Deliberately not the station's way of keeping books: two ways to the same figures are a check,
/// one way twice is none.
public struct RecountedAccounts: Sendable {
  /// Every contract that an ACCEPT among the records opens, as far as the records bring it; in
  /// order of identifier.
  public let contracts: [Contract]

  /// Reads `records`, each once and verified.
  public init(of records: [Record]) {
    var answers: [Digest: [Record]] = [:]
    var opened: [Contract] = []
    for record in records {
      if let contract = Contract(accept: record) {
        opened.append(contract)
      } else if let link = record.link {
        answers[link, default: []].append(record)
      }
    }
    contracts = opened.map { contract in
      var contract = contract
      while let next = answers[contract.last]?.first(where: { contract.accepts($0) }) {
        guard contract.apply(next) else { break }
      }
      return contract
    }.sorted { $0.identifier < $1.identifier }
  }

  /// What `party` is owed by everyone together; negative is what it owes.
  public func balance(of party: PublicKey) -> Credits {
    contracts.reduce(.zero) { $0 + Self.amount($1, for: party) }
  }

  /// Identities of the contracts that both sides have signed off.
  public var settled: Set<Digest> {
    Set(contracts.filter { $0.stage == .acknowledged }.map(\.identifier))
  }

  /// What `party` is owed by `other`, counting only the contracts in `scope` where one is given.
  public func balance(
    of party: PublicKey, with other: PublicKey, within scope: Set<Digest>? = nil
  ) -> Credits {
    contracts
      .filter { $0.counterpart(of: party) == other && scope?.contains($0.identifier) ?? true }
      .reduce(.zero) { $0 + Self.amount($1, for: party) }
  }

  private static func amount(_ contract: Contract, for party: PublicKey) -> Credits {
    if party == contract.seller { return contract.state.owed }
    return party == contract.buyer ? -contract.state.owed : .zero
  }
}

extension Contract {
  /// Whether `record` would be its next step.
  fileprivate func accepts(_ record: Record) -> Bool {
    var copy = self
    return copy.apply(record)
  }
}
