import Quantities
import Sites

/// One Modbus device of a simulated house: shows its part of the truth in its maker's registers,
/// obeys its control registers, and goes wrong as its plan of faults says.
public struct SimulatedDevice: Sendable {
  /// What a request is answered with, before the wire has its say.
  public enum Answer: Hashable, Sendable {
    case words([UInt16])
    /// A write that was taken.
    case written
    /// A Modbus exception code.
    case exception(UInt8)
    case silence
  }

  /// An answer, and what the wire is still to do to it.
  public struct Outcome: Hashable, Sendable {
    public let answer: Answer
    /// Nil, or one that is not of the registers.
    public var fault: HouseFault?
    /// Decides what the fault leaves to chance, from 0 on.
    public var choice = 0

    /// An answer that reaches the client as it is.
    public init(_ answer: Answer) { self.answer = answer }
  }

  /// How long a frozen device repeats itself, in the house's time.
  public static let freeze = TimeSpan(minutes: 30)
  /// How long after that it does not restart.
  public static let settling = TimeSpan(minutes: 10)

  /// What counters usually stand at: not at zero, which in SunSpec would mean "not implemented".
  public static let before: [DeviceQuantity: Energy] = [
    .importedTotal: Energy(wattHours: 500_000), .exportedTotal: Energy(wattHours: 1_200_000),
    .generatedTotal: Energy(wattHours: 3_400_000), .chargedTotal: Energy(wattHours: 900_000),
    .dischargedTotal: Energy(wattHours: 800_000),
  ]

  public let unit: UInt8
  public private(set) var controls: SimulatedControls
  public private(set) var faults: FaultPlan
  /// How often the device has restarted.
  public private(set) var restarts = 0

  private let layout: RegisterLayout
  /// What its counters stood at when the house was begun: a device is older than that.
  private let before: [DeviceQuantity: Energy]
  private var truth: DeviceReading
  private var isDark = false
  /// The true totals at the latest restart, by quantity.
  private var zero: [DeviceQuantity: Int64] = [:]
  /// Whether a restart that is due waits for `restartIfDue`.
  public var restartsWhenTold = false
  private var mayRestart = false
  private var settledAt = Instant.distantPast
  private var frozen: (reading: DeviceReading, until: Instant)?
  private var image: RegisterImage?

  /// - Parameters:
  ///   - before: what its energy counters stand at when the house is begun.
  ///   - reading: the truth to begin with.
  public init(
    unit: UInt8, layout: RegisterLayout,
    before: [DeviceQuantity: Energy] = SimulatedDevice.before,
    faults: FaultPlan = FaultPlan(seed: 0), showing reading: DeviceReading
  ) {
    self.unit = unit
    self.layout = layout
    self.before = before
    self.faults = faults
    truth = reading
    controls = SimulatedControls(layout.controls(of: reading), wordOrder: layout.wordOrder)
  }

  /// Gives the device a new truth to show; `isDark` is whether the sun is down.
  public mutating func show(_ reading: DeviceReading, isDark: Bool) {
    controls.expire(at: reading.at)
    truth = reading
    self.isDark = isDark
    if let frozen, reading.at >= frozen.until { self.frozen = nil }
    image = nil
  }

  /// Answers a read.
  public mutating func read(_ span: RegisterSpan) -> Outcome {
    guard !sleeps else { return Outcome(.silence) }
    let fault = faults.next()
    switch fault {
    case .silence: return Outcome(.silence)
    case .exception:
      return Outcome(.exception([4, 5, 6, 10][faults.choice(below: 4)]))
    case .frozen:
      // Until it thaws by itself; a second freeze meanwhile changes nothing.
      frozen = frozen ?? (shown, truth.at + Self.freeze)
      settledAt = truth.at + Self.freeze + Self.settling
    default: break
    }
    let words: [UInt16]?
    switch fault {
    case .torn: words = layout.torn(registers, span, choice: faults.choice(below: 1 << 16))
    case .sentinel:
      words = layout.image(of: unknown(shown, in: span)).words(in: span)
    case .dip: words = layout.image(of: dipped(shown)).words(in: span)
    default: words = registers.words(in: span)
    }
    if fault == .reset { mayRestart = true }
    if !restartsWhenTold { restartIfDue() }
    var outcome = Outcome(words.map(Answer.words) ?? .exception(2))
    outcome.fault = fault.flatMap { $0.isOfRegisters ? nil : $0 }
    outcome.choice = faults.choice(below: 1 << 16)
    return outcome
  }

  /// Takes a write to control registers, all of it or nothing.
  public mutating func write(_ words: [UInt16], at address: Int) -> Answer {
    guard !sleeps else { return .silence }
    image = nil
    return controls.write(words, at: address, now: truth.at) ? .written : .exception(2)
  }

  /// Whether it is a device of the sun and gone for the night.
  public var sleeps: Bool { isDark && faults.lasts(.night) && layout.shows(.pvPower, of: truth) }

  /// Whether it shows the past.
  public var isFrozen: Bool { frozen != nil }

  /// What one count of its counter of `quantity` is worth; nil for what it doesn't count.
  public func count(of quantity: DeviceQuantity) -> Energy? {
    guard quantity.isTotal, layout.shows(quantity, of: truth) else { return nil }
    return Energy(milliwattHours: layout.step(of: quantity))
  }

  /// Whether a client that reads `reading` now has every counter as it stands, within two counts.
  public func isCounted(in reading: DeviceReading) -> Bool {
    let shown = shown
    return DeviceQuantity.allCases.allSatisfy { quantity in
      guard let count = count(of: quantity), let stands = shown[quantity] else { return true }
      guard let read = reading[quantity] else { return false }
      return abs(read - stands) <= 2 * count.milliwattHours
    }
  }

  /// Restarts if a fault said so: its counters begin at zero now.
  ///
  /// One that showed the past does so later: what it hid has to be seen for once.
  public mutating func restartIfDue() {
    if mayRestart, truth.at >= settledAt { restart() }
  }

  /// Ends all faults, those too that last; what they did to the counters stays done.
  public mutating func heal() {
    faults.end()
    frozen = nil
    image = nil
  }
}

extension SimulatedDevice {
  /// What it says now, all faults of the wire and of single answers aside.
  public var shown: DeviceReading {
    if let frozen { return frozen.reading }
    var reading = truth
    for quantity in DeviceQuantity.allCases where quantity.isTotal {
      guard let total = reading[quantity] else { continue }
      reading[quantity] =
        zero[quantity].map { total - $0 } ?? total + (before[quantity]?.rawValue ?? 0)
    }
    return reading
  }

  private var registers: RegisterImage {
    mutating get {
      if let image { return image }
      var made = layout.image(of: shown)
      controls.show(in: &made)
      image = made
      return made
    }
  }

  private mutating func restart() {
    for quantity in DeviceQuantity.allCases where quantity.isTotal {
      zero[quantity] = truth[quantity]
    }
    restarts += 1
    mayRestart = false
    image = nil
  }

  /// With one of the quantities unknown that `span` carries.
  private func unknown(_ reading: DeviceReading, in span: RegisterSpan) -> DeviceReading {
    var reading = reading
    let carried = layout.quantities(of: reading, in: span)
    if !carried.isEmpty { reading[carried[faults.choice(below: carried.count)]] = nil }
    return reading
  }

  /// With every counter one count down.
  private func dipped(_ reading: DeviceReading) -> DeviceReading {
    var reading = reading
    for quantity in DeviceQuantity.allCases where quantity.isTotal {
      reading[quantity] = reading[quantity].map { max(0, $0 - layout.step(of: quantity)) }
    }
    return reading
  }
}
