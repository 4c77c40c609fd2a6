import Quantities

/// What devices tell of the same power.
extension HouseCheck {
  /// Two devices that tell the same thing, each of them added.
  var doubled: [HouseFinding] {
    let values: [(SiteQuantity, KeyPath<DeviceReading, Power?>)] = [
      (.pv, \.pvPower), (.grid, \.gridPower), (.battery, \.batteryPower),
    ]
    return values.compactMap { quantity, value in
      let sources = devices.filter {
        $0.isAsked(for: quantity) && $0.reading?[keyPath: value] != nil
      }
      guard sources.count == 2, let one = sources[0].reading?[keyPath: value],
        let other = sources[1].reading?[keyPath: value], one.magnitude > Power(watts: 200),
        (one - other).magnitude <= one.magnitude.scaled(by: 1, over: 20)
      else { return nil }
      return HouseFinding(
        .doubtful,
        "\(sources[0].name) and \(sources[1].name) both tell \(quantity.rawValue): "
          + "\(one.text) and \(other.text) look like the same, counted twice",
        advice: "leave \(quantity.rawValue) in the `provides` of one of them")
    }
  }

  /// A device that isn't asked for the grid's power may know it all the same, and show that the
  /// meter which is asked is turned round.
  var opposed: [HouseFinding] {
    guard let grid = powers.grid else { return [] }
    return devices.filter { !$0.isAsked(for: .grid) }.compactMap { device in
      guard let other = device.reading?.gridPower else { return nil }
      let limit = Self.tolerance(Powers(load: other, grid: grid))
      guard grid.magnitude > limit, (grid - other).magnitude > limit,
        (grid + other).magnitude <= limit
      else { return nil }
      return HouseFinding(
        .wrong,
        "the grid's meter says \(grid.text) where \(device.name) says \(other.text)",
        advice: "one of them is turned round: \(Self.reversed("grid"))")
    }
  }
}
