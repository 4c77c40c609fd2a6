import Quantities
import Sites

/// What a course comes to, in words for a person.
extension EnergyCourse {
  /// "Energy": "PV 18.2 kWh, house 9.1 kWh, jobs 3.2 kWh, from the grid 0.4 kWh, to it 5.0 kWh".
  ///
  /// Sums over what is known; a quantity of which nothing is known is left out.
  public var sums: String {
    var parts: [String] = []
    func add(_ name: String, _ power: (Slot) -> Power?) {
      let known = slots.compactMap(power)
      guard !known.isEmpty else { return }
      let energy = known.reduce(Energy.zero) { $0 + $1.energy(over: TimeSlot.length) }
      guard energy != .zero || name == "PV" else { return }
      parts.append("\(name) \(Self.kilowattHours(energy))")
    }
    add("PV") { $0.pv?.middle }
    add("house") { $0.load?.middle }
    add("jobs") { $0.jobs }
    add("from the grid") { $0.grid.map { max(.zero, $0) } }
    add("to the grid") { $0.grid.map { max(.zero, -$0) } }
    return parts.isEmpty ? "nothing is known yet" : parts.joined(separator: ", ")
  }

  static func kilowattHours(_ energy: Energy) -> String {
    DecimalText.thousandths(energy.wattHours, places: 1) + " kWh"
  }

  /// What the battery is told and why, a line for each stretch, short enough for half an SMS.
  public var orderLines: [String] {
    orders.map { span in
      let time = "\(localTime.clock(at: span.from))-\(localTime.clock(at: span.to))"
      let price = span.price.map { prices in
        prices.lowerBound == prices.upperBound
          ? prices.upperBound.text : "\(prices.lowerBound.text) to \(prices.upperBound.text)"
      }
      let cost = price.map { " at \($0) a kWh" } ?? ""
      let power = span.power.map { powers in
        (powers.lowerBound == powers.upperBound ? "" : "up to ") + powers.upperBound.text
      }
      switch span.kind {
      case .charge:
        let words = "\(time) the battery charges with \(power ?? "what it takes")\(cost)"
        return ReasonLine.fit(words + later(span))
      case .discharge:
        let words = "\(time) the battery gives \(power ?? "what is asked")"
        return ReasonLine.fit(words + (price.map { ", as a kWh costs \($0)" } ?? ""))
      case .hold:
        return ReasonLine.fit("\(time) the battery keeps what it holds\(cost)\(later(span))")
      }
    }
  }

  /// The dearest time that comes after a stretch, which it saves for.
  private func later(_ span: OrderSpan) -> String {
    let after = slots.filter { $0.slot.start >= span.to }
    let dearest = after.compactMap { slot in slot.importPrice.map { ($0, slot.slot.start) } }
      .max { ($0.0, $1.1) < ($1.0, $0.1) }
    guard let (price, at) = dearest, let now = span.price, now.upperBound < price else { return "" }
    return ", as \(localTime.clock(at: at)) costs \(price.text)"
  }
}
