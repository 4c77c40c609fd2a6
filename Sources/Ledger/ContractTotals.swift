import Quantities
import Sealing

/// What the contracts of one buyer with one seller have moved, so that a checkpoint can take the
/// place of the older ones.
///
/// Sums are kept by stretches of the buyer's chain, as long as a checkpoint's reach is coarse:
/// which contracts a checkpoint covers is then exact without a figure for each of them.
struct ContractTotals: Hashable, Sendable {
  /// A checkpoint reaches to a multiple of so many records of a chain.
  static let stretch: Int64 = 1024

  /// The place in the buyer's chain up to which contracts are covered: their ACCEPT lies before it.
  private(set) var reach: Int64 = 0
  /// What the covered ones came to, as both sides have stated.
  private(set) var stated = Credits.zero
  private var stamp: CheckpointTotal.Stamp?
  /// What others have moved, by the stretch of their ACCEPT, in order: a street of thirty houses
  /// has tens of thousands.
  private var stretches: [Stretch] = []

  private struct Stretch: Hashable, Sendable {
    let number: Int64
    var amount: Credits
  }

  init() {}

  func covers(_ accept: Int64) -> Bool { accept < reach }

  /// Adds what a contract has moved; returns what counts of it: nothing where it is covered.
  mutating func add(_ amount: Credits, acceptedAt accept: Int64) -> Credits {
    guard !covers(accept) else { return .zero }
    let number = accept / Self.stretch
    // Nearly always the last one.
    let place = (stretches.lastIndex { $0.number < number } ?? -1) + 1
    if place < stretches.count, stretches[place].number == number {
      stretches[place].amount += amount
    } else {
      stretches.insert(Stretch(number: number, amount: amount), at: place)
    }
    return amount
  }

  /// What the contracts before `reach` have moved, the covered ones among them.
  func moved(before reach: Int64) -> Credits {
    stretches.reduce(stated) { $1.number < reach / Self.stretch ? $0 + $1.amount : $0 }
  }

  /// Whether a contract before `reach` that is not covered yet has moved anything.
  func hasMoved(before reach: Int64) -> Bool {
    stretches.first.map { $0.number < reach / Self.stretch } ?? false
  }

  /// Lets a checkpoint count for what it covers; returns by how much the total changes.
  ///
  /// Several checkpoints cover what one of them does; what they state is the furthest one's. So it
  /// does not matter in which order they come.
  mutating func cover(_ total: CheckpointTotal) -> Credits {
    let before = sum
    reach = max(reach, total.reach)
    stretches.removeAll { $0.number < reach / Self.stretch }
    if stamp.map({ $0 < total.stamp }) ?? true {
      stamp = total.stamp
      stated = total.amount
    }
    return sum - before
  }

  /// Forgets all figures, as a new LIMIT does; what is covered stays covered.
  mutating func startOver() {
    stated = .zero
    stretches = []
  }

  private var sum: Credits {
    stretches.reduce(stated) { $0 + $1.amount }
  }

  var encoded: CBORValue {
    .array([
      .integer(reach), .integer(stated.rawValue), .array(stamp?.encoded ?? []),
      .array(stretches.map { .array([.integer($0.number), .integer($0.amount.rawValue)]) }),
    ])
  }

  init?(_ value: CBORValue) {
    guard let fields = value.array, fields.count == 4, let reach = fields[0].integer,
      let stated = fields[1].integer, let stamp = fields[2].array,
      let figures = fields[3].array
    else { return nil }
    self.reach = reach
    self.stated = Credits(rawValue: stated)
    self.stamp = CheckpointTotal.Stamp(stamp)
    stretches.reserveCapacity(figures.count)
    for figure in figures {
      guard let pair = figure.array, pair.count == 2, let number = pair[0].integer,
        let amount = pair[1].integer
      else { return nil }
      stretches.append(Stretch(number: number, amount: Credits(rawValue: amount)))
    }
  }
}

/// What a checkpoint says of the contracts of one buyer with one seller.
struct CheckpointTotal: Hashable, Sendable {
  /// Which checkpoint said it: of two the one counts that reaches further in the smaller key's
  /// chain, then in the other's, then the later one.
  struct Stamp: Hashable, Comparable, Sendable {
    let reach: Int64
    let otherReach: Int64
    let sequence: Int64
    let identity: Digest

    static func < (left: Stamp, right: Stamp) -> Bool {
      (left.reach, left.otherReach, left.sequence, left.identity)
        < (right.reach, right.otherReach, right.sequence, right.identity)
    }

    var encoded: [CBORValue] {
      [.integer(reach), .integer(otherReach), .integer(sequence), .bytes(identity.bytes)]
    }

    init(reach: Int64, otherReach: Int64, sequence: Int64, identity: Digest) {
      self.reach = reach
      self.otherReach = otherReach
      self.sequence = sequence
      self.identity = identity
    }

    init?(_ fields: [CBORValue]) {
      guard fields.count == 4, let reach = fields[0].integer, let other = fields[1].integer,
        let sequence = fields[2].integer, let identity = fields[3].bytes.flatMap(Digest.init)
      else { return nil }
      self.init(reach: reach, otherReach: other, sequence: sequence, identity: identity)
    }
  }

  /// Contracts with an ACCEPT before this place of the buyer's chain are covered.
  let reach: Int64
  let amount: Credits
  let stamp: Stamp
}
