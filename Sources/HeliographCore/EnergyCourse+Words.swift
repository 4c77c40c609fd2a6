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

  /// What the battery is told and why, one line for each stretch.
  public var orderLines: [String] {
    orders.map { span in
      let time = "\(localTime.clock(at: span.from))-\(localTime.clock(at: span.to))"
      let cost = span.price.map { " at \($0.text) a kWh" } ?? ""
      switch span.order.kind {
      case .charge:
        let power = span.order.power?.text ?? "what it takes"
        return ReasonLine.fit("\(time) the battery charges with \(power)\(cost)\(later(span))")
      case .discharge:
        let power = span.order.power?.text ?? "what is asked"
        return ReasonLine.fit(
          "\(time) the battery gives \(power) while a kWh is worth \(span.price?.text ?? "more")")
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
    guard let (price, at) = dearest, span.price.map({ $0 < price }) ?? false else { return "" }
    return ", as \(localTime.clock(at: at)) costs \(price.text)"
  }
}
