import Quantities

extension EnergyPicture {
  /// What lies below the power: lanes of jobs, the battery, the price, and where each is.
  struct Panels {
    let picture: EnergyPicture
    /// The jobs with a lane, in order of number.
    let lanes: [Int64]
    let jobCount: Int
    let jobsTop: Int
    let batteryTop: Int?
    let priceTop: Int?
    let bottom: Int

    static let batteryHeight = 760
    static let priceHeight = 420

    init(_ picture: EnergyPicture) {
      self.picture = picture
      let course = picture.course
      var running: [Int64] = []
      for run in course.slots.flatMap(\.runs) where !running.contains(run.job) {
        running.append(run.job)
      }
      lanes = Array(running.sorted().prefix(EnergyPicture.maximumLanes))
      jobCount = running.count
      var end = EnergyPicture.powerTop + EnergyPicture.powerHeight
      jobsTop = end + EnergyPicture.headHeight + 60
      if !lanes.isEmpty { end = jobsTop + lanes.count * EnergyPicture.laneHeight }
      if course.slots.contains(where: { $0.stateOfCharge != nil }) {
        batteryTop = end + EnergyPicture.headHeight + 60
        end += EnergyPicture.headHeight + 60 + Self.batteryHeight
      } else {
        batteryTop = nil
      }
      if course.hasVaryingPrice {
        priceTop = end + EnergyPicture.headHeight + 60
        end += EnergyPicture.headHeight + 60 + Self.priceHeight
      } else {
        priceTop = nil
      }
      bottom = end
    }

    /// Each panel's ground, the nights on it, and the lines of hours and midnights.
    var grounds: String {
      var boxes = [(EnergyPicture.powerTop, EnergyPicture.powerHeight)]
      if !lanes.isEmpty { boxes.append((jobsTop, lanes.count * EnergyPicture.laneHeight)) }
      if let batteryTop { boxes.append((batteryTop, Self.batteryHeight)) }
      if let priceTop { boxes.append((priceTop, Self.priceHeight)) }
      return boxes.map { ground(top: $0.0, height: $0.1) }.joined()
    }

    private func ground(top: Int, height: Int) -> String {
      let course = picture.course
      var output = SVGText.box(
        x: EnergyPicture.left, y: top, width: EnergyPicture.right - EnergyPicture.left,
        height: height, fill: Colour.panel)
      let best = course.bestPV
      for (first, values) in picture.stretches({ course.isNight($0, best: best) ? true : nil }) {
        let from = picture.x(first)
        output += SVGText.box(
          x: from, y: top, width: picture.x(first + values.count) - from, height: height,
          fill: Colour.night)
      }
      for (position, slot) in course.slots.enumerated() where position > 0 {
        let minute = course.localTime.minuteOfDay(at: slot.slot.start)
        guard minute % 360 == 0 else { continue }
        output += SVGText.line(
          x1: picture.x(position), y1: top, x2: picture.x(position), y2: top + height,
          stroke: Colour.grid, more: minute == 0 ? " stroke-width=\"2\"" : "")
      }
      return output
    }

    var drawn: String { jobs + battery + price }

    private func head(_ text: String, top: Int) -> String {
      SVGText.words(
        text, x: EnergyPicture.left, y: top - 80, fill: Colour.words,
        more: " font-weight=\"bold\"")
    }

    // MARK: jobs

    private var jobs: String {
      guard !lanes.isEmpty else { return "" }
      let shown = lanes.count < jobCount ? "Jobs (\(lanes.count) of \(jobCount))" : "Jobs"
      return head(shown, top: jobsTop)
        + lanes.enumerated().map { lane(of: $1, top: jobsTop + $0 * EnergyPicture.laneHeight) }
        .joined()
    }

    private func lane(of job: Int64, top: Int) -> String {
      var output = SVGText.words(
        "job \(job)", x: EnergyPicture.left - 90, y: top + 140, fill: Colour.faint,
        anchor: "end")
      output += picture.blocks(y: top + 40, height: EnergyPicture.laneHeight - 80) { slot in
        slot.runs.first { $0.job == job }.map { $0.onSurplus ? Colour.job : Colour.due }
      }
      let taken = picture.stretches { slot in slot.runs.first { $0.job == job } }.map {
        (from: picture.x($0.first), to: picture.x($0.first + $0.values.count))
      }
      return output + name(of: job, beside: taken, y: top + 140)
    }

    /// The job's name after its blocks, before them or between two, where there is room for it.
    private func name(of job: Int64, beside taken: [(from: Int, to: Int)], y: Int) -> String {
      guard let known = picture.course.jobs.first(where: { $0.number == job }) else { return "" }
      let text = "\(known.name), \(known.power.text)"
      let width = EnergyPicture.width(of: text) + 200
      guard let first = taken.first, let last = taken.last else { return "" }
      if last.to + width <= EnergyPicture.right {
        return SVGText.words(text, x: last.to + 80, y: y, fill: Colour.words)
      }
      if first.from - width >= EnergyPicture.left {
        return SVGText.words(text, x: first.from - 80, y: y, fill: Colour.words, anchor: "end")
      }
      let gap = zip(taken, taken.dropFirst()).first { $0.to + width <= $1.from }
      return gap.map { SVGText.words(text, x: $0.0.to + 80, y: y, fill: Colour.words) } ?? ""
    }

    // MARK: battery

    private var battery: String {
      guard let top = batteryTop else { return "" }
      func y(_ charge: StateOfCharge) -> Int {
        let held = charge.clamped(to: .empty ... .full)
        return top + Self.batteryHeight - Int(held.permille) * Self.batteryHeight / 1000
      }
      var output = head("Battery, %", top: top)
      for percent in [0, 50, 100] as [Int64] {
        output += SVGText.words(
          "\(percent)", x: EnergyPicture.left - 90, y: y(StateOfCharge(percent: percent)) + 40,
          fill: Colour.faint, anchor: "end")
      }
      for (first, values) in picture.stretches({ $0.stateOfCharge }) {
        let line = picture.line(first, values.map(y))
        let floor = top + Self.batteryHeight
        let base = [
          (x: picture.x(first + values.count), y: floor), (x: picture.x(first), y: floor),
        ]
        output += SVGText.path(
          EnergyPicture.data(line + base) + "Z", fill: Colour.battery,
          more: " fill-opacity=\"0.2\"")
        output += SVGText.path(
          EnergyPicture.data(line), fill: "none",
          more: " stroke=\"\(Colour.battery)\" stroke-width=\"2\" stroke-linejoin=\"round\"")
      }
      if let reserve = picture.course.reserve, reserve > .empty {
        output += SVGText.line(
          x1: EnergyPicture.left, y1: y(reserve), x2: EnergyPicture.right, y2: y(reserve),
          stroke: Colour.battery, more: " stroke-dasharray=\"3 4\" stroke-opacity=\"0.8\"")
      }
      return output + orders(bottom: top + Self.batteryHeight)
    }

    private func orders(bottom: Int) -> String {
      picture.blocks(y: bottom - 80, height: 80) { slot in
        slot.order.map { Self.colour(of: $0.kind) }
      }
    }

    static func colour(of order: EnergyCourse.Order.Kind) -> String {
      switch order {
      case .charge: Colour.battery
      case .discharge: Colour.discharge
      case .hold: Colour.hold
      case .wait: Colour.wait
      }
    }

    // MARK: price

    private var price: String {
      guard let top = priceTop else { return "" }
      let prices = picture.course.slots.compactMap(\.importPrice)
      guard let highest = prices.max(), let lowest = prices.min() else { return "" }
      // Drawn from zero, so that twice as high costs twice as much.
      let floor = min(lowest, .zero)
      let range = max(highest - floor, Price(millicreditsPerKilowattHour: 1))
      let inner = Self.priceHeight - 60
      func y(_ price: Price) -> Int {
        let share = (price - floor).scaled(by: Int64(inner), over: range.rawValue)
        return top + Self.priceHeight - Int(share.rawValue)
      }
      var output = head("A kWh from the grid, credits", top: top)
      for price in Set([highest, lowest]).sorted() {
        output += SVGText.words(
          Self.short(price), x: EnergyPicture.left - 90, y: y(price) + 40, fill: Colour.faint,
          anchor: "end")
      }
      for (first, values) in picture.stretches({ $0.importPrice }) {
        let line = picture.steps(first, values.map(y))
        let base = [
          (x: picture.x(first + values.count), y: y(.zero)), (x: picture.x(first), y: y(.zero)),
        ]
        output += SVGText.path(
          EnergyPicture.data(line + base) + "Z", fill: Colour.price,
          more: " fill-opacity=\"0.22\"")
        output += SVGText.path(
          EnergyPicture.data(line), fill: "none",
          more: " stroke=\"\(Colour.price)\" stroke-width=\"1.6\"")
      }
      return output
    }

    private static func short(_ price: Price) -> String {
      let value = price.millicreditsPerKilowattHour
      return DecimalText.thousandths(value, places: value % 1000 == 0 ? 0 : 1)
    }
  }
}
