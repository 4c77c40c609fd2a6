import Market
import Quantities
import Sealing

/// What a person has typed for a slot; it counts in place of what the plan would order.
public struct TypedOrder: Hashable, Sendable {
  public let side: Order.Side
  /// Zero: neither sells nor buys in that slot.
  public let energy: Energy
  public let limitPrice: Price

  private static let prefix = "typed/"

  public init(side: Order.Side, energy: Energy, limitPrice: Price) {
    self.side = side
    self.energy = energy
    self.limitPrice = limitPrice
  }

  func stored(for slot: TimeSlot) -> KeyedValue {
    let value = CBORValue.array([
      .integer(side.rawValue), .integer(energy.rawValue), .integer(limitPrice.rawValue),
    ])
    return KeyedValue(key: Self.prefix + "\(slot.index)", value: value.encoded)
  }

  static func forgotten(_ slot: TimeSlot) -> KeyedValue {
    KeyedValue(key: prefix + "\(slot.index)", value: nil)
  }

  /// A slot's order as `stored` gave it; nil for any other key.
  static func restored(key: String, value: [UInt8]) -> (slot: TimeSlot, order: TypedOrder)? {
    guard key.hasPrefix(prefix), let index = Int64(key.dropFirst(prefix.count)),
      let fields = (try? CBORValue(decoding: value))?.array?.compactMap(\.integer),
      fields.count == 3, let side = Order.Side(rawValue: fields[0])
    else { return nil }
    let order = TypedOrder(
      side: side, energy: Energy(rawValue: fields[1]), limitPrice: Price(rawValue: fields[2]))
    return (TimeSlot(index: index), order)
  }
}

extension EnergyTrader {
  /// The most slots that a person may have typed orders for: two days.
  static let maximumTyped = 192

  /// Places what a person wants in a slot, or takes it back; nil when it is too late or too early.
  public mutating func type(
    _ order: TypedOrder, in slot: TimeSlot, at now: Instant
  ) -> [Action]? {
    guard now < Order.gate(of: slot), slot.start < now + OrderBook.horizon,
      typed[slot] != nil || typed.count < Self.maximumTyped
    else { return nil }
    typed[slot] = order
    return [.store(order.stored(for: slot))] + placeTyped(in: slot, at: now)
  }

  /// Whether a person has typed an order for a slot, so that the plan's does not count.
  public func isTyped(_ slot: TimeSlot) -> Bool { typed[slot] != nil }

  /// Places a typed order in the book, once more after a restart.
  public mutating func placeTyped(in slot: TimeSlot, at now: Instant) -> [Action] {
    guard let wish = typed[slot] else { return [] }
    let order = Order(
      community: community, keys: keys, side: wish.side, slot: slot,
      energy: Clearing.wholeLots(of: wish.energy), limitPrice: wish.limitPrice, time: now)
    return book.take(order, at: now) ? [.order(order)] : []
  }

  /// Forgets typed orders for slots that have begun.
  mutating func forgetTyped(at now: Instant) -> [Action] {
    let old = typed.keys.sorted().filter { $0.start <= now }
    for slot in old { typed[slot] = nil }
    return old.map { .store(TypedOrder.forgotten($0)) }
  }
}
