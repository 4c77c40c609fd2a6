import Quantities

/// Finds out that a power and the registers beside it disagree about the direction.
///
/// A current transformer put on the wrong way round, or a profile with the maker's sign forgotten,
/// turns every import into a surplus (Growatt_ModbusTCP #121). A device that counts both directions
/// gives itself away: while its power keeps one direction, the register of the other one moves.
///
/// Three such windows without one that agrees mean that power or registers are wrong. Which of them
/// can't be known, so the power is unknown until a window agrees. A window ends when a register has
/// moved by three of its steps; one in which both registers moved, as a meter's that counts each
/// phase apart, says nothing.
struct SignWatch: Hashable, Sendable {
  static let steps: Int64 = 3
  static let windows = 3
  /// A power below this has no direction.
  static let least = Power(watts: 50)
  /// Readings further apart than this are no one window.
  static let longestGap = TimeSpan.minute

  /// Where a direction is counted.
  struct Pair: Hashable, Sendable {
    let power: DeviceQuantity
    /// The register of power above zero.
    let positive: DeviceQuantity
    let negative: DeviceQuantity

    static let grid = Pair(
      power: .gridPower, positive: .importedTotal, negative: .exportedTotal)
    static let battery = Pair(
      power: .batteryPower, positive: .chargedTotal, negative: .dischargedTotal)
  }

  let pair: Pair
  private(set) var isInverted = false
  private var evidence = 0
  /// +1, −1, or 0 while the power has no direction.
  private var direction: Int64 = 0
  private var at = Instant.distantPast
  private var firstRight: Int64 = 0
  private var firstWrong: Int64 = 0
  private var passed = Energy.zero

  init(pair: Pair) { self.pair = pair }

  /// Takes a reading; returns whether it has just been found inverted (true) or to agree again.
  mutating func take(_ reading: DeviceReading) -> Bool? {
    guard let power = reading[pair.power], let positive = reading[pair.positive],
      let negative = reading[pair.negative], let step = reading.totalResolution?.rawValue, step > 0
    else { return nil }
    let sign = abs(power) < Self.least.rawValue ? 0 : power.signum()
    let (right, wrong) = sign < 0 ? (negative, positive) : (positive, negative)
    let span = reading.at.since(at)
    at = reading.at
    guard sign != 0, sign == direction, span >= .zero, span <= Self.longestGap else {
      begin(sign, right: right, wrong: wrong)
      return nil
    }
    passed += Power(rawValue: abs(power)).energy(over: span)
    let moved = (right: right - firstRight, wrong: wrong - firstWrong)
    let enough = Self.steps * step
    if moved.right < 0 || moved.wrong < 0 || moved.right > 0 && moved.wrong > 0 {
      begin(sign, right: right, wrong: wrong)
      return nil
    }
    if moved.right >= enough {
      begin(sign, right: right, wrong: wrong)
      evidence = 0
      defer { isInverted = false }
      return isInverted ? false : nil
    }
    guard moved.wrong >= enough, passed.rawValue >= enough else { return nil }
    begin(sign, right: right, wrong: wrong)
    evidence = min(evidence + 1, Self.windows)
    guard evidence == Self.windows, !isInverted else { return nil }
    isInverted = true
    return true
  }

  private mutating func begin(_ sign: Int64, right: Int64, wrong: Int64) {
    direction = sign
    firstRight = right
    firstWrong = wrong
    passed = .zero
  }
}
