import Quantities

/// Draws a course as an SVG picture that stands by itself: no scripts, no outside fonts, a ground
/// of its own, so that it reads on a light page and on a dark one.
///
/// From top to bottom: sun and house, the jobs, the battery, the price, the hours. All lengths are
/// in tenths of a pixel.
public struct EnergyPicture {
  enum Colour {
    static let ground = "#14181d"
    static let panel = "#1d242c"
    static let night = "#10141a"
    static let grid = "#313b46"
    static let words = "#dfe5eb"
    static let faint = "#93a0ad"
    static let sun = "#f2c14e"
    static let house = "#6fb7e8"
    static let job = "#7ccf7c"
    static let due = "#ef7d6d"
    static let battery = "#b79cf0"
    static let price = "#5fc4b8"
    static let discharge = "#f0965a"
    static let hold = "#6b7885"
    static let wait = "#e3dcf7"
    static let heldBack = "#e0609a"
  }

  static let width = 9600
  static let left = 640
  static let right = 9360
  static let powerTop = 1140
  static let powerHeight = 2200
  static let headHeight = 220
  static let laneHeight = 200
  /// Jobs that get a lane of their own.
  static let maximumLanes = 6

  let course: EnergyCourse

  public init(_ course: EnergyCourse) { self.course = course }

  /// The whole document, as text in UTF-8.
  public var document: String {
    let panels = Panels(self)
    let title = Self.title(of: course)
    let height = SVGText.tenths(panels.bottom + 640)
    var output = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 \(height)" width="960" \
      height="\(height)" role="img" font-family="DejaVu Sans, Verdana, Arial, sans-serif" \
      font-size="11">
      <title>\(SVGText.escaped(title))</title>
      <rect width="960" height="\(height)" rx="8" fill="\(Colour.ground)"/>

      """
    output += SVGText.words(
      title, x: Self.left, y: 360, fill: Colour.words,
      more: " font-size=\"17\" font-weight=\"bold\"")
    output += SVGText.words(subtitle, x: Self.left, y: 570, fill: Colour.faint)
    output += legend(y: 800)
    guard !course.slots.isEmpty else { return output + "</svg>\n" }
    output += panels.grounds
    output += power
    output += panels.drawn
    return output + hours(panels) + "</svg>\n"
  }

  /// "amber: the plan for two days" or "amber: Sunday 21 June 2026".
  static func title(of course: EnergyCourse) -> String {
    guard let first = course.slots.first, let last = course.slots.last else {
      return "\(course.house): nothing is known yet"
    }
    let start = course.localTime.date(at: first.slot.start)
    if course.kind == .record { return "\(course.house): \(start.longText)" }
    let end = course.localTime.date(at: last.slot.start)
    let from = "\(start.shortText) \(course.localTime.clock(at: first.slot.start))"
    let to = "\(end.shortText) \(course.localTime.clock(at: last.slot.end))"
    return "\(course.house): the plan from \(from) to \(to)"
  }

  private var subtitle: String {
    course.kind == .plan ? "Expected: \(course.sums)" : "Seen: \(course.sums)"
  }

  // MARK: places

  /// Where the slot of this position begins; one past the last is the right edge.
  func x(_ position: Int) -> Int {
    Self.left + position * (Self.right - Self.left) / max(1, course.slots.count)
  }

  /// Stretches of neighbouring slots of which `value` is known.
  func stretches<Value>(
    _ value: (EnergyCourse.Slot) -> Value?
  ) -> [(first: Int, values: [Value])] {
    var found: [(first: Int, values: [Value])] = []
    var isOpen = false
    for (position, slot) in course.slots.enumerated() {
      guard let known = value(slot) else {
        isOpen = false
        continue
      }
      if isOpen {
        found[found.count - 1].values.append(known)
      } else {
        found.append((position, [known]))
      }
      isOpen = true
    }
    return found
  }

  /// Boxes over neighbouring slots of one colour; a box for each slot would show seams.
  func blocks(y: Int, height: Int, _ colour: (EnergyCourse.Slot) -> String?) -> String {
    var output = ""
    for (first, colours) in stretches(colour) {
      var start = 0
      for (offset, fill) in colours.enumerated() {
        guard offset + 1 == colours.count || colours[offset + 1] != fill else { continue }
        let from = x(first + start)
        output += SVGText.box(
          x: from, y: y, width: x(first + offset + 1) - from, height: height, fill: fill)
        start = offset + 1
      }
    }
    return output
  }

  /// A line through the middles of slots, drawn out to the edges of its stretch.
  func line(_ first: Int, _ heights: [Int]) -> [(x: Int, y: Int)] {
    guard let start = heights.first, let end = heights.last else { return [] }
    let middles = heights.enumerated().map { offset, y in
      (x: (x(first + offset) + x(first + offset + 1)) / 2, y: y)
    }
    return [(x(first), start)] + middles + [(x(first + heights.count), end)]
  }

  static func data(_ points: [(x: Int, y: Int)]) -> String {
    points.enumerated().map { index, point in
      (index == 0 ? "M" : "L") + SVGText.tenths(point.x) + " " + SVGText.tenths(point.y)
    }.joined()
  }

  /// A line in steps, level within each slot.
  func steps(_ first: Int, _ heights: [Int]) -> [(x: Int, y: Int)] {
    heights.enumerated().flatMap { offset, y in
      [(x: x(first + offset), y: y), (x: x(first + offset + 1), y: y)]
    }
  }

  // MARK: the hours

  /// Every third hour over two days, every second over one, and the dates below.
  private func hours(_ panels: Panels) -> String {
    let local = course.localTime
    let step: Int64 = course.slots.count > 120 ? 180 : 120
    var output = ""
    var days: [(day: Int64, from: Int, to: Int)] = []
    for (position, slot) in course.slots.enumerated() {
      let minute = local.minuteOfDay(at: slot.slot.start)
      if minute % step == 0 {
        output += SVGText.words(
          String(local.clock(at: slot.slot.start).prefix(2)), x: x(position),
          y: panels.bottom + 180, fill: Colour.faint, anchor: "middle")
      }
      let day = local.dayNumber(at: slot.slot.start)
      if days.last?.day != day { days.append((day, x(position), x(position))) }
      days[days.count - 1].to = x(position + 1)
    }
    for day in days where day.to - day.from > 1000 {
      output += SVGText.words(
        CivilDate(dayNumber: day.day).shortText, x: (day.from + day.to) / 2,
        y: panels.bottom + 400, fill: Colour.words, anchor: "middle")
    }
    output += SVGText.words(
      "h", x: Self.left - 240, y: panels.bottom + 180, fill: Colour.faint, anchor: "end")
    return output
  }
}
