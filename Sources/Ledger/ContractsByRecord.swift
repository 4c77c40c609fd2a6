import Sealing

/// Which contract a record may belong to.
///
/// A dictionary would hold all identities a second time, most of what a contract takes beside its
/// records. Here a place holds 32 bits of an identity's hash and the contract's number, and the
/// contract itself says whether the record is its own. The hash is of all bytes and seeded anew in
/// each run, as others choose identities.
struct ContractsByRecord: Sendable {
  private struct Place: Hashable, Sendable {
    static let vacant = Place(mark: 0, number: .max)

    let mark: UInt32
    let number: ContractNumber
  }

  /// Each place is where its mark says, modulo their count, or follows others without a gap.
  private var places = [Place](repeating: .vacant, count: 16)
  /// How many of them are taken.
  private(set) var count = 0

  private static func mark(of identity: Digest) -> UInt32 {
    UInt32(truncatingIfNeeded: identity.hashValue)
  }

  private var mask: Int { places.count - 1 }

  /// The contract that this record belongs to.
  ///
  /// - Parameter isPart: whether the record belongs to the contract of this number.
  func number(of identity: Digest, where isPart: (ContractNumber) -> Bool) -> ContractNumber? {
    let mark = Self.mark(of: identity)
    var position = Int(mark) & mask
    while places[position] != .vacant {
      let place = places[position]
      if place.mark == mark, isPart(place.number) { return place.number }
      position = (position + 1) & mask
    }
    return nil
  }

  /// Enters a record of a contract; nothing changes when it was entered before.
  mutating func insert(_ identity: Digest, of number: ContractNumber) {
    // A quarter stays vacant: what is looked for is found, or not, within a few places.
    if 4 * (count + 1) > 3 * places.count { grow() }
    let place = Place(mark: Self.mark(of: identity), number: number)
    guard case (let position, false) = find(place) else { return }
    places[position] = place
    count += 1
  }

  /// Takes out a record of a contract. Of a contract all are taken out together: two whose marks
  /// are the same share a place.
  mutating func remove(_ identity: Digest, of number: ContractNumber) {
    let place = Place(mark: Self.mark(of: identity), number: number)
    guard case (var gap, true) = find(place) else { return }
    count -= 1
    // What follows without a gap moves up where it may, or it would not be found any more.
    var next = (gap + 1) & mask
    while places[next] != .vacant {
      let from = Int(places[next].mark) & mask
      if (next - from) & mask >= (next - gap) & mask {
        places[gap] = places[next]
        gap = next
      }
      next = (next + 1) & mask
    }
    places[gap] = .vacant
  }

  /// Where it is, or the vacant place where it belongs.
  private func find(_ place: Place) -> (position: Int, isThere: Bool) {
    var position = Int(place.mark) & mask
    while places[position] != .vacant {
      if places[position] == place { return (position, true) }
      position = (position + 1) & mask
    }
    return (position, false)
  }

  private mutating func grow() {
    let old = places
    places = [Place](repeating: .vacant, count: 2 * old.count)
    for place in old where place != .vacant { places[find(place).position] = place }
  }
}
