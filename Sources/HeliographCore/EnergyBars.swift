import Quantities

/// Draws a course as bars of text, a row an hour, for a terminal of 80 columns.
///
/// Plain ASCII, because a serial console may know nothing else; at most 79 columns, as a character
/// in the last one makes some terminals wrap.
public struct EnergyBars {
  public static let width = 79

  private let course: EnergyCourse
  private let scale: Power
  private let barWidth: Int
  private let noteWidth: Int

  public init(_ course: EnergyCourse) {
    self.course = course
    let rows = Self.hours(of: course)
    let most = rows.map { max($0.pv?.high ?? .zero, $0.drawn ?? .zero) }.max() ?? .zero
    scale = EnergyCourse.roundUp(most)
    barWidth = course.hasVaryingPrice ? 26 : 32
    noteWidth = Self.width - barWidth - (course.hasVaryingPrice ? 39 : 32)
  }

  /// Title, legend, rows, and below them why.
  public var lines: [String] {
    guard !course.slots.isEmpty else {
      return [EnergyPicture.title(of: course) + ". STATUS shows what is."]
    }
    var lines = Self.wrapped(EnergyPicture.title(of: course))
    lines += legend + [heading]
    var day: Int64?
    for row in Self.hours(of: course) {
      if row.day != day { lines.append(CivilDate(dayNumber: row.day).shortText) }
      day = row.day
      lines.append(text(row))
    }
    lines.append("")
    let word = course.kind == .plan ? "Expected" : "Seen"
    lines += Self.wrapped("\(word): \(course.sums).")
    for job in course.jobs { lines += Self.wrapped("\(job.reason) (\(job.name)).") }
    for line in course.orderLines { lines += Self.wrapped(line + ".") }
    return lines
  }

  private var legend: [String] {
    let bar =
      course.kind == .plan
      ? "# sure, = likely, - if it goes well (9, 5, 1 times in 10), | house and jobs"
      : "# sun, | house and jobs"
    let end = "the bar ends at \(EnergyCourse.kilowatts(scale, of: scale)) kW"
    return Self.wrapped("\(bar); \(end). In kW: Grid + from it, - to it; ? not known.")
  }

  private var heading: String {
    "Hour  " + Self.left("Sun against house", barWidth) + Self.right("Sun", 6)
      + Self.right("Load", 6) + Self.right("Bat", 5) + Self.right("Grid", 7)
      + (course.hasVaryingPrice ? Self.right("Price", 7) : "") + "  Jobs"
  }

  private func text(_ row: Hour) -> String {
    var line = row.clock + " " + bar(row)
    line += Self.right(Self.kilowatts(row.pv?.middle), 6)
    line += Self.right(Self.kilowatts(row.drawn), 6)
    line += Self.right(row.charge.map { "\($0.percent)%" } ?? (course.hasBattery ? "?" : ""), 5)
    line += Self.right(Self.kilowatts(row.grid), 7)
    if course.hasVaryingPrice { line += Self.right(row.price?.text ?? "", 7) }
    line += "  " + notes(row)
    while line.last == " " { line.removeLast() }
    return String(line.prefix(Self.width))
  }

  /// The sun from the left in three strengths, and a mark where house and jobs come to.
  private func bar(_ row: Hour) -> String {
    func cells(_ power: Power) -> Int {
      let held = power.clamped(to: .zero...scale)
      let half = scale.rawValue / 2
      let exact = held.rawValue.multipliedFullWidth(by: Int64(barWidth))
      let whole = scale.rawValue.dividingFullWidth(exact)
      return Int(whole.quotient) + (whole.remainder > half ? 1 : 0)
    }
    var bar = Array(repeating: Character(" "), count: barWidth)
    if let pv = row.pv {
      for position in 0..<min(cells(pv.high), barWidth) { bar[position] = "-" }
      for position in 0..<min(cells(pv.middle), barWidth) { bar[position] = "=" }
      for position in 0..<min(cells(pv.low), barWidth) { bar[position] = "#" }
    } else {
      bar[0] = "?"
    }
    if let drawn = row.drawn { bar[min(cells(drawn), barWidth - 1)] = "|" }
    return String(bar)
  }

  private static func word(for order: EnergyCourse.Order.Kind) -> String {
    switch order {
    case .charge: "charge"
    case .discharge: "give"
    case .hold: "keep"
    case .wait: "wait"
    }
  }

  private func notes(_ row: Hour) -> String {
    var parts: [String] = []
    if !row.jobs.isEmpty { parts.append(row.jobs.map { "\($0)" }.joined(separator: ",")) }
    if row.isCurtailed { parts.append("held back") }
    guard let order = row.orders.first else { return parts.joined(separator: " ") }
    let words = row.orders.map { Self.word(for: $0.kind) }.joined(separator: ",")
    let short = (parts + [words]).joined(separator: " ")
    guard row.orders.count == 1, let power = order.power else { return short }
    let whole = short + " " + DecimalText.thousandths(power.watts, places: 1) + "kW"
    return whole.count <= noteWidth ? whole : short
  }
}

// MARK: rows and columns

extension EnergyBars {
  /// The slots of one local hour, in means; nil where less than half of them is known.
  private struct Hour {
    let start: Instant
    let day: Int64
    let clock: String
    let pv: EnergyCourse.Range?
    /// By house and jobs.
    let drawn: Power?
    let grid: Power?
    let charge: StateOfCharge?
    let price: Price?
    let jobs: [Int64]
    /// The first of each kind, in order of time.
    let orders: [EnergyCourse.Order]
    let isCurtailed: Bool

    init(_ slots: [EnergyCourse.Slot], _ local: LocalTime) {
      start = slots.first?.slot.start ?? .distantPast
      day = local.dayNumber(at: start)
      clock = local.clock(at: start)
      func mean<Value: Quantity>(_ value: (EnergyCourse.Slot) -> Value?) -> Value? {
        let known = slots.compactMap(value)
        guard !known.isEmpty, known.count * 2 >= slots.count else { return nil }
        return known.reduce(.zero, +).scaled(by: 1, over: Int64(known.count))
      }
      let low = mean { $0.pv?.low }
      let middle = mean { $0.pv?.middle }
      let high = mean { $0.pv?.high }
      if let low, let middle, let high {
        pv = EnergyCourse.Range(low: low, middle: middle, high: high)
      } else {
        pv = nil
      }
      drawn = mean { slot in slot.load.map { $0.middle + (slot.jobs ?? .zero) } }
      grid = mean { $0.grid }
      charge = slots.last?.stateOfCharge
      price = mean { $0.importPrice }
      jobs = Set(slots.flatMap { $0.runs.map(\.job) }).sorted()
      orders = slots.compactMap(\.order).reduce(into: []) { kinds, order in
        if !kinds.contains(where: { $0.kind == order.kind }) { kinds.append(order) }
      }
      isCurtailed = slots.contains { $0.isCurtailed == true }
    }
  }

  private static func hours(of course: EnergyCourse) -> [Hour] {
    var hours: [[EnergyCourse.Slot]] = []
    for slot in course.countedSlots {
      let isNew = course.localTime.minuteOfDay(at: slot.slot.start) % 60 == 0
      if isNew || hours.isEmpty { hours.append([]) }
      hours[hours.count - 1].append(slot)
    }
    return hours.map { Hour($0, course.localTime) }
  }

  /// "2.10", "?".
  private static func kilowatts(_ power: Power?) -> String {
    power.map { DecimalText.thousandths($0.watts, places: 2) } ?? "?"
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  private static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  /// Lines of at most `width` characters, broken between words.
  private static func wrapped(_ text: String) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " \(word)"
      } else {
        lines.append("  \(word)")
      }
    }
    return lines.map { String($0.prefix(width)) }
  }
}
