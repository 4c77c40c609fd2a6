import HeliographCore
import Ledger
import Market
import Mesh
import Sealing

/// What frames that went through the street said, so that a dozen nodes which get the same bytes
/// do not all decode them and verify the same signatures.
///
/// Nothing is taken on trust: what bytes say and whether they are signed are functions of the bytes
/// alone. Only what was found genuine is remembered as that; anything else each station verifies,
/// and refuses, by itself.
struct FrameMemo: Sendable {
  private enum Content: Sendable {
    case records([ReceivedRecord])
    case orders([ReceivedOrder])
    case frontier([FrontierEntry])
    /// For the station to read.
    case other
  }

  /// The most frames and items that are remembered; then all are forgotten.
  private static let most = 1 << 15

  /// Bytes in one piece: an array's would be hashed and compared one by one.
  private struct Key: Hashable, Sendable {
    let bytes: [UInt8]
    /// So many from the end are hashed.
    let hashed: Int

    /// Of long frames the end, where their last signatures are.
    init(frame bytes: [UInt8]) {
      self.bytes = bytes
      hashed = 2048
    }

    /// Of what is signed the signature: no two are alike by chance.
    init(signed bytes: [UInt8]) {
      self.bytes = bytes
      hashed = 64
    }

    func hash(into hasher: inout Hasher) {
      bytes.withUnsafeBytes {
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: $0.suffix(hashed)))
      }
    }

    static func == (left: Key, right: Key) -> Bool {
      let count = left.bytes.count
      guard count == right.bytes.count else { return false }
      return left.bytes.withUnsafeBytes { left in
        right.bytes.withUnsafeBytes { right in
          if left.baseAddress == right.baseAddress { return true }
          var place = 0
          while place + 8 <= count {
            let one = left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let other = right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            if one != other { return false }
            place += 8
          }
          return (place..<count).allSatisfy { left[$0] == right[$0] }
        }
      }
    }
  }

  private var contents: [Key: Content] = [:]
  private var records: [Key: ReceivedRecord] = [:]
  private var orders: [Key: ReceivedOrder] = [:]

  init() {}

  /// The event that a frame is to its receiver.
  mutating func event(of bytes: [UInt8], from sender: PublicKey) -> Event {
    switch content(of: bytes) {
    case .records(let records): .records(from: sender, records)
    case .orders(let orders): .orders(from: sender, orders)
    case .frontier(let entries): .frontier(from: sender, entries)
    case .other: .frame(from: sender, bytes: bytes)
    }
  }

  private mutating func content(of bytes: [UInt8]) -> Content {
    guard Frame.isForMany(bytes) else { return .other }
    if let known = contents[Key(frame: bytes)] { return known }
    if contents.count >= Self.most { contents = [:] }
    let content: Content
    switch try? Frame.decode(bytes) {
    case .records(let items): content = .records(items.map { record($0) })
    case .orders(let items): content = .orders(items.map { order($0) })
    case .frontier(let entries): content = .frontier(entries)
    default: content = .other
    }
    contents[Key(frame: bytes)] = content
    return content
  }

  /// The record of these very bytes, if it went through the street and was found genuine.
  func known(_ bytes: [UInt8]) -> Record? { records[Key(signed: bytes)]?.record }

  /// The author that a record's bytes name, genuine or not; nil when they are no record.
  func author(of bytes: [UInt8]) -> PublicKey? {
    if let known = records[Key(signed: bytes)]?.place { return known.author }
    return (try? Record(decoding: bytes, verifying: false))?.author
  }

  /// Keeps in mind a record whose signature was verified.
  mutating func learn(genuine record: Record) {
    if records.count >= Self.most { records = [:] }
    records[Key(signed: record.bytes)] = ReceivedRecord(record, isGenuine: true)
  }

  private mutating func record(_ bytes: [UInt8]) -> ReceivedRecord {
    if let known = records[Key(signed: bytes)] { return known }
    let received = ReceivedRecord(bytes)
    guard let record = received.record, record.isGenuine else { return received }
    learn(genuine: record)
    return ReceivedRecord(record, isGenuine: true)
  }

  private mutating func order(_ bytes: [UInt8]) -> ReceivedOrder {
    if let known = orders[Key(signed: bytes)] { return known }
    let received = ReceivedOrder(bytes)
    guard let order = received.order, order.isGenuine else { return received }
    if orders.count >= Self.most { orders = [:] }
    let genuine = ReceivedOrder(order, isGenuine: true)
    orders[Key(signed: bytes)] = genuine
    return genuine
  }
}
