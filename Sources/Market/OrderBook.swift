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

  /// The most orders held: room for ten thousand listed households in one slot. Some 10 MB when
  /// full, which only a household's own list can make it.
  public static let capacity = 16_384
  /// The most of them by authors that the household has not listed: orders cost nothing, and
  /// whoever makes up keys by the thousand must not crowd out the neighbours.
  public static let strangersCapacity = 2048
  /// The most of those for one slot, which also bounds the work of clearing it.
  public static let strangersPerSlot = 128
  /// Orders for slots further away than this are refused.
  public static let horizon = TimeSpan.day + TimeSpan.day
  /// How often an order of another author is taken anew at once: every node checks and passes on
  /// what its book takes…
  public static let renewals: Int64 = 8
  /// …and how long it then takes until it may be taken anew once more.
  public static let renewalInterval = TimeSpan(seconds: 10)

  /// An order, and how often it was renewed since the author's first for the slot.
  private struct Entry: Sendable {
    let order: Order
    let since: Instant
    let renewals: Int64

    func mayRenew(at now: Instant) -> Bool {
      let waited = max(0, now.since(since).milliseconds)
      return renewals < OrderBook.renewals + waited / OrderBook.renewalInterval.milliseconds
    }
  }

  private var entries: [Key: Entry] = [:]
  /// How many orders of strangers there are for each slot.
  private var strangers: [TimeSlot: Int] = [:]
  private let own: PublicKey?
  private let listed: Set<PublicKey>

  /// - Parameters:
  ///   - own: whose orders always find room.
  ///   - listed: the household's neighbours; everyone else is a stranger.
  public init(own: PublicKey? = nil, listed: Set<PublicKey> = []) {
    self.own = own
    self.listed = listed
  }

  public var count: Int { entries.count }

  /// Takes `order` if it is open, near enough and newer than what its author said before.
  ///
  /// Returns whether the book changed: only then is the order worth passing on.
  public mutating func take(_ order: Order, at now: Instant) -> Bool {
    guard now < Order.gate(of: order.slot), order.slot.start < now + Self.horizon else {
      return false
    }
    let key = Key(slot: order.slot, author: order.author)
    if let known = entries[key] {
      guard (known.order.time, known.order.identity) < (order.time, order.identity),
        order.author == own || known.mayRenew(at: now)
      else { return false }
      entries[key] = Entry(order: order, since: known.since, renewals: known.renewals + 1)
      return true
    }
    guard hasRoom(for: key) else { return false }
    if isStranger(order.author) { strangers[order.slot, default: 0] += 1 }
    entries[key] = Entry(order: order, since: now, renewals: 0)
    return true
  }

  private func isStranger(_ author: PublicKey) -> Bool {
    author != own && !listed.contains(author)
  }

  private func hasRoom(for key: Key) -> Bool {
    if key.author == own { return true }
    guard entries.count < Self.capacity else { return false }
    guard isStranger(key.author) else { return true }
    // Any order: a sum.
    let all = strangers.values.reduce(0, +)
    return all < Self.strangersCapacity && strangers[key.slot, default: 0] < Self.strangersPerSlot
  }

  /// The order of `author` for `slot`, if any.
  public func order(of author: PublicKey, in slot: TimeSlot) -> Order? {
    entries[Key(slot: slot, author: author)]?.order
  }

  /// Every order for `slot`, by author.
  public func orders(in slot: TimeSlot) -> [Order] {
    entries.values.map(\.order).filter { $0.slot == slot }.sorted { $0.author < $1.author }
  }

  /// All open orders, by slot and author.
  public var all: [Order] {
    entries.values.map(\.order).sorted { ($0.slot, $0.author) < ($1.slot, $1.author) }
  }

  /// Forgets orders for slots that have begun.
  public mutating func expire(at now: Instant) {
    entries = entries.filter { $0.key.slot.start > now }
    strangers = strangers.filter { $0.key.start > now }
  }
}
