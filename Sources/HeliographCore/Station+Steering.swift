import Planning
import Quantities
import Sites
import Texting

/// Steering devices: what the house must know for it, what owners ask, what they are told.
extension Station {
  /// Compares what is wanted of the devices with what they hold.
  mutating func steer(at now: Instant) -> [Effect] { steer(site.state(at: now), at: now) }

  /// The same for who has looked at the site already.
  mutating func steer(_ state: SiteState, at now: Instant) -> [Effect] {
    effects(of: steering.update(conditions(of: state, at: now), at: now), at: now)
  }

  /// A device answered: what rested because it was silent is looked at again.
  mutating func steer(heard device: DeviceName, at now: Instant) -> [Effect] {
    guard configuration.steering.devices.contains(where: { $0.name == device }) else { return [] }
    let conditions = self.conditions(of: site.state(at: now), at: now)
    return effects(of: steering.heard(device, conditions, at: now), at: now)
  }

  /// Carries a request out or refuses it; the reply follows when the device has confirmed it.
  mutating func ask(
    _ request: SteeringRequest, of message: TextMessage.Identifier, at now: Instant
  ) -> [Effect] {
    let before = steer(at: now)
    do {
      let actions = try steering.ask(request, token: message.value, at: now)
      return before + effects(of: actions, at: now)
    } catch {
      return before + [.reply(to: message, text: TextReply.refusal(error.reason + "."))]
    }
  }

  /// The node was asked to end.
  mutating func stop(at now: Instant) -> [Effect] {
    isStopping = true
    return effects(of: steering.stop(at: now), at: now) + stopGPIO(at: now)
      + storeIndex(always: true)
  }

  private func conditions(of state: SiteState, at now: Instant) -> SteeringConditions {
    // A device that is read once an hour is fresh for three; that is no view to steer by.
    func known<Value>(_ measured: Measured<Value>?) -> Value? {
      guard let measured, measured.age(at: now) <= Steering.oldest else { return nil }
      return measured.value
    }
    return SteeringConditions(
      stateOfCharge: known(state.stateOfCharge), gridPower: known(state.gridPower),
      reserve: surplus.thresholds.reserve)
  }

  mutating func effects(of actions: [SteeringAction], at now: Instant) -> [Effect] {
    var effects = actions.flatMap { action -> [Effect] in
      switch action {
      case .order(let order): return [.steer(order)]
      case .save(let key, let value): return [.store(.put(key: key, value: value))]
      case .forget(let key): return [.store(.remove(key: key))]
      case .say(let text): return say(.device, text, at: now)
      case .answer(let token, let answer):
        return [
          .reply(
            to: TextMessage.Identifier(token),
            text: TextReply.steering(answer, localTime: configuration.localTime))
        ]
      }
    }
    if let wake = steering.nextWake(after: now) { effects.append(.setTimer(.steering, at: wake)) }
    if isStopping, steering.isAtRest {
      isStopping = false
      effects.append(.atRest)
    }
    return effects
  }
}
