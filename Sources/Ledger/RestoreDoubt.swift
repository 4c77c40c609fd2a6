import Quantities
import Sealing

/// What a node that has its own records back from neighbours can't tell of its trades yet.
///
/// Who fills it may owe it something, and keep that from it: by handing on remainders in the place
/// of records that are still needed, for no signature says which are not, or by leaving out the end
/// of a chain. So nothing is lent and no checkpoint signed before two neighbours have been heard to
/// the end, of whom one may lie; sooner for whom the household states a LIMIT.
struct RestoreDoubt: Sendable {
  static let key = "restore"
  private static let name = "restore1"
  /// So many neighbours must have been heard.
  static let enough = 2

  private(set) var isOpen = false
  /// How long the own chain was when it was whole again; nil until then.
  private var length: Int64?
  /// Neighbours that were heard to the end.
  private var witnesses: Set<PublicKey> = []
  /// The least of the own chain that a neighbour has said to know since the start: who had to get
  /// it from here is no witness.
  private var named: [PublicKey: Int64] = [:]
  /// For whom the household has stated a limit since.
  private var trusted: Set<PublicKey> = []

  init() {}

  /// Whether nothing is lent to this neighbour.
  func concerns(_ peer: PublicKey) -> Bool { isOpen && !trusted.contains(peer) }

  /// An own record has come from a neighbour.
  mutating func open() {
    // The same refill goes on until the chain is whole.
    if isOpen, length == nil { return }
    isOpen = true
    length = nil
    witnesses = []
    trusted = []
  }

  /// The own chain is whole.
  mutating func complete(_ count: Int64) {
    if isOpen, length == nil { length = count }
  }

  /// A neighbour says that it knows `count` own records.
  mutating func hear(_ count: Int64, from peer: PublicKey) {
    named[peer] = min(named[peer] ?? count, count)
  }

  /// Whether this neighbour can still become a witness.
  func wants(_ peer: PublicKey) -> Bool {
    guard isOpen, let length, !witnesses.contains(peer) else { return false }
    return named[peer].map { $0 >= length } ?? false
  }

  /// Everything that a neighbour knows is known here as well.
  mutating func heardAll(from peer: PublicKey) {
    guard wants(peer) else { return }
    witnesses.insert(peer)
    if witnesses.count >= Self.enough { isOpen = false }
  }

  /// The household has stated a limit for this neighbour.
  mutating func trust(_ peer: PublicKey) {
    if isOpen { trusted.insert(peer) }
  }

  /// Who is known to be no witness, for the next run as well.
  private var behind: [PublicKey] {
    guard let length else { return [] }
    return named.keys.sorted().filter { named[$0] ?? 0 < length }
  }

  var stored: KeyedValue {
    guard isOpen else { return KeyedValue(key: Self.key, value: nil) }
    let keys = [witnesses.sorted(), behind, trusted.sorted()].map { keys in
      CBORValue.array(keys.map { .bytes($0.bytes) })
    }
    let value = CBORValue.array([.text(Self.name), .integer(length ?? -1)] + keys)
    return KeyedValue(key: Self.key, value: value.encoded)
  }

  /// Takes over what an earlier run stored; nothing of anything else.
  mutating func restore(_ stored: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: stored))?.array, fields.count == 5,
      fields[0].text == Self.name, let length = fields[1].integer
    else { return }
    let keys = fields[2...].map { field in
      Set((field.array ?? []).compactMap { $0.bytes.flatMap(PublicKey.init) })
    }
    isOpen = true
    self.length = length < 0 ? nil : length
    witnesses = keys[0]
    named = Dictionary(uniqueKeysWithValues: keys[1].map { ($0, 0) })
    trusted = keys[2]
  }
}
