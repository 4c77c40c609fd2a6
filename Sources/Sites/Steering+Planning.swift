import Quantities

/// What a plan wants of the battery, beside what its owner asks for.
extension Steering {
  /// Whether a plan may tell the battery: exactly one can be steered, nothing stands in the way,
  /// and its set-point is not in flash, which a plan would wear out.
  public var mayPlan: Bool {
    guard !isStopping, !storageFails, let index = plannable else { return false }
    return obstacle(at: index, setting: 0, at: latest) == nil
  }

  private var plannable: Int? {
    let able = controls.indices.filter { index in
      controls[index].key.control == .batteryPower && controls[index].control != nil
        && rules.device(controls[index].key.device)?.isSteered == true
        && controls[index].dailyWrites == nil
    }
    return able.count == 1 ? able.first : nil
  }

  /// Has the battery take `power` (− is giving) until then, or with nil go its own way.
  ///
  /// An owner's word goes before a plan's, and lasts as long as it was asked for. What can't be had
  /// at the moment is not wished for: the next look asks anew.
  public mutating func follow(
    _ power: Power?, until: Instant, because reason: String, at now: Instant
  ) -> [SteeringAction] {
    guard let index = plannable else { return [] }
    let current = controls[index].wish
    if let current, !current.isPlanned { return [] }
    let watts = power.map { controls[index].nearest(to: $0.watts) }
    guard let watts, rest(at: index, value: watts, at: now) == nil,
      obstacle(at: index, setting: watts, at: now) == nil, !(watts < 0 && isSpent)
    else {
      guard current != nil else { return [] }
      end(index, because: power == nil ? "the plan lets it go its own way" : "it can't be had now")
      return [.say(ReasonLine.fit("\(controls[index].key.device) goes its own way again"))]
        + advance(at: now)
    }
    let isNews =
      current.map { ($0.value > 0) != (watts > 0) || ($0.value < 0) != (watts < 0) } ?? true
    controls[index].wish = SteeredControl.Wish(
      value: watts, askedAt: now, until: until, isPlanned: true)
    guard current?.value != watts else { return advance(at: now) }
    controls[index].restReason = nil
    controls[index].failures = 0
    controls[index].tryAt = nil
    return (isNews ? [.say(ReasonLine.fit(reason))] : []) + advance(at: now)
  }
}

extension SteeredControl {
  /// The value that the device can be told nearest to `value`.
  func nearest(to value: Int64) -> Int64 {
    guard let range = control?.range else { return value }
    return min(max(value, range.lowerBound), range.upperBound)
  }
}
