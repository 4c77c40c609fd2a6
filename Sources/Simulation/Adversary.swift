import HeliographCore
import Ledger
import Quantities
import Sealing

/// A house that cheats: a real station, what is done to what goes in and out of it, and what its
/// owner writes by hand with its key.
///
/// It keeps still from the quiet end of a run on, so that the others can come to agree; what it did
/// before stays in everybody's books.
struct Adversary: Sendable {
  let kind: AdversaryKind
  /// Its own chance, so that a plan without adversaries draws as it always did.
  var random: RandomSource
  /// How often it cheated: a run in which it never did shows nothing.
  var acts = 0
  /// Frames that went by, for one that replays.
  private(set) var overheard: [[UInt8]] = []
  /// The number of the node that is its copy, for one that has two.
  var copy: Int?
  /// The neighbours that only know the copy; empty until there is one.
  var speaksToCopy: Set<Int> = []
  /// From when on one that forks without waiting for a split has two copies.
  var partsAt = Instant.distantFuture
  /// Records that it has written by hand.
  var written = 0
  /// Records that it has signed in the place of others.
  var contradicted = 0

  /// The most frames that one that replays keeps.
  private static let mostOverheard = 200
  /// The most records that one writes by hand, so that a run takes seconds.
  static let mostWritten = 400
  /// The most records that one signs in the place of others: below the branches that a node keeps
  /// of an author, so that all can come to agree on all of them.
  static let mostContradicted = 12

  init(_ kind: AdversaryKind, random: RandomSource) {
    self.kind = kind
    self.random = random
  }

  /// Keeps a frame to send it again; a full store loses one by chance.
  mutating func overhear(_ frame: [UInt8]) {
    guard overheard.count >= Self.mostOverheard else { return overheard.append(frame) }
    overheard[Int(random.below(Int64(Self.mostOverheard)))] = frame
  }

  /// One of the frames that went by.
  mutating func anyOverheard() -> [UInt8]? {
    overheard.isEmpty ? nil : overheard[Int(random.below(Int64(overheard.count)))]
  }

  /// Which houses of a plan cheat, and how: at most a third, each kind once.
  static func cast(of plan: SimulationPlan) -> [Int: Adversary] {
    let models = HouseEquipment.street
    let computes = (0..<plan.houses).map { models[$0 % models.count].jobPower > .zero }
    var random = RandomSource(seed: Noise.mixed(plan.seed ^ 0xAD5E))
    var houses = Array(0..<plan.houses)
    houses.shuffle(using: &random)
    var kinds = plan.adversaries
    kinds.shuffle(using: &random)
    var cast: [Int: Adversary] = [:]
    for kind in kinds where cast.count < plan.houses / 3 {
      let place = houses.firstIndex { kind != .inflatedTokens || computes[$0] }
      guard let place else { continue }
      let house = houses.remove(at: place)
      var adversary = Adversary(kind, random: RandomSource(seed: random.next()))
      if kind == .fork {
        adversary.partsAt = plan.start + TimeSpan(minutes: adversary.random.within(360...840))
      }
      cast[house] = adversary
    }
    return cast
  }

  /// How far its own clock is ahead of true time.
  static func clockOffset(of kind: AdversaryKind, at start: Instant, random: inout RandomSource)
    -> TimeSpan?
  {
    guard kind == .clockLiar else { return nil }
    switch random.below(5) {
    case 0: return nil
    case 1: return TimeSpan(minutes: 26 * 60)
    case 2: return TimeSpan(minutes: -26 * 60)
    case 3: return year2099.since(start)
    default: return year1970.since(start)
    }
  }

  /// New year's day of 2099.
  static let year2099 = Instant(millisecondsSince1970: 4_070_908_800_000)
  /// The first day of 1970, as a board without a clock believes.
  static let year1970 = Instant(millisecondsSince1970: 60_000)
}

extension Adversary {
  /// What a copy lets its station hear of what a frame said: nothing of its own key that it does
  /// not know itself, or it would know of the other.
  ///
  /// - Parameter ledger: its station's, which has what it wrote itself.
  static func deaf(
    to event: Event, of own: PublicKey, ledger: CommunityLedger?
  ) -> Event? {
    switch event {
    case .frontier(let sender, let entries):
      // Of what it knows it hears, or it would send its whole chain again each time.
      let heard = entries.filter { entry in
        entry.author != own || ledger?.place(of: entry.head, of: own, at: entry.count - 1) != nil
      }
      return .frontier(from: sender, heard)
    case .records(let sender, let records):
      let others = records.filter { $0.record?.author != own }
      return others.isEmpty ? nil : .records(from: sender, others)
    default: return event
    }
  }

  /// Whether a frame is a meter statement.
  static func isStatement(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x82, 0x04]) }
}
