import HeliographCore
import Ledger
import Market
import Mesh
import Sealing

/// What frames that went through the street said, so that a dozen nodes which get the same bytes
/// do not all decode them and verify the same signatures.
///
/// What bytes say and whether they are signed are functions of the bytes alone. Only what was found
/// genuine, or was signed here a moment ago by a station or a cheat's hand, is remembered as that;
/// anything else each station verifies, and refuses, by itself.
struct FrameMemo: Sendable {
  private enum Content: Sendable {
    case records([ReceivedRecord])
    case orders([ReceivedOrder])
    case frontier([FrontierEntry])
    /// For the station to read.
    case other
  }

  /// A frame that is for many neighbours, as it went through the street.
  private struct Known: Sendable {
    let content: Content
    /// How many such frames came before it.
    let serial: Int64
  }

  /// What a frame is to its receiver, and how the digest of a run names its bytes.
  struct Arrival: Sendable {
    let event: Event
    /// Which of the frames that went through the street it is; nil for one that is for its receiver
    /// alone.
    let serial: Int64?
    /// Whether nobody got the same bytes before, as far as is remembered.
    let isNew: Bool
  }

  /// The most frames and items that are remembered; then all are forgotten.
  private static let most = 1 << 15

  /// Bytes in one piece: an array's would be hashed and compared one by one.
  private struct Key: Hashable, Sendable {
    let bytes: [UInt8]
    private let mixed: UInt64

    /// A frame, of which any part may tell it from others.
    init(frame bytes: [UInt8]) {
      self.bytes = bytes
      mixed = bytes.mixed
    }

    /// What is signed: of its signature's bytes no two are alike by chance.
    init(signed bytes: [UInt8]) {
      self.bytes = bytes
      mixed = bytes.withUnsafeBytes { bytes in
        bytes.count < 16
          ? 0 : bytes.loadUnaligned(fromByteOffset: bytes.count - 16, as: UInt64.self)
      }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(mixed) }

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

  private var frames: [Key: Known] = [:]
  private var framesSeen: Int64 = 0
  private var records: [Key: ReceivedRecord] = [:]
  private var orders: [Key: ReceivedOrder] = [:]
  /// The frame of orders that a station sent last: it goes to all of its neighbours.
  private var latestOrders: [UInt8] = []

  init() {}

  /// What a frame is to its receiver.
  mutating func arrival(of bytes: [UInt8], from sender: PublicKey) -> Arrival {
    guard Frame.isForMany(bytes) else {
      return Arrival(event: .frame(from: sender, bytes: bytes), serial: nil, isNew: true)
    }
    let key = Key(frame: bytes)
    if let known = frames[key] {
      let event = Self.event(known.content, bytes, from: sender)
      return Arrival(event: event, serial: known.serial, isNew: false)
    }
    if frames.count >= Self.most { frames = [:] }
    framesSeen += 1
    let known = Known(content: content(of: bytes), serial: framesSeen)
    frames[key] = known
    let event = Self.event(known.content, bytes, from: sender)
    return Arrival(event: event, serial: known.serial, isNew: true)
  }

  private static func event(
    _ content: Content, _ bytes: [UInt8], from sender: PublicKey
  ) -> Event {
    switch content {
    case .records(let records): .records(from: sender, records)
    case .orders(let orders): .orders(from: sender, orders)
    case .frontier(let entries): .frontier(from: sender, entries)
    case .other: .frame(from: sender, bytes: bytes)
    }
  }

  private mutating func content(of bytes: [UInt8]) -> Content {
    switch try? Frame.decode(bytes) {
    case .records(let items): .records(items.map { record($0) })
    case .orders(let items): .orders(items.map { order($0) })
    case .frontier(let entries): .frontier(entries)
    default: .other
    }
  }

  /// The record of these very bytes, if it went through the street and was found genuine.
  func known(_ bytes: [UInt8]) -> Record? { records[Key(signed: bytes)]?.record }

  /// Keeps in mind a record whose signature was verified, or just made.
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

  /// Keeps in mind an author's own orders in a frame that its station sends: it signs them well,
  /// whatever the house does besides.
  mutating func learn(ordersIn bytes: [UInt8], madeBy author: PublicKey) {
    guard Frame.holdsOrders(bytes), bytes != latestOrders else { return }
    latestOrders = bytes
    guard case .orders(let items) = try? Frame.decode(bytes) else { return }
    for item in items where orders[Key(signed: item)] == nil {
      let received = ReceivedOrder(item)
      if let order = received.order, order.author == author { learn(genuine: order) }
    }
  }

  /// Keeps in mind an order whose signature was verified, or just made.
  mutating func learn(genuine order: Order) {
    if orders.count >= Self.most { orders = [:] }
    orders[Key(signed: order.bytes)] = ReceivedOrder(order, isGenuine: true)
  }

  private mutating func order(_ bytes: [UInt8]) -> ReceivedOrder {
    if let known = orders[Key(signed: bytes)] { return known }
    let received = ReceivedOrder(bytes)
    guard let order = received.order, order.isGenuine else { return received }
    learn(genuine: order)
    return ReceivedOrder(order, isGenuine: true)
  }
}
