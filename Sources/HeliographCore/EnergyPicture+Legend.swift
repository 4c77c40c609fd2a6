import Quantities

// What each colour stands for; only what is in the picture.
extension EnergyPicture {
  private enum Swatch { case box, line, band, dashes }

  private struct Entry {
    let swatch: Swatch
    let colour: String
    let words: String
  }

  private var entries: [Entry] {
    let isPlan = course.kind == .plan
    let slots = course.slots
    let best = course.bestPV
    func has(_ order: EnergyCourse.Order.Kind) -> Bool {
      slots.contains { $0.order?.kind == order }
    }
    let candidates: [(Bool, Entry)] = [
      (true, Entry(swatch: .line, colour: Colour.sun, words: isPlan ? "sun, likely" : "sun")),
      (isPlan, Entry(swatch: .band, colour: Colour.sun, words: "8 times in 10")),
      (true, Entry(swatch: .line, colour: Colour.house, words: "house")),
      (
        slots.contains { $0.runs.contains { $0.onSurplus } },
        Entry(swatch: .box, colour: Colour.job, words: isPlan ? "job on sun" : "job")
      ),
      (
        slots.contains { $0.runs.contains { !$0.onSurplus } },
        Entry(swatch: .box, colour: Colour.due, words: "job that is due")
      ),
      (
        slots.contains { $0.isCurtailed == true },
        Entry(swatch: .box, colour: Colour.heldBack, words: "panels held back")
      ),
      (
        course.reserve.map { $0 > .empty } ?? false,
        Entry(swatch: .dashes, colour: Colour.battery, words: "reserve")
      ),
      (has(.charge), Entry(swatch: .box, colour: Colour.battery, words: "told to charge")),
      (has(.discharge), Entry(swatch: .box, colour: Colour.discharge, words: "told to give")),
      (has(.hold), Entry(swatch: .box, colour: Colour.hold, words: "told to keep")),
      (
        slots.contains { course.isNight($0, best: best) },
        Entry(swatch: .box, colour: Colour.night, words: "no sun")
      ),
    ]
    return candidates.filter(\.0).map(\.1)
  }

  func legend(y: Int) -> String {
    guard !course.slots.isEmpty else { return "" }
    var x = Self.left
    var y = y
    var output = ""
    for entry in entries {
      let width = 190 + Self.width(of: entry.words) + 200
      if x + width > Self.right {
        x = Self.left
        y += 160
      }
      switch entry.swatch {
      case .box:
        output += SVGText.box(
          x: x, y: y - 90, width: 140, height: 100, fill: entry.colour,
          more: entry.colour == Colour.night ? " stroke=\"\(Colour.faint)\"" : "")
      case .band:
        output += SVGText.box(
          x: x, y: y - 90, width: 140, height: 100, fill: entry.colour,
          more: " fill-opacity=\"0.28\"")
      case .line, .dashes:
        let dashes = entry.swatch == .dashes ? " stroke-dasharray=\"3 4\"" : ""
        output += SVGText.line(
          x1: x, y1: y - 40, x2: x + 140, y2: y - 40, stroke: entry.colour,
          more: " stroke-width=\"2\"\(dashes)")
      }
      output += SVGText.words(entry.words, x: x + 190, y: y, fill: Colour.faint)
      x += width
    }
    return output
  }

  /// About how wide a text of 11 pixels is, so that entries stand evenly in whatever font.
  static func width(of words: String) -> Int {
    words.reduce(0) { sum, letter in
      if "ijlt.,' ".contains(letter) { return sum + 38 }
      return sum + ("mw".contains(letter) ? 96 : 66)
    }
  }
}
