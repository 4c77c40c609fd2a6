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
    /// For the station to read.
    case other
  }

  /// The most frames and items that are remembered; then all are forgotten.
  private static let most = 1 << 15

  private var contents: [[UInt8]: Content] = [:]
  private var records: [[UInt8]: ReceivedRecord] = [:]
  private var orders: [[UInt8]: ReceivedOrder] = [:]

  /// The event that a frame is to its receiver.
  mutating func event(of bytes: [UInt8], from sender: PublicKey) -> Event {
    switch content(of: bytes) {
    case .records(let records): .records(from: sender, records)
    case .orders(let orders): .orders(from: sender, orders)
    case .other: .frame(from: sender, bytes: bytes)
    }
  }

  private mutating func content(of bytes: [UInt8]) -> Content {
    guard Frame.holdsRecords(bytes) || Frame.holdsOrders(bytes) else { return .other }
    if let known = contents[bytes] { return known }
    if contents.count >= Self.most { contents = [:] }
    let content: Content
    switch try? Frame.decode(bytes) {
    case .records(let items): content = .records(items.map { record($0) })
    case .orders(let items): content = .orders(items.map { order($0) })
    default: content = .other
    }
    contents[bytes] = content
    return content
  }

  private mutating func record(_ bytes: [UInt8]) -> ReceivedRecord {
    if let known = records[bytes] { return known }
    let received = ReceivedRecord(bytes)
    guard let record = received.record, record.isGenuine else { return received }
    if records.count >= Self.most { records = [:] }
    let genuine = ReceivedRecord(record, isGenuine: true)
    records[bytes] = genuine
    return genuine
  }

  private mutating func order(_ bytes: [UInt8]) -> ReceivedOrder {
    if let known = orders[bytes] { return known }
    let received = ReceivedOrder(bytes)
    guard let order = received.order, order.isGenuine else { return received }
    if orders.count >= Self.most { orders = [:] }
    let genuine = ReceivedOrder(order, isGenuine: true)
    orders[bytes] = genuine
    return genuine
  }
}
