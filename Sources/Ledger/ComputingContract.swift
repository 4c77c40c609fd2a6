import Quantities
import Sealing

/// A contract for computing: what is common to all contracts and its own terms in one.
@dynamicMemberLookup
public struct ComputingContract: Hashable, Sendable {
  public let contract: Contract
  public let terms: ComputingTerms

  /// nil when the contract is for something else.
  public init?(_ contract: Contract) {
    guard let terms = contract.computingTerms else { return nil }
    self.contract = contract
    self.terms = terms
  }

  public subscript<Value>(dynamicMember path: KeyPath<Contract, Value>) -> Value {
    contract[keyPath: path]
  }

  public subscript<Value>(dynamicMember path: KeyPath<ComputingTerms, Value>) -> Value {
    terms[keyPath: path]
  }

  /// The other side than `party`; nil for a stranger.
  public func counterpart(of party: PublicKey) -> PublicKey? { contract.counterpart(of: party) }

  /// Whether it can still become binding or be settled at `now`.
  public func isLive(at now: Instant) -> Bool { contract.isLive(at: now) }
}
