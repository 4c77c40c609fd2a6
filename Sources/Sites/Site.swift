import Quantities

/// Reads a site's devices in their rhythm and keeps what is known of the house.
///
/// A device that doesn't answer costs one line when its values have become unknown and one when it
/// is back; in between it is asked ever more rarely, up to `backOffCap`. An inverter that sleeps is
/// not lost (see `SleepWatch`). What a device said stays in use until its freshness limit and is
/// unknown after, whatever the reason; what can't be true of it is unknown at once.
public struct Site: Sendable {
  /// The longest wait between two questions to a device that is gone.
  public static let backOffCap = TimeSpan(minutes: 5)

  /// In the configuration's order.
  var watches: [SiteWatch]
  let localTime: LocalTime
  var curtailment = CurtailmentWatch()
  /// How often any power of the house has changed much.
  private var moves = 0

  /// A site of these devices; their names are different from each other. `localTime` tells when an
  /// inverter wakes.
  public init(devices: [SiteDevice], localTime: LocalTime = .utc) {
    for (index, device) in devices.enumerated() {
      precondition(
        !devices[..<index].contains { $0.name == device.name }, "two devices named \(device.name)")
    }
    watches = devices.map(SiteWatch.init(device:))
    self.localTime = localTime
  }

  /// The devices, in the configuration's order.
  public var devices: [SiteDevice] { watches.map(\.device) }

  /// Takes back what an earlier run wanted saved, before the start; keys of others are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    for index in watches.indices { watches[index].restore(key: key, value: value) }
  }

  /// The node is up: asks every device at once.
  public mutating func start(at now: Instant) -> [SiteAction] {
    watches.indices.flatMap { ask(index: $0, at: now) }
  }

  /// A device's wake came.
  public mutating func timer(_ name: DeviceName, at now: Instant) -> [SiteAction] {
    guard let index = index(of: name) else { return [] }
    guard watches[index].awaiting else { return ask(index: index, at: now) }
    // The edge owes an answer still; a second question would only queue behind the first.
    let wait = watches[index].device.freshnessLimit
    return [.wake(name, at: now + wait)]
      + loss(index: index, because: "no answer", at: now)
  }

  /// A device answered.
  public mutating func reading(_ reading: DeviceReading, at now: Instant) -> [SiteAction] {
    guard let index = index(of: reading.device) else { return [] }
    var taken = reading
    taken.at = min(reading.at, now)
    let lines = watches[index].take(taken, moves: &moves)
    var actions = lines.map { SiteAction.say(ReasonLine.fit($0)) }
    if let bytes = watches[index].registersDue(at: now) {
      actions.append(.save(key: watches[index].registersKey, value: bytes))
    }
    actions += comeBack(index: index, at: now)
    watches[index].failures = 0
    watches[index].awaiting = false
    if let line = curtailment.take(curtailmentLook(measured(at: now), at: now), at: now) {
      actions.append(.say(ReasonLine.fit(line)))
    }
    // It may have been asked before the clock was set back.
    let next = min(watches[index].askedAt ?? now, now) + watches[index].device.pollInterval
    return actions + [.wake(reading.device, at: max(now, next))]
  }

  /// A device gave no reading.
  public mutating func failed(
    _ name: DeviceName, _ fault: DeviceFault, at now: Instant
  ) -> [SiteAction] {
    guard let index = index(of: name) else { return [] }
    watches[index].awaiting = false
    watches[index].failures = min(watches[index].failures + 1, 1000)
    let lines = loss(index: index, because: fault.text, at: now)
    let isDawn = watches[index].sleep.isDawn(at: now, localTime: localTime)
    let cap = isDawn ? SleepWatch.dawnCap : Self.backOffCap
    let delay = watches[index].backOff(cap: max(cap, watches[index].device.pollInterval))
    return [.wake(name, at: now + delay)] + lines
  }

  /// The devices whose values are unknown now, with since when, in the configuration's order.
  public var lost: [(device: DeviceName, since: Instant)] {
    watches.compactMap { watch in watch.lostSince.map { (watch.device.name, $0) } }
  }

  /// The inverters that sleep until the sun is back, with since when, in the configuration's order.
  public var asleep: [(device: DeviceName, since: Instant)] {
    watches.compactMap { watch in watch.sleep.since.map { (watch.device.name, $0) } }
  }
}

extension Site {
  private func index(of name: DeviceName) -> Int? {
    watches.firstIndex { $0.device.name == name }
  }

  private mutating func ask(index: Int, at now: Instant) -> [SiteAction] {
    watches[index].awaiting = true
    watches[index].askedAt = now
    let device = watches[index].device
    return [.read(device.name), .wake(device.name, at: now + device.freshnessLimit)]
  }

  /// Says once that a device is gone or asleep, when nothing it said is fresh any more.
  private mutating func loss(index: Int, because reason: String, at now: Instant) -> [SiteAction] {
    let watch = watches[index]
    let name = watch.device.name
    guard watch.lostSince == nil, watch.reading(at: now) == nil else { return [] }
    if let since = watch.sleep.since {
      guard watch.sleep.phase(at: now, localTime: localTime) == .late else { return [] }
      _ = watches[index].sleep.wake(at: now, localTime: localTime, learning: false)
      watches[index].lostSince = since
      let line = "\(name) did not wake, values unknown: \(reason)"
      return [.say(ReasonLine.fit(line)), saveSleep(index: index)]
    }
    if watch.livesOnItsPanels,
      watches[index].sleep.lost(
        lastWords: watch.latest, ratedPower: watch.ratedPower, at: now, localTime: localTime)
    {
      let line = "\(name) is asleep, panels give nothing until dawn: \(reason)"
      return [.say(ReasonLine.fit(line)), saveSleep(index: index)]
    }
    watches[index].lostSince = watch.latest?.at ?? now
    return [.say(ReasonLine.fit("\(name) lost, values unknown: \(reason)"))]
  }

  /// Says once that a device is back.
  private mutating func comeBack(index: Int, at now: Instant) -> [SiteAction] {
    let name = watches[index].device.name
    // After a start, an inverter that answers at once may have woken hours ago.
    let learning = watches[index].failures > 0
    if let since = watches[index].sleep.wake(at: now, localTime: localTime, learning: learning) {
      let line = "\(name) is awake after \(now.since(since).text)"
      return [.say(ReasonLine.fit(line)), saveSleep(index: index)]
    }
    guard let since = watches[index].lostSince else { return [] }
    watches[index].lostSince = nil
    let line = "\(name) is back after \(now.since(since).text)"
    // Some vanish at night without a word: their mornings are learned all the same.
    guard learning, watches[index].livesOnItsPanels,
      watches[index].sleep.learn(wakingAt: now, after: since, localTime: localTime)
    else { return [.say(ReasonLine.fit(line))] }
    return [.say(ReasonLine.fit(line)), saveSleep(index: index)]
  }

  private func saveSleep(index: Int) -> SiteAction {
    .save(key: watches[index].sleepKey, value: watches[index].encodedSleep)
  }
}
