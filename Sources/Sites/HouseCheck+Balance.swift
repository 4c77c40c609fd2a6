import Quantities

/// How the powers of a house fit together.
extension HouseCheck {
  /// Whether sun + grid = load + battery, and if not, which one sign would make it so.
  static func balance(_ powers: Powers) -> [HouseFinding] {
    guard let grid = powers.grid else { return [] }
    if let load = powers.load { return measured(powers, load: load, grid: grid) }
    return derived(powers, grid: grid)
  }

  private static func measured(_ powers: Powers, load: Power, grid: Power) -> [HouseFinding] {
    let pv = powers.pv ?? .zero
    let battery = powers.battery ?? .zero
    let limit = tolerance(powers)
    let gap = pv + grid - battery - load
    let sum = equation(powers, load: load)
    if gap.magnitude <= limit {
      return [HouseFinding(.fine, "the powers add up: \(sum), off by \(gap.magnitude.text)")]
    }
    // What stands at least two tolerances from zero can be told from its opposite.
    let causes = [
      (grid, (gap - grid - grid).magnitude, "grid"),
      (battery, (gap + battery + battery).magnitude, "battery"),
    ].filter { $0.0.magnitude > limit && $0.1 <= limit }
    let seen = "the powers don't add up: \(sum), off by \(gap.magnitude.text)"
    guard causes.count == 1, let cause = causes.first else {
      return [
        HouseFinding(
          .wrong, seen,
          advice:
            "a source is missing, or is counted twice, or a phase is not measured; look again "
            + "with a large load switched on")
      ]
    }
    return [HouseFinding(.wrong, seen, advice: reversed(cause.2))]
  }

  private static func derived(_ powers: Powers, grid: Power) -> [HouseFinding] {
    guard powers.pv != nil || powers.battery != nil else {
      return [
        HouseFinding(
          .doubtful, "only the grid is known, \(grid.text): nothing to hold it against",
          advice: "--kettle tests its sign; with panels, describe the inverter too")
      ]
    }
    let pv = powers.pv ?? .zero
    let battery = powers.battery ?? .zero
    let load = pv + grid - battery
    let limit = tolerance(powers)
    guard load < -limit else {
      let sum = equation(powers, load: load)
      return [HouseFinding(.fine, "the powers fit: \(sum), the load being what is left")]
    }
    let seen =
      "the house would draw less than nothing: sun \(pv.text) + grid \(grid.text) "
      + "− battery \(battery.text) = \(load.text)"
    let turnsGrid = pv - grid - battery >= -limit && grid < .zero
    let turnsBattery = pv + grid + battery >= -limit && battery > .zero
    switch (turnsGrid, turnsBattery) {
    case (true, false): return [HouseFinding(.wrong, seen, advice: reversed("grid"))]
    case (false, true): return [HouseFinding(.wrong, seen, advice: reversed("battery"))]
    default:
      return [
        HouseFinding(
          .wrong, seen,
          advice: "the grid's or the battery's sign is turned round, or a source of the sun is "
            + "missing; look again with a large load switched on")
      ]
    }
  }

  static func reversed(_ what: String) -> String {
    what == "grid"
      ? "the meter at the grid is turned round: its arrow should point from the grid to the house; "
        + "turn the clamp or swap its two wires"
      : "the battery's sign is turned round: another profile, or another setting in the inverter"
  }

  private static func equation(_ powers: Powers, load: Power) -> String {
    let battery = powers.battery.map { " + battery \($0.text)" } ?? ""
    return "sun \(powers.pv?.text ?? "0 W") + grid \(powers.grid?.text ?? "?") "
      + "= load \(load.text)\(battery)"
  }

  /// What a large load of known size has changed, switched on between two looks.
  ///
  /// The surest check of a sign: a kettle makes the house draw more, whatever the sun does.
  public static func step(from before: Powers, to after: Powers, switched on: Power)
    -> [HouseFinding]
  {
    guard let gridBefore = before.grid, let gridAfter = after.grid else {
      return [
        HouseFinding(
          .doubtful, "no grid power in both looks: nothing to compare",
          advice: "look again when the meter answers")
      ]
    }
    guard (before.pv == nil) == (after.pv == nil), (before.battery == nil) == (after.battery == nil)
    else {
      return [
        HouseFinding(
          .doubtful, "sun or battery was known in one look only: nothing to compare",
          advice: "look again when every device answers")
      ]
    }
    let grid = gridAfter - gridBefore
    let battery = (after.battery ?? .zero) - (before.battery ?? .zero)
    let sun = (after.pv ?? .zero) - (before.pv ?? .zero)
    // Sun that came meanwhile carries part of the load.
    let drawn = grid - battery + sun
    let seen =
      "with \(on.text) more: grid \(signed(grid)), battery \(signed(battery)), sun \(signed(sun))"
    let half = on.scaled(by: 1, over: 2)
    if drawn >= half && drawn <= on.scaled(by: 3, over: 2) { return [HouseFinding(.fine, seen)] }
    if sun - grid - battery >= half, grid <= -half {
      return [HouseFinding(.wrong, seen, advice: reversed("grid"))]
    }
    if grid + battery + sun >= half, battery >= half {
      return [HouseFinding(.wrong, seen, advice: reversed("battery"))]
    }
    return [
      HouseFinding(
        .wrong, seen,
        advice: "the meter does not see this load: it may hang on another phase, before the meter, "
          + "or it was not switched on")
    ]
  }

  private static func signed(_ power: Power) -> String {
    (power > .zero ? "+" : "") + power.text
  }
}
