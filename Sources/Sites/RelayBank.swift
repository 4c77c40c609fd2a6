import Quantities

/// All relays of a house: decides which are to be on, and switches no faster than each allows.
///
/// For each group the software holds the interlock: one on at most, and a pause between two. It is
/// no substitute for one in hardware where two on at once could do harm.
public struct RelayBank: Hashable, Sendable {
  /// Above the reserve by so much, what was shed comes back.
  static let shedHysteresis = StateOfCharge(percent: 5)
  /// How often a line that could not be switched is tried again.
  static let retryInterval = TimeSpan.minute

  /// In the configuration's order, which is the order in which surplus is given.
  public private(set) var relays: [RelaySwitch]
  /// The owner said that everything is to be off; lasts until he says otherwise.
  public private(set) var isHeld = false
  /// Since when enough has been spare for one more, and since when too little for those on.
  private var enoughSince: Instant?
  private var shortSince: Instant?
  private var triedAt: Instant

  private var latest: Instant

  /// Relays of these plans, all off; their names are different from each other.
  public init(plans: [RelayPlan], at now: Instant) {
    relays = plans.map { RelaySwitch(plan: $0, at: now) }
    triedAt = now
    latest = now
  }

  /// Takes every moment back with a clock that was set back: a relay that may change in a minute
  /// still may, not in an hour and a minute.
  private mutating func follow(_ now: Instant) {
    defer { latest = now }
    guard now < latest else { return }
    let back = latest.since(now)
    for index in relays.indices { relays[index].shift(by: back) }
    enoughSince = enoughSince.map { $0 - back }
    shortSince = shortSince.map { $0 - back }
    triedAt = triedAt - back
  }

  /// What the relays that run on surplus are expected to draw now.
  public var drawing: Power {
    relays.reduce(.zero) { $1.isOn && $1.plan.mode == .surplus ? $0 + $1.plan.power : $0 }
  }

  /// Whether any line could not be switched.
  public var hasTrouble: Bool { relays.contains { $0.trouble != nil } }

  // MARK: deciding

  /// One turn of the controller.
  ///
  /// `unused` is the power that neither household, battery nor jobs take, − when something is
  /// lacking, nil when unknown; `isSurplus` is whether it has lasted.
  public mutating func control(
    unused: Power?, isSurplus: Bool, site: SiteState, thresholds: SurplusThresholds,
    at now: Instant
  ) -> [RelayAction] {
    follow(now)
    var actions = shed(site, reserve: thresholds.reserve)
    actions += giveSurplus(unused, isSurplus: isSurplus, thresholds, at: now)
    return actions + settle(at: now)
  }

  private mutating func shed(_ site: SiteState, reserve: StateOfCharge) -> [RelayAction] {
    var actions: [RelayAction] = []
    let charge = site.hasBattery ? site.stateOfCharge?.value : nil
    for index in relays.indices where relays[index].plan.mode == .shed {
      let before = relays[index].isWanted
      let limit = before ? reserve + Self.shedHysteresis : reserve
      relays[index].isWanted = charge.map { $0 < min(limit, .full) } ?? false
      guard relays[index].isWanted != before else { continue }
      let name = relays[index].plan.name
      let line =
        charge.map {
          before
            ? "\(name) comes back: battery at \($0.percent)%"
            : "\(name) is shed: battery at \($0.percent)%, reserve \(reserve.percent)%"
        } ?? "\(name) comes back: the battery's charge is unknown"
      actions.append(.say(ReasonLine.fit(line)))
    }
    return actions
  }

  /// Switches one relay at a time and looks at the meter again before the next.
  private mutating func giveSurplus(
    _ unused: Power?, isSurplus: Bool, _ thresholds: SurplusThresholds, at now: Instant
  ) -> [RelayAction] {
    let users = relays.indices.filter { relays[$0].plan.mode == .surplus }
    guard let unused else {
      enoughSince = nil
      shortSince = nil
      return users.filter { relays[$0].isWanted }.map { index in
        relays[index].isWanted = false
        return .say(ReasonLine.fit("\(relays[index].plan.name) off: what is spare is unknown"))
      }
    }
    if unused <= thresholds.exit, let last = users.last(where: { relays[$0].isWanted }) {
      enoughSince = nil
      let since = shortSince ?? now
      shortSince = since
      // Sooner than a job is paused, so that relays give way to jobs.
      let patience = thresholds.exitAfter.scaled(by: 1, over: 2)
      guard now.since(since) >= patience, relays[last].mayChangeAt <= now else { return [] }
      shortSince = nil
      relays[last].isWanted = false
      return [.say(ReasonLine.fit("\(relays[last].plan.name) off: \(unused.spareText)"))]
    }
    shortSince = nil
    // What is already promised to one that waits for its time is not promised again.
    let promised = users.reduce(Power.zero) {
      relays[$1].isWanted && !relays[$1].isOn ? $0 + relays[$1].plan.power : $0
    }
    let next = users.first { index in
      !relays[index].isWanted && mayTurnOn(index, at: now)
        && unused - promised >= relays[index].plan.power + thresholds.enter
    }
    guard let next, isSurplus, !isHeld else {
      enoughSince = nil
      return []
    }
    let since = enoughSince ?? now
    enoughSince = since
    guard now.since(since) >= thresholds.enterAfter else { return [] }
    enoughSince = nil
    relays[next].isWanted = true
    return [.say(ReasonLine.fit("\(relays[next].plan.name) on: \(unused.spareText)"))]
  }

  // MARK: the owner's words

  /// The owner switches a relay by hand.
  public mutating func command(
    _ name: String, on: Bool, at now: Instant
  ) throws(RelayRefusal) -> [RelayAction] {
    guard let index = relays.firstIndex(where: { $0.plan.name == name }) else {
      throw RelayRefusal("there is no relay \"\(name)\". RELAYS lists them.")
    }
    guard relays[index].plan.mode == .manual else {
      throw RelayRefusal(
        "\(name) goes by its mode, \(relays[index].plan.mode.rawValue). Only manual ones obey.")
    }
    if on {
      guard !isHeld else { throw RelayRefusal("everything is held off. RESUME lifts that.") }
      if let other = rival(of: index) {
        throw RelayRefusal("\(other) is on, and never both. RELAY \(other) OFF first.")
      }
    }
    relays[index].isWanted = on
    return settle(at: now)
  }

  /// Everything off at once, whatever the minimum times, until `release`.
  public mutating func hold(at now: Instant) -> [RelayAction] {
    isHeld = true
    return turnAllOff(at: now)
  }

  /// The owner lets things go on.
  public mutating func release() { isHeld = false }

  /// The node stops: everything off at once.
  public mutating func turnAllOff(at now: Instant) -> [RelayAction] {
    relays.indices.compactMap { index in
      relays[index].isWanted = false
      guard relays[index].mayBeOn else { return nil }
      relays[index].turn(on: false, at: now)
      return .turn(relays[index].plan.name, on: false)
    }
  }

  /// A line could not be switched.
  public mutating func failed(
    _ name: String, because reason: String, at now: Instant
  ) -> [RelayAction] {
    guard let index = relays.firstIndex(where: { $0.plan.name == name }) else { return [] }
    relays[index].isWanted = false
    guard relays[index].failed(reason, at: now) else { return [] }
    return [.say(ReasonLine.fit("relay \(name) can't be switched: \(reason)"))]
  }
}

extension RelayBank {
  /// Switches what is wanted and may be switched now.
  public mutating func settle(at now: Instant) -> [RelayAction] {
    follow(now)
    var actions = retry(at: now)
    for index in relays.indices where relays[index].isOn && !wants(index) {
      guard relays[index].trouble == nil, relays[index].mayChangeAt <= now else { continue }
      relays[index].turn(on: false, at: now)
      actions.append(.turn(relays[index].plan.name, on: false))
    }
    for index in relays.indices where !relays[index].isOn && wants(index) {
      guard mayTurnOn(index, at: now) else { continue }
      relays[index].turn(on: true, at: now)
      actions.append(.turn(relays[index].plan.name, on: true))
    }
    if let wake = relays.indices.compactMap({ waits(index: $0, at: now) }).min() {
      actions.append(.wake(at: wake))
    }
    return actions
  }

  private func wants(_ index: Int) -> Bool { relays[index].isWanted && !isHeld }

  /// A line that failed is asked again to be off: on is never tried with a state unknown.
  private mutating func retry(at now: Instant) -> [RelayAction] {
    guard hasTrouble, now.since(triedAt) >= Self.retryInterval || now < triedAt else { return [] }
    triedAt = now
    return relays.indices.filter { relays[$0].trouble != nil }.map { index in
      relays[index].turn(on: false, at: now)
      return .turn(relays[index].plan.name, on: false)
    }
  }

  /// When the relay at that place becomes what it is to be, if it has to wait for it.
  public func waits(index: Int, at now: Instant) -> Instant? {
    let relay = relays[index]
    guard relay.isOn != wants(index), relay.trouble == nil else { return nil }
    let may = relay.isOn ? relay.mayChangeAt : max(relay.mayChangeAt, deadUntil(index))
    return may > now ? may : nil
  }

  private func members(_ index: Int) -> [RelaySwitch] {
    guard let group = relays[index].plan.group else { return [] }
    return relays.indices.filter { $0 != index && relays[$0].plan.group == group }
      .map { relays[$0] }
  }

  /// Another of its group that is on or may be.
  private func rival(of index: Int) -> String? {
    members(index).first { $0.mayBeOn || $0.isWanted }?.plan.name
  }

  /// When all others of its group have been off for long enough.
  private func deadUntil(_ index: Int) -> Instant {
    members(index).map { $0.changedAt + relays[index].plan.deadTime }.max() ?? .distantPast
  }

  private func mayTurnOn(_ index: Int, at now: Instant) -> Bool {
    relays[index].trouble == nil && relays[index].mayChangeAt <= now
      && !members(index).contains { $0.mayBeOn } && deadUntil(index) <= now
  }
}
