import Quantities
import Texting

/// What a node shows of itself at one moment, for a screen. Nil is unknown, never zero.
public struct Snapshot: Sendable, Codable {
  public struct RunningJob: Hashable, Sendable, Codable {
    public var number: Int64
    public var name: String
    public var completed: Int
    public var failed: Int
    public var requests: Int
    /// What it is expected to draw.
    public var power: Power

    public init(
      number: Int64, name: String, completed: Int, failed: Int, requests: Int, power: Power
    ) {
      self.number = number
      self.name = name
      self.completed = completed
      self.failed = failed
      self.requests = requests
      self.power = power
    }
  }

  /// Sums since local midnight; nil is unknown.
  public typealias Day = HouseholdView.Day

  public var name: String
  public var at: Instant
  /// The clock on the household's wall, "15:10".
  public var clock: String
  public var pvPower: Power?
  public var loadPower: Power?
  public var batteryPower: Power?
  public var gridPower: Power?
  public var stateOfCharge: StateOfCharge?
  public var surplus: Power?
  /// Whether the panels are held back, so that `surplus` is the least that there is.
  public var isCurtailed: Bool?
  public var runningJobs: [RunningJob] = []
  public var waitingJobs: Int = 0
  /// What the engine calls itself, or why there is none.
  public var engine: String = ""
  /// Sum over all neighbours; + is owed to this house.
  public var balance: Credits = .zero
  public var peersLinked: Int = 0
  public var peersKnown: Int = 0
  public var day = Day()
  /// The latest decisions, oldest first.
  public var decisions: [Decision] = []

  public init(name: String, at: Instant, clock: String) {
    self.name = name
    self.at = at
    self.clock = clock
  }
}
