import Ledger
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// Relays, pulse meters, the button and the light.
extension Station {
  /// Stored while the owner holds everything off.
  static let heldKey = "relays/held"

  mutating func restoreGPIO(_ entry: StoredState.Entry, at now: Instant) {
    for index in pulseMeters.indices {
      pulseMeters[index].restore(key: entry.key, value: entry.value)
    }
    if entry.key == Self.heldKey { _ = relays.hold(at: now) }
  }

  /// Says from where the pulse meters go on.
  mutating func startGPIO(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for meter in pulseMeters {
      effects += say(
        .device,
        "\(meter.plan.name) goes on from \(meter.count) pulses, "
          + meter.plan.energy(of: meter.count).text, at: now)
    }
    if relays.isHeld {
      effects += say(.relay, "relays are held off since before the start; RESUME lifts it", at: now)
    }
    return effects + showLight(at: now)
  }

  /// What a pulse meter's counter says is a reading like any other device's.
  mutating func take(_ snapshot: PulseSnapshot, at now: Instant) -> [Effect] {
    guard let index = pulseMeters.firstIndex(where: { $0.plan.name == snapshot.meter }) else {
      return []
    }
    let (reading, actions) = pulseMeters[index].take(snapshot, at: now)
    return effects(of: actions, at: now) + take(reading, at: now)
  }

  /// One turn of the relays, after the surplus is known.
  mutating func controlRelays(_ state: SiteState, at now: Instant) -> [Effect] {
    var isSurplus = false
    if case .spare = surplus.state { isSurplus = true }
    let actions = relays.control(
      unused: surplus.state.power.map { $0 - queue.drawing }, isSurplus: isSurplus, site: state,
      thresholds: surplus.thresholds, at: now)
    return effects(of: actions, at: now) + showLight(at: now)
  }

  mutating func relayFailed(_ name: String, _ reason: String, at now: Instant) -> [Effect] {
    effects(of: relays.failed(name, because: reason, at: now), at: now) + showLight(at: now)
  }

  mutating func take(_ press: ButtonPress, at now: Instant) -> [Effect] {
    let isPaused = queue.jobs.contains { $0.isLive && $0.ownerPaused }
    switch press {
    case .short where isPaused || relays.isHeld:
      return say(.relay, "button: jobs and relays may go on", at: now) + resumeAll(at: now)
    case .short:
      return say(.relay, "button: jobs are held; press again to let them go on", at: now)
        + pauseAll(at: now)
    case .long:
      return say(.relay, "button: everything off; a short press or RESUME lifts it", at: now)
        + [.store(.put(key: Self.heldKey, value: [1]))]
        + effects(of: relays.hold(at: now), at: now) + pauseAll(at: now) + showLight(at: now)
    }
  }

  private mutating func pauseAll(at now: Instant) -> [Effect] {
    (try? queue.pause(nil, at: now)).map { effects(of: $0, at: now) } ?? []
  }

  private mutating func resumeAll(at now: Instant) -> [Effect] {
    planIsStale = true
    let jobs = (try? queue.resume(nil, at: now)).map { effects(of: $0, at: now) } ?? []
    return releaseRelays() + jobs
  }

  /// Lifts the hold on everything, if there is one.
  mutating func releaseRelays() -> [Effect] {
    guard relays.isHeld else { return [] }
    relays.release()
    return [.store(.remove(key: Self.heldKey))]
  }

  /// The node stops: relays off, counts stored.
  mutating func stopGPIO(at now: Instant) -> [Effect] {
    var effects = self.effects(of: relays.turnAllOff(at: now), at: now)
    for index in pulseMeters.indices {
      effects += self.effects(of: pulseMeters[index].stop(at: now), at: now)
    }
    return effects
  }

  /// The light, when it is to say something else than before.
  private mutating func showLight(at now: Instant) -> [Effect] {
    guard configuration.hasLight else { return [] }
    let isTroubled = storageTrouble != nil || relays.hasTrouble || !site.lost.isEmpty
    let isUsing = queue.running != nil || relays.drawing > .zero
    let wanted = StatusLight(isTroubled: isTroubled, isWorking: isUsing)
    guard wanted != light else { return [] }
    light = wanted
    return [.showLight(wanted)]
  }

  mutating func effects(of actions: [RelayAction], at now: Instant) -> [Effect] {
    actions.flatMap { action -> [Effect] in
      switch action {
      case .turn(let name, let on): [.turnRelay(name, on: on, at: now)]
      case .wake(let time): [.setTimer(.relays, at: time)]
      case .say(let text): say(.relay, text, at: now)
      }
    }
  }

  private mutating func effects(of actions: [PulseMeter.Action], at now: Instant) -> [Effect] {
    actions.flatMap { action -> [Effect] in
      switch action {
      case .store(let key, let value): [.store(.put(key: key, value: value))]
      case .say(let text): say(.device, text, at: now)
      }
    }
  }

  /// The relays as a reply shows them.
  func relayViews(at now: Instant) -> [HouseholdView.Relay] {
    relays.relays.enumerated().map { index, relay in
      HouseholdView.Relay(
        name: relay.plan.name, mode: relay.plan.mode.rawValue, isOn: relay.isOn,
        isShedding: relay.plan.mode == .shed, hasTrouble: relay.trouble != nil,
        changesAt: relays.waits(index: index, at: now))
    }
  }
}
