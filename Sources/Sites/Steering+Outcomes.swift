import Quantities

/// Taking in how the writes went.
extension Steering {
  /// An order was carried out, or it was not.
  public mutating func finished(
    _ outcome: SteeringOutcome, at now: Instant
  ) -> [SteeringAction] {
    guard let index = index(of: outcome.order.key) else { return [] }
    guard controls[index].outstanding?.serial == outcome.order.serial else {
      return late(outcome, index: index, at: now)
    }
    controls[index].outstanding = nil
    var actions: [SteeringAction] = []
    if let day = controls[index].countedOn {
      controls[index].countedOn = nil
      if !outcome.result.mayHaveWritten { controls[index].budget.giveBack(countedOn: day) }
      actions.append(saveBudget(index))
    }
    switch outcome.order.purpose {
    case .set(let value): actions += wasSet(value, outcome.result, index: index, at: now)
    case .release: actions += wasReleased(outcome.result, index: index, at: now)
    }
    return actions + advance(at: now)
  }

  /// Whether to send a release anew while the store fails: none is under way, and flash is spared.
  mutating func mayReleaseAgain(_ index: Int, at now: Instant) -> Bool {
    if case .release = controls[index].outstanding?.purpose,
      let issued = controls[index].issuedAt, now.since(issued).magnitude < Self.longestSilence
    {
      return false
    }
    guard let daily = controls[index].dailyWrites else { return true }
    controls[index].budget.roll(to: localTime.dayNumber(at: now))
    return controls[index].budget.allowsReleasing(dailyWrites: daily)
  }

  /// An order of before the store failed was carried out late: what it did must be undone.
  private mutating func late(
    _ outcome: SteeringOutcome, index: Int, at now: Instant
  ) -> [SteeringAction] {
    guard case .set(let value) = outcome.order.purpose, outcome.result.mayBeHeld else { return [] }
    controls[index].hold = .unsure
    controls[index].touchedAt = now
    var actions: [SteeringAction] = []
    if controls[index].marker == nil {
      let marker = marker(value, index: index, at: now)
      controls[index].marker = marker
      actions.append(
        .save(key: SteeringMarker.storeKey(outcome.order.key), value: marker.encoded))
    }
    return actions + advance(at: now)
  }

  private mutating func wasSet(
    _ value: Int64, _ result: SteeringResult, index: Int, at now: Instant
  ) -> [SteeringAction] {
    let device = controls[index].key.device
    let what = controls[index].key.control.words(for: value)
    if result.mayBeHeld { controls[index].touchedAt = now }
    switch result {
    case .written, .held:
      let isNews = controls[index].hold != .value(value)
      controls[index].hold = .value(value)
      controls[index].sentAt = controls[index].issuedAt
      controls[index].failures = 0
      controls[index].tryAt = nil
      guard isNews else { return [] }
      let until = controls[index].wish?.until.map { " until \(localTime.clock(at: $0))" } ?? ""
      return [.say(ReasonLine.fit("\(device): \(what)\(until)"))]
    case .notWritten(let reason):
      let wasConfirmed = controls[index].hold != .own
      return failed(reason, wasConfirmed: wasConfirmed, index: index, at: now)
        + (wasConfirmed ? [] : unmark(index))
    case .uncertain(let reason):
      let wasConfirmed = controls[index].hold == .value(value)
      // A refresh that got no answer has changed nothing, or the same again.
      if !wasConfirmed { controls[index].hold = .unsure }
      return failed(reason, wasConfirmed: wasConfirmed, index: index, at: now)
    case .refused(let reason):
      controls[index].hold = .unsure
      end(index, because: reason)
      return [.say(ReasonLine.fit("\(device) does not take \(what): \(reason)"))]
    }
  }

  /// Tries again a little later, or gives the wish up.
  private mutating func failed(
    _ reason: String, wasConfirmed: Bool, index: Int, at now: Instant
  ) -> [SteeringAction] {
    controls[index].failures += 1
    let limits = Self.failureLimits
    let limit = wasConfirmed ? limits.confirmed : limits.first
    guard controls[index].failures >= limit, let wish = controls[index].wish else {
      controls[index].tryAt = now + controls[index].backOff(cap: Self.backOffCap)
      return []
    }
    let what = controls[index].key.control.words(for: wish.value)
    end(index, because: reason)
    controls[index].failures = 0
    return [
      .say(ReasonLine.fit("\(controls[index].key.device): \(what) given up: \(reason)"))
    ]
  }

  private mutating func wasReleased(
    _ result: SteeringResult, index: Int, at now: Instant
  ) -> [SteeringAction] {
    let device = controls[index].key.device
    switch result {
    case .written, .held:
      controls[index].hold = .own
      controls[index].ownSince = now
      controls[index].sentAt = nil
      controls[index].failures = 0
      // A wish that only rests waits its time; see `review`.
      if controls[index].tryAt.map({ $0 <= now }) ?? true {
        controls[index].tryAt =
          controls[index].restReason == nil ? nil : now + Self.shortestRest
      }
      let reason = controls[index].endReason
      let because = reason.isEmpty ? "" : ": \(reason)"
      return [.say(ReasonLine.fit("\(device) goes its own way again\(because)"))] + unmark(index)
    case .notWritten(let reason), .uncertain(let reason), .refused(let reason):
      if result.mayBeHeld { controls[index].hold = .unsure }
      controls[index].failures += 1
      controls[index].tryAt = now + controls[index].backOff(cap: Self.backOffCap)
      // Said once for each series of failures.
      guard controls[index].failures == 1 else { return [] }
      return [
        .say(ReasonLine.fit("\(device) can't be given back, tried again: \(reason)"))
      ]
    }
  }
}

extension SteeringResult {
  /// Whether flash may have been written.
  var mayHaveWritten: Bool {
    switch self {
    case .written, .uncertain, .refused: true
    case .held, .notWritten: false
    }
  }

  /// Whether the device may hold now what was to be written.
  var mayBeHeld: Bool {
    if case .notWritten = self { return false }
    return true
  }
}

extension SteeredControl {
  /// Whether an order is out that gives it something to hold.
  var isSetting: Bool {
    guard case .set = outstanding?.purpose else { return false }
    return true
  }
}
