import Quantities

/// How well a profile reads a device that nobody has described yet.
///
/// Modbus devices don't say what they are, and many answer any address with zeros. So a profile
/// counts for what it makes known, for values that are not zero, and for powers that fit together.
public struct ProfileMatch: Hashable, Sendable {
  public let profile: String
  public let reading: DeviceReading
  /// How many of its quantities the profile makes known here.
  public let known: Int
  /// How many quantities the profile has registers for.
  public let total: Int
  /// What orders matches: larger is better.
  public let score: Int

  /// Nil where the profile makes less than two thirds known, or nothing but zeros: no match.
  public init?(map: RegisterMap, image: RegisterImage, device: DeviceName = "scanned") {
    let reading = map.decode(image, device: device, at: .distantPast)
    let offered = DeviceQuantity.allCases.filter { quantity in
      map.profile.registers.contains { $0.quantity == quantity }
    }
    let known = offered.filter { reading[$0] != nil }
    // What hardly moves, such as a rating or a state, is easily met by chance.
    let telling = known.filter { quantity in
      (Self.moving.contains(quantity) || quantity.isTotal) && reading[quantity] != 0
    }
    guard known.count * 3 >= offered.count * 2, !telling.isEmpty else { return nil }
    self.profile = map.profile.name
    self.reading = reading
    self.known = known.count
    self.total = offered.count
    score = 3 * telling.count + known.count - 3 * (offered.count - known.count) + Self.fit(reading)
  }

  private static let moving: [DeviceQuantity] = [
    .pvPower, .loadPower, .gridPower, .batteryPower, .inverterPower, .stateOfCharge,
  ]

  /// In order from the best: by score, then by name.
  public static func ranked(_ matches: [ProfileMatch]) -> [ProfileMatch] {
    matches.sorted { ($1.score, $0.profile) < ($0.score, $1.profile) }
  }

  /// Powers that add up speak for a profile, powers that don't against it.
  private static func fit(_ reading: DeviceReading) -> Int {
    guard let load = reading.loadPower, let grid = reading.gridPower else { return 0 }
    let powers = HouseCheck.Powers(
      pv: reading.pvPower, load: load, grid: grid, battery: reading.batteryPower)
    let isFine = HouseCheck.balance(powers).allSatisfy { $0.weight == .fine }
    // A house in which nothing flows adds up for any profile.
    guard load.magnitude + grid.magnitude > Power(watts: 50) else { return 0 }
    return isFine ? 8 : -8
  }
}
