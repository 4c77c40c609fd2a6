import Quantities
import Sealing

/// A contract in a table, which lies once in memory and is never changed where it lies.
///
/// Hash tables have room for a half more than what they hold, and grow by doubling: of contracts
/// themselves they would waste as much as those take.
final class HeldContract: Sendable {
  let contract: Contract

  init(_ contract: Contract) { self.contract = contract }
}

/// Where a contract lies in a table: what indexes hold of it, as its identity takes eight times the
/// room. It says nothing of the contract, and is given again once that is forgotten.
typealias ContractNumber = UInt32

/// The numbers of some contracts. Nearly always they are few, and one alone needs no storage.
enum ContractNumbers: Sendable {
  case empty
  case single(ContractNumber)
  case several(Set<ContractNumber>)

  var isEmpty: Bool {
    if case .empty = self { true } else { false }
  }

  /// All of them, for who sorts them at once.
  var inAnyOrder: [ContractNumber] {
    switch self {
    case .empty: []
    case .single(let number): [number]
    case .several(let numbers): Array(numbers)
    }
  }

  mutating func insert(_ number: ContractNumber) {
    switch self {
    case .empty: self = .single(number)
    case .single(number): return
    case .single(let other): self = .several([other, number])
    case .several(var numbers):
      // Held by nobody else while it is changed, or each change would copy all of it.
      self = .empty
      numbers.insert(number)
      self = .several(numbers)
    }
  }

  mutating func remove(_ number: ContractNumber) {
    switch self {
    case .single(number): self = .empty
    case .empty, .single: return
    case .several(var numbers):
      self = .empty
      numbers.remove(number)
      if !numbers.isEmpty { self = .several(numbers) }
    }
  }
}

extension Dictionary where Value == ContractNumbers {
  /// Enters a number under a key, or takes it out; a key without numbers is none.
  mutating func set(_ number: ContractNumber, under key: Key, _ isMember: Bool) {
    if isMember {
      self[key, default: .empty].insert(number)
    } else if let place = index(forKey: key) {
      values[place].remove(number)
      if values[place].isEmpty { remove(at: place) }
    }
  }
}
