import Quantities
import Sites

/// Taking load off at once while it is open whether a job must pause: a cloud of seconds costs
/// nothing then.
///
/// The graphics card's limit comes down first, as work goes on; where that is not enough the engine
/// is frozen. Either is taken back when the sun is back, or when the job is brought to rest.
extension JobQueue {
  /// What is eased stays so for at least this long.
  static let minimumEasing = TimeSpan(seconds: 10)
  /// A card's limit moves in such steps.
  static let limitStep = Power(watts: 10)

  /// How the engine is eased now.
  public enum Easing: Hashable, Sendable {
    case none
    case limited(to: Power, since: Instant)
    case frozen(since: Instant)
  }

  /// Eases the running job when it is short, or takes that back.
  mutating func ease(_ job: Job, isShort: Bool, spare: Power, at now: Instant) -> [JobAction] {
    guard isShort else {
      if case .frozen(let since) = easing, now.since(since) < Self.minimumEasing { return [] }
      return release()
    }
    let limit = cardLimit(for: job, spare: spare)
    switch (easing, limit) {
    case (.frozen, _): return []
    case (.limited(let before, let since), let limit?):
      guard (before - limit).magnitude >= Self.limitStep, now.since(since) >= Self.minimumEasing
      else { return [] }
      easing = .limited(to: limit, since: now)
      return [.engine(.limitPower(limit))]
    case (.none, let limit?):
      easing = .limited(to: limit, since: now)
      return [
        .engine(.limitPower(limit)),
        .say("job \(job.number) slows down: the card may draw \(limit.text)"),
      ]
    case (.none, nil), (.limited, nil):
      guard management.freezes else { return [] }
      let free = release()
      easing = .frozen(since: now)
      return free + [
        .engine(.freeze), .say("job \(job.number) stands still: \(spare.text) spare"),
      ]
    }
  }

  /// The engine could not be eased: it isn't tried again until the node starts anew.
  public mutating func easingFailed(_ reason: String) -> [JobAction] {
    switch easing {
    case .none: break
    case .limited: management.cardPower = nil
    case .frozen: management.freezes = false
    }
    easing = .none
    return [.say(ReasonLine.fit("the engine can't be eased: \(reason); jobs pause instead"))]
  }

  /// Takes back whatever was eased.
  mutating func release() -> [JobAction] {
    defer { easing = .none }
    switch easing {
    case .none: return []
    case .limited: return [.engine(.freePower)]
    case .frozen: return [.engine(.thaw)]
    }
  }

  /// What the card may draw so that the job fits what is spare; nil where that is too little.
  private func cardLimit(for job: Job, spare: Power) -> Power? {
    guard let card = management.cardPower, job.batch.power > spare else { return nil }
    let wanted = card.upperBound - (job.batch.power - spare)
    let steps = wanted.milliwatts / Self.limitStep.milliwatts
    let limit = Self.limitStep.scaled(by: max(0, steps), over: 1)
    return limit >= card.lowerBound && limit < card.upperBound ? limit : nil
  }

  /// What a job is taken to draw while it is eased.
  func eased(_ power: Power) -> Power {
    switch easing {
    case .none: power
    case .frozen: .zero
    case .limited(let limit, _):
      max(.zero, power - max(.zero, (management.cardPower?.upperBound ?? limit) - limit))
    }
  }
}
