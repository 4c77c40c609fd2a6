import Ledger
import Market
import Mesh
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// All that a station is told about its household before it starts.
public struct StationConfiguration: Sendable {
  /// What the household is called on screens and in replies.
  public var name: String
  public var keys: KeyPair
  public var community: Community
  public var localTime: LocalTime
  /// Inverters, meters and batteries, the pulse meters among them.
  public var devices: [SiteDevice]
  public var pulseMeters: [PulseMeterPlan] = []
  /// In the order in which they are given surplus.
  public var relays: [RelayPlan] = []
  /// Whether a light shows how the node is.
  public var hasLight = false
  /// Nil for a house without a battery.
  public var battery: BatteryPlant?
  public var surplus: SurplusThresholds
  public var jobRules: JobRules
  public var market: MarketPolicy
  /// What a kWh from the grid costs and what the grid pays for one, for the plan.
  public var tariff: Tariff
  /// What the house may export at most, by contract or by its inverter's setting; nil is no limit.
  public var exportLimit: Power?
  /// Where the house stands; nil leaves the sun's course to be learned from the record alone.
  public var place: Place?
  /// How the panels face; empty where that is unknown and learned.
  public var panels: [PanelArray] = []
  /// Who may link, and by what name people call them.
  public var neighbours: [Neighbour]
  /// Numbers that may read by SMS.
  public var readers: SMSAdmission
  /// How often surplus, plan and jobs are looked at.
  public var controlInterval: TimeSpan
  /// How many slots ahead it plans, from the one under way on: two days.
  public var plannedSlots = SurplusForecast.horizon
  /// Whether the computing side has a power sensor to ask at every look.
  public var measuresComputing = false
  /// What the node can do with its engine's program.
  public var engine = EngineManagement()
  /// The device that measures the computing side, such as a metered socket.
  public var computingMeter: DeviceName?
  /// Which devices may be steered, and what stands by; by default none is.
  public var steering: SteeringRules
  /// What neighbours may have computed here; by default nothing.
  public var computing = ComputingPolicy()
  /// The neighbours that a link of their own joins with this house, metered at both ends, and the
  /// thousandths that it may lose.
  public var links: [PublicKey: Int64] = [:]

  /// A battery's fixed limits.
  public struct BatteryPlant: Hashable, Sendable {
    public var capacity: Energy
    public var maximumCharge: Power
    public var maximumDischarge: Power
    public var efficiencyPermille: Int64
    /// What it costs in wear to take a kWh out of it.
    public var wearPrice: Price
    /// Whether what is stored may go out to the grid.
    public var mayExport: Bool

    public init(
      capacity: Energy, maximumCharge: Power, maximumDischarge: Power,
      efficiencyPermille: Int64 = 950, wearPrice: Price = .zero, mayExport: Bool = false
    ) {
      self.mayExport = mayExport
      self.capacity = capacity
      self.maximumCharge = maximumCharge
      self.maximumDischarge = maximumDischarge
      self.efficiencyPermille = efficiencyPermille
      self.wearPrice = wearPrice
    }
  }

  public init(
    name: String, keys: KeyPair, community: Community, localTime: LocalTime = .utc,
    devices: [SiteDevice], battery: BatteryPlant? = nil,
    surplus: SurplusThresholds = SurplusThresholds(), jobRules: JobRules = JobRules(),
    market: MarketPolicy = MarketPolicy(),
    tariff: Tariff = Tariff(), neighbours: [Neighbour] = [],
    readers: SMSAdmission = SMSAdmission(readers: []),
    controlInterval: TimeSpan = TimeSpan(seconds: 15),
    steering: SteeringRules = SteeringRules()
  ) {
    self.name = name
    self.keys = keys
    self.community = community
    self.localTime = localTime
    self.devices = devices
    self.battery = battery
    self.surplus = surplus
    self.jobRules = jobRules
    self.market = market
    self.tariff = tariff
    self.neighbours = neighbours
    self.readers = readers
    self.controlInterval = controlInterval
    self.steering = steering
  }

  /// The ledger of a node that knows nothing yet: what the store is read into.
  public var emptyLedger: CommunityLedger {
    CommunityLedger(
      community: community, keys: keys, listed: Set(neighbours.map(\.key)))
  }
}
