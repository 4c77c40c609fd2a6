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
    let value = power.map { controls[index].planned(near: $0) }
    guard let value, rest(at: index, value: value, at: now) == nil,
      obstacle(at: index, setting: value, at: now) == nil, !(value < 0 && isSpent)
    else {
      guard current != nil else { return [] }
      end(index, because: power == nil ? "the plan lets it go its own way" : "it can't be had now")
      return [.say(ReasonLine.fit("\(controls[index].key.device) goes its own way again"))]
        + advance(at: now)
    }
    let isNews = current.map { $0.value.signum() != value.signum() } ?? true
    controls[index].wish = SteeredControl.Wish(
      value: value, askedAt: now, until: until, isPlanned: true)
    guard current?.value != value else { return advance(at: now) }
    controls[index].restReason = nil
    controls[index].failures = 0
    controls[index].tryAt = nil
    return (isNews ? [.say(ReasonLine.fit(reason))] : []) + advance(at: now)
  }
}

extension SteeredControl {
  /// What a plan's word is not changed for.
  private static let planStep: Int64 = 100_000

  /// The value in milliwatts that the device is told for `power`: whole watts within its range, and
  /// what a plan wished before where that is near.
  func planned(near power: Power) -> Int64 {
    let wanted = power.milliwatts / 1000 * 1000
    let range = control?.range ?? wanted...wanted
    let value = min(max(wanted, range.lowerBound), range.upperBound)
    guard let wish, wish.isPlanned, abs(wish.value - value) < Self.planStep,
      wish.value.signum() == value.signum()
    else { return value }
    return wish.value
  }
}
