import Quantities
import Sealing

/// What a node that lost its database can't tell of its own trades yet.
///
/// Records of covered contracts come folded, and no signature says that a contract is covered. So
/// a neighbour that owes something could hand this node remainders in the place of records that it
/// still needs: those of its own chain, or those of the neighbour's that its own ones answer. Its
/// books would miss what it sold. Until a second neighbour has the same, or sends the records
/// themselves, this node lends nothing and signs no checkpoint; the household may say so sooner,
/// neighbour by neighbour, with a LIMIT.
struct RestoreDoubt: Hashable, Sendable {
  static let key = "restore"
  private static let name = "restore1"

  /// Own places that one neighbour alone has sent folded, by who it was.
  private var handed: [PublicKey: PlaceRanges] = [:]
  /// Whose records own ones answer that are not here.
  var awaited: Set<PublicKey> = []
  /// For whom the household has stated a limit since the doubt arose.
  private var trusted: Set<PublicKey> = []

  init() {}

  var isEmpty: Bool { handed.isEmpty && awaited.isEmpty }
  /// By key.
  var handers: [PublicKey] { handed.keys.sorted() }

  /// Whether own places came folded from one neighbour alone.
  var hasHanded: Bool { !handed.isEmpty }

  /// Whether nothing is lent to this neighbour.
  func concerns(_ peer: PublicKey) -> Bool {
    (!handed.isEmpty || awaited.contains(peer)) && !trusted.contains(peer)
  }

  /// `peer` has sent own records folded that were not here.
  mutating func take(_ places: Range<Int64>, from peer: PublicKey) {
    handed[peer, default: PlaceRanges()].insert(places)
  }

  /// `peer` has own records of these places folded as well.
  mutating func confirm(_ places: Range<Int64>, by peer: PublicKey) {
    for other in handed.keys.sorted() where other != peer { drop(places, of: other) }
    forgetTrust()
  }

  /// The own record itself has come.
  mutating func fill(_ place: Int64) {
    for peer in handed.keys.sorted() { drop(place..<place + 1, of: peer) }
    forgetTrust()
  }

  private mutating func drop(_ places: Range<Int64>, of peer: PublicKey) {
    handed[peer]?.remove(places)
    if handed[peer]?.isEmpty == true { handed[peer] = nil }
  }

  /// The household has stated a limit for this neighbour.
  mutating func trust(_ peer: PublicKey) {
    if concerns(peer) { trusted.insert(peer) }
  }

  /// Once all is clear the next doubt is another one.
  mutating func forgetTrust() {
    if isEmpty { trusted = [] }
  }

  /// What is worth keeping: which places they are, and who is awaited, follows from the records.
  var stored: KeyedValue {
    guard !isEmpty else { return KeyedValue(key: Self.key, value: nil) }
    let keys = [handers, trusted.sorted()].map { CBORValue.array($0.map { .bytes($0.bytes) }) }
    return KeyedValue(key: Self.key, value: CBORValue.array([.text(Self.name)] + keys).encoded)
  }

  /// Takes over what an earlier run stored; nothing of anything else.
  ///
  /// - Parameter places: the own ones of which only a remainder is here. Which of them who alone
  ///   has sent is not known any more: so all.
  mutating func restore(_ stored: [UInt8], places: PlaceRanges) {
    guard let fields = (try? CBORValue(decoding: stored))?.array, fields.count == 3,
      fields[0].text == Self.name, let peers = fields[1].array, let keys = fields[2].array
    else { return }
    if !places.isEmpty {
      for peer in peers.compactMap({ $0.bytes.flatMap(PublicKey.init) }) { handed[peer] = places }
    }
    trusted = Set(keys.compactMap { $0.bytes.flatMap(PublicKey.init) })
  }
}
