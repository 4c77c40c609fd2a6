/// Something happened that must never happen; the seed that led to it replays it.
public struct BrokenInvariant: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Rule: String, Hashable, Sendable {
    case energyIsConserved = "energy is conserved"
    case creditsAreConserved = "credits are conserved"
    case balanceFollowsFromRecords = "a balance is the sum of its records"
    case settledOnce = "a contract settles once"
    case bothSigned = "a settled contract carries both signatures"
    case metered = "no more is settled than was metered"
    case durableBeforeVisible = "what others see is durable at its author"
    case nothingLost = "no durable record is lost"
    case noFork = "an honest node does not fork its chain"
    case wellFormed = "an honest node writes records that mean something"
    case agreement = "honest nodes agree once the network has healed"
    case workOnce = "a crash repeats no more requests than were in flight"
    case bounded = "every queue is bounded"
    case lossIsLimited = "an honest house risks no more than its owner's limits"
    case goesOn = "no record or frame of a neighbour's stops an honest house"
  }

  public let rule: Rule
  public let detail: String

  public init(_ rule: Rule, _ detail: String) {
    self.rule = rule
    self.detail = detail
  }

  public var description: String { "\(rule.rawValue): \(detail)" }
}
