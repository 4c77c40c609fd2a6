import Quantities

/// What a site remembers of one of its devices.
struct SiteWatch: Hashable, Sendable {
  let device: SiteDevice
  /// The latest reading, its time held at or before its arrival.
  private(set) var latest: DeviceReading?
  /// What it has ever given.
  private var given: Set<SiteQuantity> = []
  var imported = RegisterWatch()
  var exported = RegisterWatch()
  /// Failed reads in a row.
  var failures = 0
  var askedAt: Instant?
  /// Whether a question is out; there is never a second one.
  var awaiting = false
  /// Since when the device is known to be gone; the line about it was said.
  var lostSince: Instant?

  init(device: SiteDevice) { self.device = device }

  mutating func take(_ reading: DeviceReading) {
    latest = reading
    given.formUnion(SiteQuantity.allCases.filter(reading.gives))
  }

  /// Whether the quantity is to be had from this device: it is unknown whenever it is not there.
  ///
  /// A device that nobody has said this of is known for what it gives once it has answered:
  /// otherwise a house without a battery would wait for its battery for ever.
  func mayGive(_ quantity: SiteQuantity) -> Bool {
    guard device.provides.contains(quantity) else { return false }
    return device.owes.contains(quantity) || latest == nil || given.contains(quantity)
  }

  func isFresh(_ at: Instant, at now: Instant) -> Bool {
    let age = now.since(at)
    return age >= .zero && age <= device.freshnessLimit
  }

  /// The latest reading if it is fresh.
  func reading(at now: Instant) -> DeviceReading? {
    guard let latest, isFresh(latest.at, at: now) else { return nil }
    return latest
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

extension DeviceReading {
  /// Whether the quantity is in it.
  func gives(_ quantity: SiteQuantity) -> Bool {
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

/// Follows one cumulative register and takes no step back.
struct RegisterWatch: Hashable, Sendable {
  private(set) var value: Measured<Energy>?
  private var refusing = false

  /// Takes a new value; returns the value kept when the register went down for the first time.
  mutating func take(_ new: Energy?, at: Instant) -> Energy? {
    guard let new else { return nil }
    if let kept = value?.value, new < kept {
      defer { refusing = true }
      return refusing ? nil : kept
    }
    value = Measured(new, at: at)
    refusing = false
    return nil
  }
}
