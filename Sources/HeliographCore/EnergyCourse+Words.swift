import Quantities
import Sites

/// What a course comes to, in words for a person.
extension EnergyCourse {
  /// "PV 18.2 kWh, house 9.1 kWh, jobs 3.2 kWh, from the grid 0.4 kWh, to the grid 5.0 kWh".
  ///
  /// A quantity of which less than nine tenths are known has no sum, "PV ? (1 of 48 h known)"; one
  /// of which nothing is known is left out. Of a day that lasts, the hours behind count.
  public var sums: String {
    let slots = countedSlots
    var parts: [String] = []
    /// What is known of a quantity, if that is enough for a sum.
    func known(_ name: String, _ power: (Slot) -> Power?) -> [Power] {
      let known = slots.compactMap(power)
      guard !known.isEmpty, known.count * 10 < slots.count * 9 else { return known }
      let hours = "\(Self.hours(known.count)) of \(Self.hours(slots.count)) h known"
      parts.append("\(name) ? (\(hours))")
      return []
    }
    func add(_ name: String, _ powers: [Power]) {
      guard !powers.isEmpty else { return }
      let energy = powers.reduce(Energy.zero) { $0 + $1.energy(over: TimeSlot.length) }
      guard energy != .zero || name == "PV" else { return }
      parts.append("\(name) \(Self.kilowattHours(energy))")
    }
    add("PV", known("PV") { $0.pv?.middle })
    add("house", known("house") { $0.load?.middle })
    add("jobs", known("jobs") { $0.jobs })
    let grid = known("grid") { $0.grid }
    add("from the grid", grid.map { max(.zero, $0) })
    add("to the grid", grid.map { max(.zero, -$0) })
    return parts.isEmpty ? "nothing is known yet" : parts.joined(separator: ", ")
  }

  static func kilowattHours(_ energy: Energy) -> String {
    DecimalText.thousandths(energy.wattHours, places: 1) + " kWh"
  }

  /// So many slots as hours: "48", "0.25".
  private static func hours(_ slots: Int) -> String {
    DecimalText.thousandths(Int64(slots) * 250, places: slots % 4 == 0 ? 0 : 2)
  }

  /// What the battery is told and why, a line for each stretch, short enough for half an SMS.
  public var orderLines: [String] {
    orders.map { ReasonLine.fit("\(time(of: $0)) \(text(of: $0))") }
  }

  /// "22:00-tomorrow 06:00", "tomorrow 10:00-12:00": with the days that are not this one's.
  private func time(of span: OrderSpan) -> String {
    let from = localTime.clock(at: span.from, seenFrom: at)
    return "\(from)-\(localTime.clock(atEnd: span.to, of: span.from, seenFrom: at))"
  }

  private func text(of span: OrderSpan) -> String {
    switch span.kind {
    case .charge:
      let power = Self.most(of: span) ?? "what it takes"
      let source: String
      switch (span.drawsOnSun, span.drawsOnGrid) {
      case (true, true): source = " from sun and grid"
      case (true, false): source = " from the sun, keeps room for later sun"
      case (false, true): source = " from the grid"
      case (false, false): source = ""
      }
      let cost = span.importPrice.map { " at \(Self.text($0))" } ?? ""
      return "battery charges \(power)\(source)\(cost)\(later(span))"
    case .discharge:
      let causes = [
        span.exportPrice.map { "the grid pays \(Self.text($0))" },
        span.importPrice.map { "the grid costs \(Self.text($0))" },
      ].compactMap { $0 }
      let cause = causes.isEmpty ? "" : ", as \(causes.joined(separator: " or "))"
      return "battery gives \(Self.most(of: span) ?? "what is asked")\(cause)"
    case .hold:
      let cost = span.importPrice.map { " while the grid costs \(Self.text($0))" } ?? ""
      return "battery keeps its charge\(cost)\(later(span))"
    case .wait: return "battery waits, keeps room for later sun"
    }
  }

  /// "1500 W", "up to 2000 W".
  private static func most(of span: OrderSpan) -> String? {
    span.power.map { powers in
      (powers.lowerBound == powers.upperBound ? "" : "up to ") + powers.upperBound.text
    }
  }

  private static func text(_ prices: ClosedRange<Price>) -> String {
    prices.lowerBound == prices.upperBound
      ? prices.upperBound.text : "\(prices.lowerBound.text) to \(prices.upperBound.text)"
  }

  /// The dearest time that comes after a stretch, which it saves for.
  private func later(_ span: OrderSpan) -> String {
    guard let now = span.importPrice else { return "" }
    let after = slots.filter { $0.slot.start >= span.to }
    let dearest = after.compactMap { slot in slot.importPrice.map { ($0, slot.slot.start) } }
      .max { ($0.0, $1.1) < ($1.0, $0.1) }
    guard let (price, start) = dearest, now.upperBound < price else { return "" }
    return ", as \(localTime.clock(at: start, seenFrom: at)) costs \(price.text)"
  }
}
