import Quantities

/// Finds out when part of a device shows a picture of the past: a cache that nobody fills any more
/// looks alive (givenergy-modbus #91).
///
/// What belongs together (a power, its totals, the state of charge) is watched as one group. It is
/// *frozen* when it has repeated to the last digit for 10 minutes while something shows that it
/// must have moved:
///
/// 1. A power of 100 W or more would have moved the total that it feeds by three of its steps.
/// 2. A battery power of 100 W or more would have moved the state of charge, between 5 and 95 %, by
///    5 %.
/// 3. Powers elsewhere in the house have changed by more than 100 W and a tenth, three times over,
///    while 60 readings gave a power of 50 W or more. Only a device that has shown single watts
///    counts, and only below 95 % of the most that it has shown: an inverter at its limit stands
///    still.
///
/// A power of nothing never counts as frozen (sem-community #611), nor does a state of charge alone
/// or the load by itself. One reading that differs in any digit ends it.
struct StillWatch: Hashable, Sendable {
  static let span = TimeSpan(minutes: 10)
  static let evidenceReadings = 10
  static let aloneReadings = 60
  static let totalSteps: Int64 = 3
  static let chargeShare: Int64 = 50
  static let movesElsewhere = 3
  static let leastForTotals = Power(watts: 100)
  static let leastAlone = Power(watts: 50)
  static let coarsestAlone: Int64 = 1000

  /// What stands or falls together.
  enum Group: String, Hashable, Sendable, CaseIterable {
    case grid, pv, battery

    /// Everything that has to repeat for the group to stand still; the first is its power.
    var quantities: [DeviceQuantity] {
      switch self {
      case .grid: [.gridPower, .importedTotal, .exportedTotal]
      case .pv: [.pvPower, .inverterPower, .generatedTotal]
      case .battery: [.batteryPower, .stateOfCharge, .chargedTotal, .dischargedTotal]
      }
    }

    /// The register that a power of this sign moves.
    func total(sign: Int64) -> DeviceQuantity {
      switch self {
      case .grid: sign > 0 ? .importedTotal : .exportedTotal
      case .pv: .generatedTotal
      case .battery: sign > 0 ? .chargedTotal : .dischargedTotal
      }
    }
  }

  /// What the group's coming and going is worth saying.
  enum Note: Hashable, Sendable {
    case froze(since: Instant, power: Power)
    case moves
  }

  let group: Group
  private(set) var isFrozen = false
  private var shown: [Int64?] = []
  private var since = Instant.distantPast
  private var readings = 0
  /// The house's moves when the group began to stand.
  private var movesBefore = 0
  /// The greatest common divisor of all powers seen: the grain of what the device says.
  private var grain: Int64 = 0
  /// The most power seen, whatever its sign.
  private var most: Int64 = 0
  /// The power that the next move is measured from.
  private var anchor: Int64?

  init(group: Group) { self.group = group }

  /// Takes a reading; `moves` counts the moves of all powers of the house and gains this group's.
  mutating func take(
    _ reading: DeviceReading, capacity: Energy?, moves: inout Int
  ) -> Note? {
    let now = group.quantities.map { reading[$0] }
    guard now == shown else { return start(now, reading: reading, moves: &moves) }
    readings += 1
    guard !isFrozen, let power = now[0], power != 0, reading.operatingState != .throttled else {
      return nil
    }
    let span = reading.at.since(since)
    let stands =
      hasStoodTotal(power, reading, span: span)
      || hasStoodCharge(power, reading, capacity: capacity, span: span)
      || hasStoodAlone(power, span: span, moves: moves - movesBefore)
    guard stands else { return nil }
    isFrozen = true
    return .froze(since: since, power: Power(rawValue: power))
  }

  private mutating func start(
    _ now: [Int64?], reading: DeviceReading, moves: inout Int
  ) -> Note? {
    shown = now
    since = reading.at
    readings = 1
    if let power = now[0] {
      grain = Self.commonDivisor(grain, abs(power))
      most = max(most, abs(power))
      let step = max(abs(anchor ?? power) / 10, Self.leastForTotals.rawValue)
      if abs(power - (anchor ?? power)) > step {
        moves += 1
        anchor = power
      }
      anchor = anchor ?? power
    }
    movesBefore = moves
    guard isFrozen else { return nil }
    isFrozen = false
    return .moves
  }

  private func hasStoodTotal(_ power: Int64, _ reading: DeviceReading, span: TimeSpan) -> Bool {
    guard span >= Self.span, readings >= Self.evidenceReadings,
      abs(power) >= Self.leastForTotals.rawValue,
      let total = reading[group.total(sign: power)], total > 0,
      let step = reading.totalResolution?.rawValue, step > 0
    else { return false }
    let passed = Power(rawValue: abs(power)).energy(over: span)
    // What leaves a battery or a roof is counted after its losses.
    return passed.rawValue / 10 * 8 >= Self.totalSteps * step
  }

  private func hasStoodCharge(
    _ power: Int64, _ reading: DeviceReading, capacity: Energy?, span: TimeSpan
  ) -> Bool {
    guard group == .battery, span >= Self.span, readings >= Self.evidenceReadings,
      abs(power) >= Self.leastForTotals.rawValue, let capacity, capacity > .zero,
      let charge = reading.stateOfCharge, (50...950).contains(charge.permille)
    else { return false }
    let passed = Power(rawValue: abs(power)).energy(over: span)
    return passed >= capacity.scaled(by: Self.chargeShare, over: 1000)
  }

  private func hasStoodAlone(_ power: Int64, span: TimeSpan, moves: Int) -> Bool {
    span >= Self.span && readings >= Self.aloneReadings && moves >= Self.movesElsewhere
      && abs(power) >= Self.leastAlone.rawValue && (1...Self.coarsestAlone).contains(grain)
      && abs(power) / 95 * 100 < most
  }

  private static func commonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }
}

extension DeviceReading {
  /// Makes unknown what belongs to a frozen group, the load with it: the same device computes it.
  mutating func drop(_ group: StillWatch.Group) {
    for quantity in group.quantities { self[quantity] = nil }
    if group == .pv { operatingState = nil }
    loadPower = nil
  }
}
