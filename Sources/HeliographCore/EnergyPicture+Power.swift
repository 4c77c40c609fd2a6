import Quantities

// Sun, house and jobs: what flows, in kW.
extension EnergyPicture {
  /// What the upper edge stands for: the least round power above all that is drawn.
  var scale: Power {
    var most = Power.zero
    for slot in course.slots {
      most = max(most, slot.pv?.high ?? .zero)
      most = max(most, (slot.load?.middle ?? .zero) + (slot.jobs ?? .zero))
    }
    return EnergyCourse.roundUp(most)
  }

  private func y(_ power: Power, _ scale: Power) -> Int {
    let held = power.clamped(to: .zero...scale)
    let height = held.scaled(by: Int64(Self.powerHeight), over: scale.rawValue).rawValue
    return Self.powerTop + Self.powerHeight - Int(height)
  }

  /// The first panel, its axis among it.
  var power: String {
    let scale = scale
    var output = SVGText.words(
      "Power, kW", x: Self.left, y: Self.powerTop - 80, fill: Colour.words,
      more: " font-weight=\"bold\"")
    for tick in 0...4 as ClosedRange<Int64> {
      let power = scale.scaled(by: tick, over: 4)
      let level = y(power, scale)
      if tick > 0, tick < 4 {
        output += SVGText.line(
          x1: Self.left, y1: level, x2: Self.right, y2: level, stroke: Colour.grid)
      }
      output += SVGText.words(
        EnergyCourse.kilowatts(power, of: scale), x: Self.left - 90, y: level + 40,
        fill: Colour.faint, anchor: "end")
    }
    return output + sun(scale) + house(scale) + heldBack
  }

  private func sun(_ scale: Power) -> String {
    var output = ""
    for (first, values) in stretches({ $0.pv }) {
      let upper = line(first, values.map { y($0.high, scale) })
      let lower = line(first, values.map { y($0.low, scale) })
      if course.kind == .plan {
        output += SVGText.path(
          Self.data(upper + lower.reversed()) + "Z", fill: Colour.sun,
          more: " fill-opacity=\"0.28\"")
      } else {
        let floor = y(.zero, scale)
        let base = [(x: x(first + values.count), y: floor), (x: x(first), y: floor)]
        output += SVGText.path(
          Self.data(upper + base) + "Z", fill: Colour.sun, more: " fill-opacity=\"0.22\"")
      }
      output += SVGText.path(
        Self.data(line(first, values.map { y($0.middle, scale) })), fill: "none",
        more: " stroke=\"\(Colour.sun)\" stroke-width=\"2\" stroke-linejoin=\"round\"")
    }
    return output
  }

  /// The house's line, and what jobs draw on top of it.
  private func house(_ scale: Power) -> String {
    var output = ""
    let both = stretches { slot -> (load: Power, all: Power)? in
      guard let load = slot.load?.middle, let jobs = slot.jobs, jobs > .zero else { return nil }
      return (load, load + jobs)
    }
    for (first, values) in both {
      let upper = steps(first, values.map { y($0.all, scale) })
      let lower = steps(first, values.map { y($0.load, scale) })
      output += SVGText.path(
        Self.data(upper + lower.reversed()) + "Z", fill: Colour.job,
        more: " fill-opacity=\"0.55\"")
    }
    for (first, values) in stretches({ $0.load?.middle }) {
      output += SVGText.path(
        Self.data(steps(first, values.map { y($0, scale) })), fill: "none",
        more: " stroke=\"\(Colour.house)\" stroke-width=\"1.6\" stroke-linejoin=\"round\"")
    }
    return output
  }

  /// A bar along the top where panels are held back.
  private var heldBack: String {
    blocks(y: Self.powerTop, height: 50) { $0.isCurtailed == true ? Colour.heldBack : nil }
  }
}

extension EnergyCourse {
  /// The least round power that is at least `power`, from 100 W; a quarter of it is round too.
  static func roundUp(_ power: Power) -> Power {
    var unit = Power(watts: 100)
    while unit.scaled(by: 10, over: 1) < power, unit < Power(watts: 100_000_000) {
      unit = unit.scaled(by: 10, over: 1)
    }
    let tenths: [Int64] = [10, 12, 16, 20, 24, 32, 40, 60, 80, 100]
    let fits = tenths.map { unit.scaled(by: $0, over: 10) }.first { $0 >= power }
    return fits ?? power
  }

  /// Kilowatts with as many digits as quarters of `scale` need.
  static func kilowatts(_ power: Power, of scale: Power) -> String {
    let step = scale.watts / 4
    let places = step % 1000 == 0 ? 0 : step % 100 == 0 ? 1 : step % 10 == 0 ? 2 : 3
    return DecimalText.thousandths(power.watts, places: places)
  }
}
