import Planning
import Quantities
import Sites

/// Every fact that a reply needs, as the station knows it at one moment. Nil is unknown.
public struct HouseholdView: Sendable {
  public var name: String
  public var at: Instant
  public var localTime: LocalTime
  public var pvPower: Power?
  public var loadPower: Power?
  /// + is charging.
  public var batteryPower: Power?
  /// + is import.
  public var gridPower: Power?
  public var stateOfCharge: StateOfCharge?
  /// What the battery keeps for the household.
  public var reserve: StateOfCharge?
  public var surplus: Power?
  /// Whether the panels are held back, so that `surplus` is the least that there is.
  public var isCurtailed: Bool?
  /// What the engine calls itself, or why there is none; empty while unknown.
  public var engine: String = ""
  /// Whether an engine is named and does not answer.
  public var lacksEngine: Bool = false
  /// Whether the owner holds all jobs.
  public var isPaused: Bool = false
  /// Whether the owner lets the node trade.
  public var isTrading: Bool = true
  /// What devices are told to do, in order of device.
  public var steered: [SteeringState] = []
  /// Devices that give no values now, and since when.
  public var lostDevices: [LostDevice] = []
  /// Inverters that sleep until the sun is back, and since when.
  public var asleepDevices: [LostDevice] = []
  /// In the configuration's order.
  public var relays: [Relay] = []
  /// Whether the owner holds all relays off.
  public var isHeldOff: Bool = false
  /// In order of number.
  public var jobs: [Job] = []
  /// Newest first.
  public var trades: [Trade] = []
  /// In order of name.
  public var neighbours: [Neighbour] = []
  /// Newest first.
  public var decisions: [Decision] = []
  public var day = Day()
  /// What is meant to happen; nil before the first plan.
  public var plan: Plan?
  /// What the battery holds when it is full, if there is one.
  public var batteryCapacity: Energy?
  /// No trade is opened while nobody vouches for the clock.
  public var isTimeUnsure: Bool = false
  /// Why the store refuses to commit, while it does.
  public var storageTrouble: String?

  public init(name: String, at: Instant, localTime: LocalTime) {
    self.name = name
    self.at = at
    self.localTime = localTime
  }
}

extension HouseholdView {
  /// A device that can't be read.
  public struct LostDevice: Hashable, Sendable {
    public var name: String
    public var since: Instant

    public init(name: String, since: Instant) {
      self.name = name
      self.since = since
    }
  }

  /// One job as a person sees it.
  public struct Job: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
      case running, draining, waiting, held, ending, done, failed, cancelled, expired

      /// Whether nothing more comes of it.
      public var isOver: Bool {
        switch self {
        case .running, .draining, .waiting, .held, .ending: false
        case .done, .failed, .cancelled, .expired: true
        }
      }
    }

    public var number: JobNumber
    public var name: String
    public var state: State
    public var requests: Int
    public var completed: Int
    public var failed: Int
    /// What it is expected to draw.
    public var power: Power
    public var deadline: Instant?
    /// Why it is in this state, and until when, if that is known: "until about 12:15".
    public var note: String
    /// The folder with its results, below the node's jobs folder.
    public var folder: String
    /// When the plan has it done; nil where it sees no end of it.
    public var estimatedEnd: Instant?
    /// Requests answered a second of running time, in thousandths; nil until it has shown any.
    public var requestsPerKilosecond: Int64?
    public var energy: Energy = .zero
    /// What of the energy a sensor saw; the rest is estimated.
    public var energyMeasured: Energy = .zero
    public var surplus: Energy = .zero
    /// Tokens generated; zero where the engine does not count.
    public var tokens: Int64 = 0
    public var cost: Credits = .zero
    /// The owner's command that it runs; nil for a batch of requests.
    public var command: CommandWork?
    public var ranFor: TimeSpan = .zero

    public init(
      number: JobNumber, name: String, state: State, requests: Int, completed: Int, failed: Int,
      power: Power, deadline: Instant? = nil, note: String = "",
      folder: String = ""
    ) {
      self.number = number
      self.name = name
      self.state = state
      self.requests = requests
      self.completed = completed
      self.failed = failed
      self.power = power
      self.deadline = deadline
      self.note = note
      self.folder = folder
    }
  }

  /// One trade with a neighbour.
  public struct Trade: Hashable, Sendable {
    public enum Direction: String, Hashable, Sendable { case sold, bought }

    public var neighbour: String
    public var direction: Direction
    /// Settled if it is settled, else agreed.
    public var energy: Energy
    public var amount: Credits
    /// When its slot begins.
    public var slotStart: Instant
    /// In a word or two: "settled", "confirmed", "disputed".
    public var status: String

    public init(
      neighbour: String, direction: Direction, energy: Energy, amount: Credits,
      slotStart: Instant, status: String
    ) {
      self.neighbour = neighbour
      self.direction = direction
      self.energy = energy
      self.amount = amount
      self.slotStart = slotStart
      self.status = status
    }
  }

  /// One neighbour: what stands between the two, and whether it can be reached.
  public struct Neighbour: Hashable, Sendable {
    public var name: String
    /// + is owed to this house.
    public var balance: Credits
    /// How much it may owe this house, if a limit was set.
    public var limit: Credits?
    public var isLinked: Bool
    /// When it was last heard, if ever.
    public var lastSeen: Instant?

    public init(
      name: String, balance: Credits, limit: Credits?, isLinked: Bool, lastSeen: Instant?
    ) {
      self.name = name
      self.balance = balance
      self.limit = limit
      self.isLinked = isLinked
      self.lastSeen = lastSeen
    }
  }

  /// Sums since local midnight; a sum that can't be known, as without a meter, is nil.
  public struct Day: Hashable, Sendable, Codable {
    public var energyUsedByJobs: Energy = .zero
    public var surplusUsedByJobs: Energy?
    public var requestsCompleted: Int = 0
    public var requestsFailed: Int = 0
    public var timesPaused: Int = 0
    public var energySold: Energy = .zero
    public var energyBought: Energy = .zero
    public var creditsEarned: Credits = .zero
    public var creditsSpent: Credits = .zero
    public var exported: Energy?
    public var imported: Energy?
    public var tradesSettled: Int = 0
    public init() {}
  }
}
