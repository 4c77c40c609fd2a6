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
    var entries: [Entry] = []
    func add(_ swatch: Swatch, _ colour: String, _ words: String, if isShown: Bool = true) {
      if isShown { entries.append(Entry(swatch: swatch, colour: colour, words: words)) }
    }
    func has(_ order: EnergyCourse.Order.Kind) -> Bool {
      slots.contains { $0.order?.kind == order }
    }
    func runs(onSurplus: Bool) -> Bool {
      slots.contains { $0.runs.contains { $0.onSurplus == onSurplus } }
    }
    add(.line, Colour.sun, isPlan ? "sun, likely" : "sun")
    add(.band, Colour.sun, "8 times in 10", if: isPlan)
    add(.line, Colour.house, "house")
    add(.box, Colour.job, isPlan ? "job on sun" : "job", if: runs(onSurplus: true))
    add(.box, Colour.due, "job that is due", if: runs(onSurplus: false))
    let isHeldBack = slots.contains { $0.isCurtailed == true }
    add(.box, Colour.heldBack, "panels held back", if: isHeldBack)
    add(.dashes, Colour.battery, "reserve", if: course.reserve.map { $0 > .empty } ?? false)
    add(.box, Colour.battery, "told to charge", if: has(.charge))
    add(.box, Colour.discharge, "told to give", if: has(.discharge))
    add(.box, Colour.hold, "told to keep", if: has(.hold))
    add(.box, Colour.wait, "told to wait", if: has(.wait))
    add(.box, Colour.night, "no sun", if: slots.contains { course.isNight($0, best: best) })
    return entries
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
