import Quantities

/// What a site remembers of one of its devices.
///
/// Large, so what is asked of it often is inlined: a call on an element of an array copies it
/// whole.
struct SiteWatch: Hashable, Sendable {
  let device: SiteDevice
  /// The latest reading, its time held at or before its arrival, without what isn't believed of it.
  private(set) var latest: DeviceReading?
  /// What it has ever given.
  private var given: Set<SiteQuantity> = []
  /// Readings taken since the start, up to `readingsThatTell`.
  private(set) var readings = 0
  /// The cumulative registers, in the order of `DeviceQuantity.totals`.
  var registers = DeviceQuantity.totals.map { _ in RegisterWatch() }
  /// What the registers show since one of them seemed to start over, while that is in doubt.
  var restart: RestartWatch?
  var stills = StillWatch.Group.allCases.map(StillWatch.init(group:))
  var signs = [SignWatch(pair: .grid), SignWatch(pair: .battery)]
  var sleep = SleepWatch()
  /// What the inverter is rated to give, once two readings in a row agreed on it.
  private(set) var ratedPower: Power?
  private var ratedOnce: Power?
  /// The slot in which the registers were last stored.
  var savedSlot: TimeSlot?
  /// Failed reads in a row.
  var failures = 0
  var askedAt: Instant?
  /// Whether a question is out; there is never a second one.
  var awaiting = false
  /// Since when the device is known to be gone; the line about it was said.
  var lostSince: Instant?

  /// So many readings show what a device has.
  static let readingsThatTell = 10

  init(device: SiteDevice) { self.device = device }

  mutating func keep(_ reading: DeviceReading) {
    latest = reading
    readings = min(readings + 1, Self.readingsThatTell)
  }

  /// Remembers what the device offers, whether it is believed this time or not.
  mutating func note(_ reading: DeviceReading) {
    for quantity in SiteQuantity.allCases where reading.gives(quantity) { given.insert(quantity) }
    guard let rated = reading.ratedPower, rated > .zero else { return }
    if rated == ratedOnce { ratedPower = rated }
    ratedOnce = rated
  }

  /// Whether the quantity is to be had from this device: it is unknown whenever it is not there.
  ///
  /// A device that nobody has said this of is known for what it gives once it has answered:
  /// otherwise a house without a battery would wait for its battery for ever.
  @inline(__always)
  func mayGive(_ quantity: SiteQuantity) -> Bool {
    guard device.provides.contains(quantity) else { return false }
    if device.owes.contains(quantity) || given.contains(quantity) { return true }
    // Before its first answer, all is still to come; of one that was found asleep, its sun.
    return latest == nil && (sleep.since == nil || quantity == .pv)
  }

  /// Whether it has ever given the quantity.
  func gives(_ quantity: SiteQuantity) -> Bool { given.contains(quantity) }

  /// The latest reading if it is fresh.
  @inline(__always)
  func reading(at now: Instant) -> DeviceReading? {
    guard let latest, device.isFresh(latest.at, at: now) else { return nil }
    return latest
  }

  /// A device that is the source of panel power alone is one that its panels feed.
  var livesOnItsPanels: Bool {
    let used = given.intersection(device.provides)
    return used.contains(.pv) && used.isSubset(of: [.pv, .totals])
  }

  /// How long to wait after a failure: twice as long each time, from the poll interval to a cap.
  func backOff(cap: TimeSpan) -> TimeSpan {
    var delay = device.pollInterval
    for _ in 1..<max(1, failures) where delay < cap {
      delay = min(cap, TimeSpan(milliseconds: 2 * delay.milliseconds))
    }
    return delay
  }
}

extension DeviceQuantity {
  /// The registers that only grow, in the order in which they are stored.
  static let totals: [DeviceQuantity] = allCases.filter(\.isTotal)

  /// What of a site a register belongs to.
  var source: SiteQuantity {
    switch self {
    case .generatedTotal: .pv
    case .chargedTotal, .dischargedTotal: .battery
    default: .totals
    }
  }

  /// The word for a register in a line.
  var registerWord: String {
    switch self {
    case .importedTotal: "import"
    case .exportedTotal: "export"
    case .generatedTotal: "generation"
    case .chargedTotal: "charge"
    case .dischargedTotal: "discharge"
    default: rawValue
    }
  }
}

extension DeviceReading {
  /// Whether the quantity is in it.
  public func gives(_ quantity: SiteQuantity) -> Bool {
    switch quantity {
    case .pv: pvPower != nil
    case .load: loadPower != nil
    case .grid: gridPower != nil
    case .battery: batteryPower != nil
    case .stateOfCharge: stateOfCharge != nil
    case .totals: importedTotal != nil || exportedTotal != nil
    }
  }
}
