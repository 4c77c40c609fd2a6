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
  public var importPrice: Price
  public var exportPrice: Price
  /// Who may link, and by what name people call them.
  public var neighbours: [Neighbour]
  /// Numbers that may read by SMS.
  public var readers: SMSAdmission
  /// How often surplus, plan and jobs are looked at.
  public var controlInterval: TimeSpan
  /// Whether the computing side has a power sensor to ask at every look.
  public var measuresComputing = false
  /// The device that measures the computing side, such as a metered socket.
  public var computingMeter: DeviceName?
  /// Which devices may be steered, and what stands by; by default none is.
  public var steering: SteeringRules

  /// A battery's fixed limits.
  public struct BatteryPlant: Hashable, Sendable {
    public var capacity: Energy
    public var maximumCharge: Power
    public var maximumDischarge: Power
    public var efficiencyPermille: Int64

    public init(
      capacity: Energy, maximumCharge: Power, maximumDischarge: Power,
      efficiencyPermille: Int64 = 950
    ) {
      self.capacity = capacity
      self.maximumCharge = maximumCharge
      self.maximumDischarge = maximumDischarge
      self.efficiencyPermille = efficiencyPermille
    }
  }

  public init(
    name: String, keys: KeyPair, community: Community, localTime: LocalTime = .utc,
    devices: [SiteDevice], battery: BatteryPlant? = nil,
    surplus: SurplusThresholds = SurplusThresholds(), jobRules: JobRules = JobRules(),
    market: MarketPolicy = MarketPolicy(),
    importPrice: Price = Price(creditsPerKilowattHour: 30),
    exportPrice: Price = .zero, neighbours: [Neighbour] = [],
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
    self.importPrice = importPrice
    self.exportPrice = exportPrice
    self.neighbours = neighbours
    self.readers = readers
    self.controlInterval = controlInterval
    self.steering = steering
  }
}
