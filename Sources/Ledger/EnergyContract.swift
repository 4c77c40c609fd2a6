import Quantities
import Sealing

/// A contract for energy: what is common to all contracts and its own terms in one.
@dynamicMemberLookup
public struct EnergyContract: Hashable, Sendable {
  public let contract: Contract
  public let terms: EnergyTerms

  /// nil when the contract is for something else.
  public init?(_ contract: Contract) {
    guard let terms = contract.energyTerms else { return nil }
    self.contract = contract
    self.terms = terms
  }

  public subscript<Value>(dynamicMember path: KeyPath<Contract, Value>) -> Value {
    contract[keyPath: path]
  }

  public subscript<Value>(dynamicMember path: KeyPath<EnergyTerms, Value>) -> Value {
    terms[keyPath: path]
  }

  /// The other side than `party`; nil for a stranger.
  public func counterpart(of party: PublicKey) -> PublicKey? { contract.counterpart(of: party) }

  /// Whether it can still become binding or be settled at `now`.
  public func isLive(at now: Instant) -> Bool { contract.isLive(at: now) }
}
