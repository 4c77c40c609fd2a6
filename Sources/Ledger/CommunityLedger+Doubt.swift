import Quantities
import Sealing

/// What a node that was filled by its neighbours does not know for certain of its own trades.
extension CommunityLedger {
  /// Whether this node was filled and has not heard enough neighbours since.
  public var isInDoubt: Bool { doubt.isOpen }

  /// The household's neighbours that nothing is lent to for that, by key.
  public var doubted: [PublicKey] {
    doubt.isOpen ? listed.sorted().filter { doubt.concerns($0) } : []
  }

  /// Whether an own record that comes now was lost here: none of those that this node wrote since
  /// its start can be.
  public var mayHaveLostRecords: Bool { lacksOwnRecords || isAskingOwnHead || ownCount == 0 }

  /// A neighbour says how many own records it knows.
  public mutating func heardOwnChain(_ count: Int64, from peer: PublicKey) {
    doubt.hear(count, from: peer)
  }

  /// Such a record has come from a neighbour.
  public mutating func regainedRecord() { doubt.open() }

  /// Whether more is to be asked of this neighbour, as the own chain is whole again and its word
  /// would count.
  public mutating func wantsWitness(_ peer: PublicKey) -> Bool {
    guard doubt.isOpen, maySign else { return false }
    doubt.complete(ownCount)
    return doubt.wants(peer)
  }

  /// All that a neighbour knows is here.
  public mutating func heardAll(from peer: PublicKey) { doubt.heardAll(from: peer) }

  /// Of whose records only remainders came that this household's trades may be among, its own first
  /// and then its neighbours'.
  public var hollowAuthors: [PublicKey] {
    ([ownKey] + listed.sorted()).filter { firstHollow(of: $0, from: 0) != nil }
  }

  /// The first place from `sequence` on of which only a remainder came.
  public func firstHollow(of author: PublicKey, from sequence: Int64) -> Int64? {
    chain(of: author)?.firstHollow(from: sequence)
  }

  /// The last such place.
  public func lastHollow(of author: PublicKey) -> Int64? { chain(of: author)?.lastHollow }

  /// What is to be stored of the doubt, where that is not what was stored last.
  public mutating func takeDoubt() -> KeyedValue? {
    guard doubt.isOpen || storedDoubt != nil else { return nil }
    let stored = doubt.stored
    guard stored.value != storedDoubt else { return nil }
    storedDoubt = stored.value
    return stored
  }

  /// Takes over what an earlier run stored.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key == RestoreDoubt.key else { return }
    doubt.restore(value)
    storedDoubt = value
  }
}
