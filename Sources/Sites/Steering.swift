import Quantities

/// Steers a house's devices: brings what each holds to what is wanted of it, and back.
///
/// Level, not edge: for each control there is what its owner wishes, what must be so for the wish
/// to count (interlocks), and what the device is believed to hold; whatever happens, the three are
/// compared and the next write follows. Nothing is written but by an order, there is one order out
/// for a control at a time, and what may be held is stored before it is written.
///
/// What the device does when nobody speaks any more is its profile's: a time-out of its own, or
/// the guardian. A control with neither is refused.
public struct Steering: Sendable {
  /// The longest that a battery may be told what to do.
  public static let longest = TimeSpan.day
  /// The oldest reading that a battery is steered by.
  public static let oldest = TimeSpan(minutes: 5)
  /// How long a wish rests at least once an interlock stopped it.
  public static let shortestRest = TimeSpan(seconds: 30)
  /// The longest wait between two attempts to give a device back.
  public static let backOffCap = TimeSpan(minutes: 5)
  /// An order to set something is void after that: it may have waited for a failing disk.
  public static let orderLife = TimeSpan(seconds: 10)
  /// After so long an asker is told that the device has not confirmed yet.
  public static let patience = TimeSpan(seconds: 15)
  /// After so long an order without an outcome is taken for one that may have been carried out.
  static let longestSilence = TimeSpan(minutes: 5)
  /// Failures in a row after which a wish is given up: at first, and once it was confirmed.
  static let failureLimits = (first: 3, confirmed: 10)
  /// The most askers that wait.
  static let maximumWaiting = 16

  /// Somebody who wants to know how it went.
  struct Waiting: Hashable, Sendable {
    enum Goal: Hashable, Sendable {
      case holds(SteeringKey, Int64)
      case released([SteeringKey])
    }
    let token: Int64
    let goal: Goal
    let until: Instant
  }

  public let rules: SteeringRules
  let localTime: LocalTime
  /// In order of key.
  var controls: [SteeredControl] = []
  var conditions = SteeringConditions()
  var lastHeard: [DeviceName: Instant] = [:]
  var firstHeard: [DeviceName: Instant] = [:]
  var waiting: [Waiting] = []
  /// What owners want every battery to keep, where it can be told.
  var reserveWish: StateOfCharge?
  var nextSerial: Int64 = 1
  var isStopping = false
  var storageFails = false
  /// When it looked last.
  var latest = Instant.distantPast
  /// Whether the clock was set back since by more than a correction.
  var clockWentBack = false

  public init(rules: SteeringRules, localTime: LocalTime = .utc) {
    self.rules = rules
    self.localTime = localTime
  }

  /// Everything that is steered or about to be, in order of device and control.
  public var states: [SteeringState] {
    controls.compactMap { steered in
      guard let wish = steered.wish, let control = steered.control else { return nil }
      return SteeringState(
        device: steered.key.device, control: steered.key.control, value: wish.value,
        until: wish.until, failSafe: control.failSafe, isHeld: steered.hold == .value(wish.value))
    }
  }

  /// Whether every device goes its own way or could not be brought to: a stop may proceed.
  public var isAtRest: Bool {
    isStopping
      && controls.allSatisfy {
        let isBeyondReach =
          $0.back == nil || $0.failures >= 2 || lastHeard[$0.key.device] == nil
        return $0.outstanding == nil && ($0.hold == .own || isBeyondReach)
      }
  }

  // MARK: What is told to it

  /// The node is up: whatever an earlier run left is given back as soon as its device answers.
  public mutating func start(at now: Instant) -> [SteeringAction] {
    controls.indices.flatMap { index -> [SteeringAction] in
      let steered = controls[index]
      if isForeign(steered), let marker = steered.marker {
        return [
          .say(
            ReasonLine.fit(
              "\(steered.key.device) was steered as \(marker.profile) and is another device now: "
                + "set the old one back by hand"))
        ] + unmark(index)
      }
      guard steered.hold != .own else { return [] }
      guard rules.device(steered.key.device) == nil else {
        return [.say("\(steered.key.device) was steered when the node ended: it is given back")]
      }
      return [
        .say(
          ReasonLine.fit(
            "\(steered.key.device) may hold \(steered.key.control.rawValue) and is configured no "
              + "more: set it back by hand"))
      ]
    }
  }

  /// What can be steered of a device; said after it was read for the first time, and on change.
  public mutating func learn(
    _ descriptions: [DeviceControl], of device: DeviceName, at now: Instant
  ) -> [SteeringAction] {
    hear(device, at: now)
    for index in controls.indices where controls[index].key.device == device {
      controls[index].control = nil
    }
    for description in descriptions {
      let index = place(SteeringKey(device, description.control), at: now)
      controls[index].control = description
      controls[index].takeBack(description, at: now)
      if controls[index].hold != .own, controls[index].touchedAt == nil {
        controls[index].touchedAt = now
      }
    }
    return standingWish(of: device, at: now) + advance(at: now)
  }

  /// A device answered, and the house is known as `conditions` say by it.
  public mutating func heard(
    _ device: DeviceName, _ conditions: SteeringConditions, at now: Instant
  ) -> [SteeringAction] {
    self.conditions = conditions
    let wasLost = isLost(device, at: now)
    hear(device, at: now)
    if wasLost {
      // What could not be given back while it was away goes out at once.
      for index in controls.indices
      where controls[index].key.device == device && controls[index].wanted == nil {
        controls[index].tryAt = nil
      }
    }
    let standing = wasLost ? standingWish(of: device, at: now) : []
    return standing + advance(at: now)
  }

  /// The reserve that an owner wants kept, wished anew: it may have been given up meanwhile.
  private mutating func standingWish(
    of device: DeviceName, at now: Instant
  ) -> [SteeringAction] {
    reserveWish.map { wish($0, of: device, at: now) } ?? []
  }

  private mutating func hear(_ device: DeviceName, at now: Instant) {
    lastHeard[device] = now
    firstHeard[device] = firstHeard[device] ?? now
  }

  /// What is known of the house has changed, or the time has come to look again.
  public mutating func update(
    _ conditions: SteeringConditions, at now: Instant
  ) -> [SteeringAction] {
    self.conditions = conditions
    return advance(at: now)
  }

  /// The node was asked to end: gives everything back.
  public mutating func stop(at now: Instant) -> [SteeringAction] {
    isStopping = true
    endAll(because: "the node stops")
    return advance(at: now)
  }

  /// The store refuses, or still does: gives back what is held, without storing a thing; markers
  /// stay.
  ///
  /// It may be told again and again: a release that did not arrive is sent anew each time.
  public mutating func storageStopped(at now: Instant) -> [SteeringOrder] {
    let reason = "the node could not store"
    let isNews = !storageFails
    storageFails = true
    if isNews { endAll(because: reason) }
    var orders: [SteeringOrder] = []
    for index in controls.indices {
      end(index, because: reason)
      guard controls[index].hold != .own || controls[index].isSetting,
        isNews || mayReleaseAgain(index, at: now), let writes = controls[index].back
      else { continue }
      if controls[index].dailyWrites != nil { controls[index].budget.take() }
      orders.append(issue(.release, writes, index: index, at: now))
    }
    return orders
  }

  /// The store works again.
  public mutating func storageReturned(at now: Instant) -> [SteeringAction] {
    storageFails = false
    let standing = rules.devices.flatMap { standingWish(of: $0.name, at: now) }
    return standing + advance(at: now)
  }

  /// When to look again, if nothing happens before.
  public func nextWake(after now: Instant) -> Instant? {
    var times = waiting.map(\.until)
    for steered in controls {
      if let until = steered.wish?.until { times.append(until) }
      guard steered.outstanding == nil, steered.control != nil else { continue }
      if let at = steered.lapsesAt { times.append(at) }
      if let at = steered.refreshAt, steered.wanted != nil {
        times.append(max(at, steered.tryAt ?? at))
      }
      if let at = steered.tryAt, at > now { times.append(at) }
    }
    return times.min().map { max($0, now + TimeSpan(milliseconds: 200)) }
  }

  // MARK: Finding one's way

  func index(of key: SteeringKey) -> Int? { controls.firstIndex { $0.key == key } }

  /// The index of a control, made if it is new.
  mutating func place(_ key: SteeringKey, at now: Instant) -> Int {
    if let index = index(of: key) { return index }
    let index = controls.firstIndex { key < $0.key } ?? controls.count
    controls.insert(
      SteeredControl(key: key, day: localTime.dayNumber(at: now)), at: index)
    return index
  }

  func isLost(_ device: DeviceName, at now: Instant) -> Bool {
    guard let heard = lastHeard[device], let limit = rules.device(device)?.freshnessLimit else {
      return true
    }
    let age = now.since(heard)
    return age < .zero || age > limit
  }

  mutating func endAll(because reason: String) {
    for index in controls.indices {
      end(index, because: reason)
      controls[index].tryAt = nil
      controls[index].failures = 0
    }
  }

  /// The wish is over; what the device holds is given back by the next comparison.
  mutating func end(_ index: Int, because reason: String) {
    guard controls[index].wish != nil else { return }
    controls[index].wish = nil
    controls[index].restReason = nil
    controls[index].endReason = reason
    controls[index].tryAt = nil
  }
}
