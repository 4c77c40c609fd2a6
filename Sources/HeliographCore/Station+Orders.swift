import Ledger
import Market
import Quantities
import Sealing
import Texting

/// Orders that a person types, and what the book says.
extension Station {
  /// Places what was typed in the slot that holds this minute of the day, or in the next open one.
  mutating func type(
    _ side: Order.Side, _ energy: Energy, _ price: Price, _ minuteOfDay: Int64?, at now: Instant
  ) throws(MoneyRefusal) -> [Effect] {
    let state = site.state(at: now)
    guard energy == .zero || (state.importedTotal != nil && state.exportedTotal != nil) else {
      throw MoneyRefusal(
        reason: "no meter reads now; a trade could not be settled. STATUS shows it.")
    }
    if energy > .zero, let resolution = state.totalResolution,
      resolution > configuration.market.coarsestResolution
        || energy < resolution.scaled(by: EnergyTrader.leastSteps, over: 1)
    {
      throw MoneyRefusal(
        reason: "the meter counts in steps of \(resolution.text): too coarse for \(energy.text).")
    }
    let slot = slot(holding: minuteOfDay, at: now)
    let order = TypedOrder(side: side, energy: energy, limitPrice: price)
    guard let actions = trader.type(order, in: slot, at: now) else {
      throw MoneyRefusal(
        reason: "orders for \(clock(slot)) are closed, two minutes before it begins.")
    }
    let what = side == .offer ? "for sale" : "wanted"
    return effects(of: actions, at: now)
      + say(.market, "typed: \(energy.text) \(what) at \(clock(slot))", at: now)
  }

  private func slot(holding minuteOfDay: Int64?, at now: Instant) -> TimeSlot {
    let next = nextOpenSlot(at: now)
    guard let minuteOfDay else { return next }
    let today = configuration.localTime.minuteOfDay(at: now)
    let ahead = (minuteOfDay - today + 1440) % 1440
    return TimeSlot(containing: now + TimeSpan(minutes: ahead))
  }

  private func nextOpenSlot(at now: Instant) -> TimeSlot {
    let next = TimeSlot(containing: now).next
    return now < Order.gate(of: next) ? next : next.next
  }

  /// What is offered and wanted in the next open slot; nil when nothing is.
  ///
  /// Who holds much of one side and moves the price by what it asks is named: anyone who has the
  /// book can measure it.
  func offersText(at now: Instant) -> String? {
    let slot = nextOpenSlot(at: now)
    let orders = trader.knownOrders(in: slot).filter { $0.energy > .zero }
    guard !orders.isEmpty else { return nil }
    let offers = orders.filter { $0.side == .offer }
    let bids = orders.filter { $0.side == .bid }
    func sum(_ orders: [Order]) -> String {
      orders.reduce(Energy.zero) { $0 + $1.energy }.text
    }
    var parts: [String] = []
    if let least = offers.map(\.limitPrice).min() {
      parts.append("\(sum(offers)) for sale from \(least.text)")
    }
    if let most = bids.map(\.limitPrice).max() {
      parts.append("\(sum(bids)) wanted up to \(most.text)")
    }
    var text = "\(clock(slot)): " + parts.joined(separator: ", ")
    let limits = trader.limits(among: orders, ledger, at: now)
    let clearing = Clearing.clear(orders, within: limits)
    text += clearing.map { ". Would trade at \($0.price.text)" } ?? ". Nothing fits yet"
    if let mover = greatestMover(orders, limits) { text += ". " + mover }
    return text + "."
  }

  /// The household that has moved the price most, if by a twentieth of it or more.
  private func greatestMover(_ orders: [Order], _ limits: [CreditLimit]) -> String? {
    guard orders.count <= Self.mostMeasured else { return nil }
    let influences = orders.compactMap {
      PriceInfluence(of: $0.author, in: orders, within: limits)
    }
    // In order of author, so that on a tie the same one is named everywhere.
    var greatest: PriceInfluence?
    for influence in influences {
      let known = greatest?.moved?.magnitude ?? .zero
      if influence.moved?.magnitude ?? .zero > known { greatest = influence }
    }
    guard let greatest, let moved = greatest.moved, let price = greatest.price,
      moved.magnitude.rawValue * 20 >= price.rawValue, moved != .zero
    else { return nil }
    let sign = moved > .zero ? "+" : "-"
    return "\(trader.name(of: greatest.author)) moves it by \(sign)\(moved.magnitude.text)"
  }

  /// Larger books are not measured for a text's answer: it would take seconds on a board.
  private static let mostMeasured = 64
}
