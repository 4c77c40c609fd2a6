import Quantities

/// What a simulated neighbourhood is to live through; the seed decides the rest.
public struct SimulationPlan: Hashable, Sendable {
  public var seed: UInt64
  /// 1 to 200.
  public var houses: Int
  /// 1 to 366.
  public var days: Int
  /// Whether nodes crash, networks split and devices fall silent.
  public var crashes: Bool
  /// The first midnight, UTC.
  public var start = Instant(millisecondsSince1970: 1_782_000_000_000)
  /// How often stations look at surplus, plan and jobs, a second to 15 minutes: what a soak of
  /// trades may do less often.
  public var controlInterval = TimeSpan.minute
  /// Disks that break their promise, by node number.
  public var diskFaults: [Int: SimulatedStore.Fault] = [:]
  /// The kinds of adversaries that may be among the houses; the seed picks which houses are, at
  /// most a third of them and each kind once.
  public var adversaries: [AdversaryKind] = []

  /// Every node knows this many next ones in a ring, and so is known to as many before it: one in
  /// half of the seeds, two in a third, three in a sixth. In a mere ring all that crosses the
  /// street goes from hand to hand; where each knows six, records come by many ways.
  public var neighboursAhead: Int {
    houses <= 4 ? 3 : [1, 1, 1, 2, 2, 3][Int(Noise.mixed(seed ^ 0x71E5) % 6)]
  }
  /// How far clocks are off at most: ± 3 s at the start, and 30 ms in a thousand seconds.
  public static let clockTolerance = TimeSpan(seconds: 30)

  public static let houseLimit = 200
  public static let dayLimit = 366

  public init(seed: UInt64, houses: Int, days: Int, crashes: Bool = true) {
    precondition((1...Self.houseLimit).contains(houses), "1 to 200 houses")
    precondition((1...Self.dayLimit).contains(days), "1 to 366 days")
    self.seed = seed
    self.houses = houses
    self.days = days
    self.crashes = crashes
  }

  public var end: Instant { start + TimeSpan(minutes: Int64(days) * 1440) }

  /// From then on nothing crashes or splits any more, so that all may come to agree.
  public var quietFrom: Instant { end - TimeSpan(minutes: 90) }
}
