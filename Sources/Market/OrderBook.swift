import Quantities
import Sealing

/// The open orders that a node knows: at most one for an author and slot.
public struct OrderBook: Sendable {
  private struct Key: Hashable, Comparable, Sendable {
    let slot: TimeSlot
    let author: PublicKey

    static func < (left: Key, right: Key) -> Bool {
      (left.slot, left.author) < (right.slot, right.author)
    }
  }

  /// The most orders held; the furthest slots are refused beyond it.
  public static let capacity = 4096
  /// Orders for slots further away than this are refused.
  public static let horizon = TimeSpan.day + TimeSpan.day

  private var orders: [Key: Order] = [:]

  public init() {}

  public var count: Int { orders.count }

  /// Takes `order` if it is open, near enough and newer than what its author said before.
  ///
  /// Returns whether the book changed: only then is the order worth passing on.
  public mutating func take(_ order: Order, at now: Instant) -> Bool {
    guard now < Order.gate(of: order.slot), order.slot.start < now + Self.horizon else {
      return false
    }
    let key = Key(slot: order.slot, author: order.author)
    if let known = orders[key] {
      guard (known.time, known.identity) < (order.time, order.identity) else { return false }
    } else if orders.count >= Self.capacity {
      return false
    }
    orders[key] = order
    return true
  }

  /// The order of `author` for `slot`, if any.
  public func order(of author: PublicKey, in slot: TimeSlot) -> Order? {
    orders[Key(slot: slot, author: author)]
  }

  /// Every order for `slot`, by author.
  public func orders(in slot: TimeSlot) -> [Order] {
    orders.values.filter { $0.slot == slot }.sorted { $0.author < $1.author }
  }

  /// All open orders, by slot and author.
  public var all: [Order] {
    orders.values.sorted { ($0.slot, $0.author) < ($1.slot, $1.author) }
  }

  /// Forgets orders for slots that have begun.
  public mutating func expire(at now: Instant) {
    orders = orders.filter { $0.key.slot.start > now }
  }
}
