import Quantities
import Sealing

/// The terms of one of the goods that contracts are about.
public protocol GoodTerms: Hashable, Sendable {
  /// nil when the terms are of another good.
  init?(_ terms: ContractTerms)
}

/// A contract for one good: what is common to all contracts and its own terms in one.
@dynamicMemberLookup
public struct TypedContract<Terms: GoodTerms>: Hashable, Sendable {
  public let contract: Contract
  public let terms: Terms

  /// nil when the contract is for something else.
  public init?(_ contract: Contract) {
    guard let terms = Terms(contract.terms) else { return nil }
    self.contract = contract
    self.terms = terms
  }

  public subscript<Value>(dynamicMember path: KeyPath<Contract, Value>) -> Value {
    contract[keyPath: path]
  }

  public subscript<Value>(dynamicMember path: KeyPath<Terms, Value>) -> Value {
    terms[keyPath: path]
  }

  /// The other side than `party`; nil for a stranger.
  public func counterpart(of party: PublicKey) -> PublicKey? { contract.counterpart(of: party) }

  /// Whether it can still become binding or be settled at `now`.
  public func isLive(at now: Instant) -> Bool { contract.isLive(at: now) }
}

/// A contract for energy.
public typealias EnergyContract = TypedContract<EnergyTerms>

/// A contract for computing.
public typealias ComputingContract = TypedContract<ComputingTerms>

extension EnergyTerms: GoodTerms {
  public init?(_ terms: ContractTerms) {
    guard case .energy(let terms) = terms else { return nil }
    self = terms
  }
}

extension ComputingTerms: GoodTerms {
  public init?(_ terms: ContractTerms) {
    guard case .computing(let terms) = terms else { return nil }
    self = terms
  }
}
