import Quantities

/// What owners ask for, and what they are told.
extension Steering {
  /// Takes a request, or says why it can't be carried out; answered under `token` later.
  public mutating func ask(
    _ request: SteeringRequest, token: Int64, at now: Instant
  ) throws(SteeringRefusal) -> [SteeringAction] {
    let index = try find(request, at: now)
    let key = controls[index].key
    if let obstacle = obstacle(at: index, setting: request.value, at: now) {
      throw SteeringRefusal(obstacle)
    }
    if let duration = request.duration, duration > Self.longest || duration <= .zero {
      throw SteeringRefusal("from a minute to \(Self.longest.minutes / 60) h is possible")
    }
    guard waiting.count < Self.maximumWaiting else {
      throw SteeringRefusal("too much is asked at once. Try again in a minute")
    }
    // A refusal of what the house allows is clearer than a wish that rests from the beginning.
    if let reason = rest(at: index, value: request.value, at: now) {
      throw SteeringRefusal("\(reason). STATUS shows the house")
    }
    if request.control == .batteryPower, request.value < 0, isSpent {
      throw SteeringRefusal(
        "the battery is at its reserve of \(conditions.reserve.percent)%. RESERVE changes it")
    }
    controls[index].wish = SteeredControl.Wish(
      value: request.value, askedAt: now, until: request.duration.map { now + $0 })
    controls[index].restReason = nil
    controls[index].failures = 0
    controls[index].tryAt = nil
    waiting.append(
      Waiting(token: token, goal: .holds(key, request.value), until: now + Self.patience))
    return advance(at: now)
  }

  /// Gives every device back to itself; answered under `token` once all of them are.
  public mutating func releaseAll(token: Int64, at now: Instant) -> [SteeringAction] {
    var actions: [SteeringAction] = []
    if reserveWish != nil {
      reserveWish = nil
      actions.append(.forget(key: Self.reserveKey))
    }
    endAll(because: "told to")
    let keys = controls.filter { $0.hold != .own || $0.outstanding != nil }.map(\.key)
    guard !keys.isEmpty else { return actions + [.answer(token: token, .released)] }
    guard waiting.count < Self.maximumWaiting else {
      return actions + [.answer(token: token, .pending)] + advance(at: now)
    }
    waiting.append(Waiting(token: token, goal: .released(keys), until: now + Self.patience))
    return actions + advance(at: now)
  }

  /// Has every steered battery keep `share` by itself, where it can be told; and keeps wanting it.
  public mutating func keepReserve(_ share: StateOfCharge, at now: Instant) -> [SteeringAction] {
    let devices = rules.devices.filter(\.isSteered).map(\.name)
    guard !devices.isEmpty else { return [] }
    reserveWish = share
    var actions: [SteeringAction] = [
      .save(key: Self.reserveKey, value: Self.encoded(share))
    ]
    for device in devices { actions += wish(share, of: device, at: now) }
    return actions + advance(at: now)
  }

  mutating func wish(
    _ share: StateOfCharge, of device: DeviceName, at now: Instant
  ) -> [SteeringAction] {
    let key = SteeringKey(device, .reserve)
    guard let index = index(of: key), controls[index].control != nil, !isStopping,
      rules.device(device)?.isSteered == true, controls[index].wish?.value != share.permille
    else { return [] }
    if let obstacle = obstacle(at: index, setting: share.permille, at: now) {
      return [.say(ReasonLine.fit("reserve not told: \(obstacle)"))]
    }
    controls[index].wish = SteeredControl.Wish(value: share.permille, askedAt: now, until: nil)
    controls[index].failures = 0
    controls[index].tryAt = nil
    return []
  }

  /// The one control that is meant.
  private func find(
    _ request: SteeringRequest, at now: Instant
  ) throws(SteeringRefusal) -> Int {
    let what = Self.names[request.control] ?? request.control.rawValue
    if let name = request.device {
      let known = rules.devices.first { $0.name.lowercased() == name.lowercased() }
      guard let known else {
        throw SteeringRefusal("there is no device \"\(name.prefix(16))\" here")
      }
      guard known.isSteered else {
        throw SteeringRefusal(
          "\(known.name) is not to be steered: its configuration lacks steer: true")
      }
      guard let index = index(of: SteeringKey(known.name, request.control)),
        controls[index].control != nil
      else { throw SteeringRefusal("the \(what) of \(known.name) can't be steered") }
      return index
    }
    let able = controls.indices.filter { index in
      controls[index].key.control == request.control && controls[index].control != nil
        && rules.device(controls[index].key.device)?.isSteered == true
    }
    guard let index = able.first else {
      let mute = rules.devices.first { $0.isSteered && isLost($0.name, at: now) }
      if let mute { throw SteeringRefusal("\(mute.name) does not answer. STATUS shows it") }
      let isAnySteered = rules.devices.contains(where: \.isSteered)
      throw SteeringRefusal(
        isAnySteered
          ? "no device here lets its \(what) be steered"
          : "no device is to be steered: write steer: true at one in the configuration")
    }
    guard able.count == 1 else {
      let names = able.map { controls[$0].key.device }.joined(separator: ", ")
      throw SteeringRefusal("name one of \(names) at the end")
    }
    return index
  }

  static let names: [Control: String] = [
    .batteryPower: "battery", .reserve: "reserve", .exportLimit: "export",
    .powerLimit: "power",
  ]

  /// What stands in the way for good, whatever the house does.
  func obstacle(at index: Int, setting value: Int64, at now: Instant) -> String? {
    let steered = controls[index]
    guard let control = steered.control else { return "it does not answer" }
    if isStopping { return "the node is stopping" }
    if control.failSafe == .guardian, let gap = rules.guardianGap {
      return "\(steered.key.device) has no time-out of its own and \(gap)"
    }
    guard control.range.contains(value) else {
      let range = control.range
      return "\(steered.key.device) takes \(control.control.words(for: range.lowerBound)) to "
        + control.control.words(for: range.upperBound)
    }
    guard control.writes(setting: value) != nil, steered.back != nil else {
      return "\(steered.key.device) can't be told that exactly; its profile says how"
    }
    guard let daily = steered.dailyWrites else { return nil }
    var budget = steered.budget
    budget.roll(to: localTime.dayNumber(at: now))
    guard !budget.allowsSetting(dailyWrites: daily), steered.hold != .value(value) else {
      return nil
    }
    return "\(steered.key.device) keeps it in flash, written \(budget.used) of \(daily) times "
      + "today; the rest is for the way back. Tomorrow again"
  }

  /// Tells those who wait, as far as there is something to tell.
  mutating func answers(at now: Instant) -> [SteeringAction] {
    var actions: [SteeringAction] = []
    var open: [Waiting] = []
    for waiting in waiting {
      if let answer = answer(to: waiting, at: now) {
        actions.append(.answer(token: waiting.token, answer))
      } else {
        open.append(waiting)
      }
    }
    waiting = open
    return actions
  }

  private func answer(to waiting: Waiting, at now: Instant) -> SteeringAnswer? {
    switch waiting.goal {
    case .holds(let key, let value):
      guard let index = index(of: key), let wish = controls[index].wish, wish.value == value else {
        let reason = index(of: key).map { controls[$0].endReason } ?? ""
        return .failed(reason: "\(key.device) is not steered: \(reason)")
      }
      if controls[index].hold == .value(value), controls[index].outstanding == nil,
        let state = states.first(where: { SteeringKey($0.device, $0.control) == key })
      {
        return .done(state)
      }
    case .released(let keys):
      let open = keys.compactMap(index).filter { controls[$0].hold != .own }
      if open.isEmpty, !keys.compactMap(index).contains(where: { controls[$0].isSetting }) {
        return .released
      }
      if let failed = open.first(where: {
        controls[$0].failures > 0 && controls[$0].outstanding == nil
      }) {
        let steered = controls[failed]
        let then =
          steered.timeout.map { "it falls back by itself within \($0.text)" }
          ?? "it is tried again"
        return .failed(reason: "\(steered.key.device) can't be reached; \(then)")
      }
    }
    return now >= waiting.until ? .pending : nil
  }
}
