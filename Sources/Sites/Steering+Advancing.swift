import Quantities

/// Comparing what is wanted with what is held, and writing the difference.
extension Steering {
  /// Whether the battery is at or below its reserve, or its charge is unknown.
  var isSpent: Bool {
    guard let charge = conditions.stateOfCharge else { return true }
    return charge <= conditions.reserve
  }

  mutating func advance(at now: Instant) -> [SteeringAction] {
    follow(now)
    guard !storageFails else { return [] }
    var actions: [SteeringAction] = []
    for index in controls.indices {
      actions += review(index, at: now)
      actions += compare(index, at: now)
    }
    clockWentBack = false
    return actions + answers(at: now)
  }

  /// Takes every moment that is waited for back with a clock that was set back: what was due in a
  /// minute still is. Wishes for a time end then, see `review`.
  private mutating func follow(_ now: Instant) {
    defer { latest = now }
    guard now < latest else { return }
    let back = latest.since(now)
    for index in controls.indices { controls[index].shift(by: back) }
    waiting = waiting.map { Waiting(token: $0.token, goal: $0.goal, until: $0.until - back) }
    clockWentBack = back > .minute
  }

  /// Why what is wanted can't be had at the moment; nil if nothing is in its way.
  func rest(at index: Int, value: Int64, at now: Instant) -> String? {
    let key = controls[index].key
    if isLost(key.device, at: now) { return "\(key.device) does not answer" }
    // A limit or a reserve does less, not more: it stands while the rest is unknown.
    guard key.control == .batteryPower else { return nil }
    if conditions.stateOfCharge == nil { return "the state of charge is unknown" }
    if conditions.gridPower == nil { return "the grid's power is unknown" }
    return nil
  }

  /// Ends a wish whose time or reason is gone, and lets it rest while an interlock is open.
  private mutating func review(_ index: Int, at now: Instant) -> [SteeringAction] {
    // Also of a device that says no more what can be steered: its time runs out all the same.
    guard let wish = controls[index].wish else { return [] }
    let what = controls[index].key.control.words(for: wish.value)
    let device = controls[index].key.device
    if let until = wish.until {
      if now >= until {
        end(index, because: "its time is up")
        return []
      }
      if clockWentBack {
        end(index, because: "the clock was set back")
        return []
      }
    }
    let reason = rest(at: index, value: wish.value, at: now)
    if let reason {
      guard controls[index].restReason == nil else { return [] }
      controls[index].restReason = reason
      controls[index].endReason = reason
      controls[index].tryAt = nil
      return [.say(ReasonLine.fit("\(device): \(what) rests: \(reason)"))]
    }
    if controls[index].key.control == .batteryPower, wish.value < 0, isSpent {
      end(index, because: "the battery is at its reserve of \(conditions.reserve.percent)%")
      return []
    }
    if controls[index].restReason != nil {
      controls[index].restReason = nil
      controls[index].failures = 0
      controls[index].tryAt = now + Self.shortestRest
    }
    return []
  }

  /// Sends the order that brings the device nearer to what is wanted, if one is due.
  private mutating func compare(_ index: Int, at now: Instant) -> [SteeringAction] {
    forgetSilence(index, at: now)
    var actions = lapse(index, at: now)
    guard controls[index].outstanding == nil, isKnown(index, at: now) else { return actions }
    if let tryAt = controls[index].tryAt, tryAt > now { return actions }
    guard let wanted = controls[index].wanted else {
      return actions + (controls[index].hold == .own ? [] : release(index, at: now))
    }
    if controls[index].hold == .value(wanted) {
      guard let due = controls[index].refreshAt, due <= now else { return actions }
    }
    actions += set(index, to: wanted, at: now)
    return actions
  }

  /// An order without an outcome must not stand in the way for ever; should one come after all,
  /// what it did is undone (see `late`).
  private mutating func forgetSilence(_ index: Int, at now: Instant) {
    guard controls[index].outstanding != nil, let issued = controls[index].issuedAt,
      now >= issued + Self.longestSilence
    else { return }
    controls[index].outstanding = nil
    controls[index].hold = .unsure
    controls[index].failures += 1
  }

  /// Whether the device has said what can be steered, or answers and does not say this: then what
  /// its marker says must do.
  private func isKnown(_ index: Int, at now: Instant) -> Bool {
    if controls[index].control != nil { return true }
    guard let heard = firstHeard[controls[index].key.device] else { return false }
    return now >= heard + Self.shortestRest
  }

  /// A device with a time-out that heard nothing for twice that long goes its own way by now.
  private mutating func lapse(_ index: Int, at now: Instant) -> [SteeringAction] {
    guard controls[index].outstanding == nil, let lapsesAt = controls[index].lapsesAt,
      lapsesAt <= now
    else { return [] }
    controls[index].hold = .own
    controls[index].ownSince = now
    if controls[index].dailyWrites != nil {
      end(index, because: "its time-out is over and flash is not refreshed")
    }
    return [.say(ReasonLine.fit("\(controls[index].key.device) fell back by itself"))]
      + unmark(index)
  }

  private mutating func set(_ index: Int, to value: Int64, at now: Instant) -> [SteeringAction] {
    if let obstacle = obstacle(at: index, setting: value, at: now) {
      let device = controls[index].key.device
      end(index, because: obstacle)
      return [.say(ReasonLine.fit("\(device) is not steered: \(obstacle)"))]
        + (controls[index].hold == .own ? [] : release(index, at: now))
    }
    guard let writes = controls[index].control?.writes(setting: value) else { return [] }
    var actions: [SteeringAction] = []
    if controls[index].marker?.value != value {
      let marker = marker(value, index: index, at: now)
      controls[index].marker = marker
      actions.append(
        .save(
          key: SteeringMarker.storeKey(controls[index].key), value: marker.encoded))
    }
    if controls[index].dailyWrites != nil { actions.append(count(index, at: now)) }
    return actions + [.order(issue(.set(value), writes, index: index, at: now))]
  }

  private mutating func release(_ index: Int, at now: Instant) -> [SteeringAction] {
    guard let writes = controls[index].back else { return [] }
    var actions: [SteeringAction] = []
    if let daily = controls[index].dailyWrites {
      controls[index].budget.roll(to: localTime.dayNumber(at: now))
      guard controls[index].budget.allowsReleasing(dailyWrites: daily) else {
        controls[index].tryAt = now + TimeSpan.hour
        return [
          .say(
            ReasonLine.fit(
              "\(controls[index].key.device) can't be given back: its flash was written "
                + "\(controls[index].budget.used) times today; set it back by hand"))
        ]
      }
      actions.append(count(index, at: now))
    }
    return actions + [.order(issue(.release, writes, index: index, at: now))]
  }

  /// Counts a flash write before it is made.
  private mutating func count(_ index: Int, at now: Instant) -> SteeringAction {
    controls[index].budget.roll(to: localTime.dayNumber(at: now))
    controls[index].budget.take()
    return saveBudget(index)
  }

  func saveBudget(_ index: Int) -> SteeringAction {
    .save(
      key: FlashBudget.storeKey(controls[index].key), value: controls[index].budget.encoded)
  }

  func marker(_ value: Int64, index: Int, at now: Instant) -> SteeringMarker {
    SteeringMarker(
      value: value, since: now, timeout: controls[index].timeout,
      isFlash: controls[index].dailyWrites != nil,
      release: controls[index].back ?? [],
      profile: rules.device(controls[index].key.device)?.profile ?? "")
  }

  mutating func unmark(_ index: Int) -> [SteeringAction] {
    controls[index].marker = nil
    return [.forget(key: SteeringMarker.storeKey(controls[index].key))]
  }

  mutating func issue(
    _ purpose: SteeringOrder.Purpose, _ writes: [RegisterWrite], index: Int, at now: Instant
  ) -> SteeringOrder {
    let isFlash = controls[index].dailyWrites != nil
    let isRelease = purpose == .release
    let order = SteeringOrder(
      serial: nextSerial, key: controls[index].key, purpose: purpose, writes: writes,
      spares: isFlash || controls[index].control == nil,
      expires: isRelease ? .distantFuture : now + Self.orderLife)
    nextSerial += 1
    controls[index].outstanding = order
    controls[index].issuedAt = now
    controls[index].countedOn = isFlash ? controls[index].budget.day : nil
    return order
  }
}
