import Hardware
import Planning
import Quantities
import Runners
import Sealing
import Sites

/// What a household has decided about its node, read from one JSON5 file and checked once.
public struct Configuration: Sendable, Hashable {
  /// What neighbours and people call this node; 1 to 16 letters, digits or `-`. No default.
  public var name: String
  /// Where the database, the key and the sockets live. Default `/var/lib/heliograph`.
  public var dataDirectory: String = "/var/lib/heliograph"
  /// The neighbourhood that this node belongs to; 1 to 32 bytes. No default.
  public var community: String
  /// The file with the node's 32-byte seed in hexadecimal. Default `<dataDirectory>/key`.
  public var keyFile: String
  /// An accelerated clock for demonstrations; absent: the system's clock.
  public var clock: Clock?
  /// The IANA name of the household's time zone. Default `UTC`.
  public var timeZone: String = "UTC"
  /// Where neighbours' links are answered, `host:port`; absent: only calls out.
  public var listen: Address?
  /// The neighbours that may link, at most 64.
  public var peers: [Peer] = []
  /// The inverters, meters and batteries, at most 32.
  public var devices: [Device] = []
  /// What gives steered devices back when the agent was killed; absent: only devices with a
  /// time-out of their own are steered.
  public var guardian: Guardian?
  /// Meters with a pulse output, at most 8.
  public var pulseMeters: [PulseMeter] = []
  /// Relays, at most 16, in the order in which they are given surplus.
  public var relays: [Relay] = []
  /// A button: pressed shortly it holds jobs or lets them go on, for 5 s it turns everything off.
  public var button: GPIOPlan.Line?
  /// A light that is steady when all is well, blinks slowly while surplus is used, fast in trouble.
  public var light: GPIOPlan.Line?
  /// Where the package puts device profiles.
  public static let defaultProfileDirectory = "/usr/share/heliograph/profiles"
  /// Where device profiles lie. Default `/usr/share/heliograph/profiles`.
  public var profileDirectory: String = Configuration.defaultProfileDirectory
  /// The battery's limits; absent: the house has none.
  public var battery: Battery?
  /// Inference jobs; absent: this node runs none.
  public var jobs: Jobs?
  /// Seconds of node time between looks at surplus, plan and jobs, 1 to 300. Default 15.
  public var control = TimeSpan(seconds: 15)
  public var tariff = Tariff()
  /// A file with prices by the hour or quarter-hour, which go before `tariff`; absent: none.
  public var priceList: String?
  /// The most that may be given to the grid, W, 0 to 1,000,000; absent: no limit.
  public var exportLimit: Power?
  /// Where the house stands; absent: the sun's course is learned from the record alone.
  public var place: Planning.Place?
  /// How the panels face, at most 8 ways; absent: learned.
  public var panels: [PanelArray] = []
  /// What tells the coming weather; absent: the forecast does without.
  public var weather: Weather?
  public var market = Trading()
  public var surplus = Surplus()
  public var text = Text()

  /// A clock that began at `startsAt` when the real time was `realStart` and runs `speed`-fold.
  public struct Clock: Sendable, Hashable {
    /// Node time at `realStart`, written `2026-06-21T04:30:00Z`.
    public var startsAt: Instant
    /// Real time, in milliseconds since 1970 UTC.
    public var realStart: Instant
    /// Node seconds in a real second, 1 to 86,400.
    public var speed: Int64
  }

  /// A TCP end point.
  public struct Address: Sendable, Hashable, CustomStringConvertible {
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public var host: String
    public var port: UInt16
    public var description: String {
      host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
  }

  /// A neighbour.
  public struct Peer: Sendable, Hashable {
    /// What this household calls it; 1 to 16 letters, digits or `-`.
    public var name: String
    /// Its public key, 64 hexadecimal digits (`heliographd --print-key` there).
    public var key: PublicKey
    /// Where to call it; absent: it calls us.
    public var address: Address?
  }

  /// A device on Modbus TCP, or on a serial line.
  public struct Device: Sendable, Hashable {
    /// What the household calls it; 1 to 16 letters, digits or `-`.
    public var name: DeviceName
    /// `host` and `port` (default 502), or `serial` and what the line needs.
    public var place: Place
    /// The Modbus unit, 0 to 255, on a serial line 1 to 247. Default: the profile's, else 1.
    public var unit: UInt8?
    /// `sunspec`, or the name of a profile in the profile directory.
    public var profile: String
    /// Seconds of node time between readings, 1 to 3600. Default 5.
    public var poll = TimeSpan(seconds: 5)
    /// What the household takes from it (`pv`, `load`, `grid`, `battery`, `stateOfCharge`,
    /// `totals`). Default, of a house's only device: whatever it gives; of several, each names
    /// its own, so that nothing is counted twice.
    public var provides: [SiteQuantity]?
    /// Whether the node may tell it what to do, on its owner's word; it is then polled at least
    /// once a minute. Default false.
    public var steer: Bool = false
    /// Lets others read all devices of this place through a port of ours; absent: nobody.
    public var proxy: Proxy?
  }

  /// Where a device is found. Devices of one place take turns.
  public enum Place: Sendable, Hashable {
    case tcp(Address)
    case serial(Serial)
  }

  /// A serial line; what is not said is the profile's, else 9600 baud, no parity, one stop bit.
  public struct Serial: Sendable, Hashable {
    /// The device file, best below `/dev/serial/by-id/`, which stays when adapters change places.
    public var path: String
    /// Bits a second.
    public var baud: Int?
    public var parity: SerialFormat.Parity?
    /// 1 or 2.
    public var stopBits: Int?
  }

  /// A port where other programs read the devices of a place, from memory or in turn.
  public struct Proxy: Sendable, Hashable {
    /// Where clients reach it: a numeric address of this machine and a port.
    public var listen: Address
    /// How old an answer from memory may be, s, 1 to 300. Default 5.
    public var maximumAge = TimeSpan(seconds: 5)
    /// Whether clients may write. Default false.
    public var allowsWrites = false
  }

  /// What the planner may count on and must leave.
  public struct Battery: Sendable, Hashable {
    /// Usable capacity, Wh, 1 to 1,000,000. No default.
    public var capacity: Energy
    /// What stays in for the house, percent, 0 to 100. Default 30.
    public var reserve = StateOfCharge(percent: 30)
    /// W; default half the capacity in an hour.
    public var maximumCharge: Power
    /// W; default as `maximumCharge`.
    public var maximumDischarge: Power
    /// What comes out of a kWh put in, thousandths, 500 to 1000. Default 950.
    public var efficiencyPermille: Int64 = 950
    /// What it costs in wear to take a kWh out, credits. Default 0.
    public var wearPrice = Price.zero
    /// Whether what is stored may be sold to the grid. Default false: many contracts forbid it.
    public var mayExport = false
  }

  /// How inference jobs are run.
  public struct Jobs: Sendable, Hashable {
    /// `http://host:port`, or the absolute path of a Unix socket; absent where `slurm` is given, or
    /// commands alone.
    public var engine: String?
    /// The cluster that runs the jobs; absent where `engine` is given.
    public var slurm: Slurm?
    /// How the engine is started and stopped: `unit`, a service's name, or `command`, a program and
    /// its arguments, run as a child; absent: one that runs is used.
    public var process: EngineProcess.Kind?
    /// Whether the engine's program is frozen while a cloud may pass. Default true where it is
    /// started here.
    public var freeze = true
    /// Whether the graphics card's power limit comes down with the sun. Default false.
    public var limitPower = false
    /// The program is stopped when there is nothing to do for this long. Default 10 min.
    public var stopAfter = TimeSpan(minutes: 10)
    /// Its model leaves the memory when there is nothing to do for this long, where the engine can
    /// do that (Ollama, vLLM). Default 3 min where the node starts the engine, else never.
    public var unloadAfter: TimeSpan?
    /// The model asked for when a request names none; empty: the engine's own.
    public var model: String = ""
    /// Requests at once when the engine does not say, 1 to 64. Default 1.
    public var slots: Int = 1
    /// What the engine's machine draws while it works, W, when a job does not say. Default 60.
    public var power = Power(watts: 60)
    /// What measures the engine's machine: `jetson`, `raspberryPi`, `nvidia`, `rapl`, `none`, or
    /// `auto`: this machine's own sensor if the engine runs on it; or the name of a device, such as
    /// a metered socket, which then is read for nothing else. Default `auto`.
    public var powerSensor: PowerSensing = .auto
    /// Where jobs and results lie. Default `<dataDirectory>/jobs`.
    public var directory: String
    /// Commands that may be run as jobs, by their names.
    public var commands: [OwnerCommand] = []
    /// How programs hand in batches. Default: by a Unix socket.
    public var api = BatchAccess()
    /// A folder where batch files are dropped; absent: none.
    public var watchedFolder: String?
  }

  /// Which sensor tells what the computing side draws.
  public enum PowerSensing: Sendable, Hashable {
    case auto
    case none
    case sensor(PowerSensor.Kind)
    case device(DeviceName)
  }

  /// What the household asks of neighbours and gives them.
  public struct Trading: Sendable, Hashable {
    /// Whether the node trades at all. Default false.
    public var enabled: Bool = false
    /// The least it sells for, credits per kWh. Default 8.
    public var sellAtLeast = Price(creditsPerKilowattHour: 8)
    /// The most it buys for, credits per kWh. Default 20.
    public var buyAtMost = Price(creditsPerKilowattHour: 20)
    /// The most that all neighbours together may come to owe, credits, 0 to 1,000,000. Default
    /// 1000.
    public var claimsAtMost = Credits(credits: 1000)
    /// What is computed for neighbours and by them; absent: nothing.
    public var computing: Computing?
  }

  /// When surplus counts as there and as gone.
  public struct Surplus: Sendable, Hashable {
    /// At least this much spare, W, 0 to 1,000,000. Default 150.
    public var start = Power(watts: 150)
    /// At most this much spare, W; below `start`. Default 50.
    public var stop = Power(watts: 50)
    /// For so long before it counts as there, s, 0 to 3600. Default 60.
    public var startAfter = TimeSpan(seconds: 60)
    /// For so long before it counts as gone, s, 0 to 3600. Default 60.
    public var stopAfter = TimeSpan(seconds: 60)
  }

  /// A weather service's outlook in Open-Meteo's JSON shape.
  public enum Weather: Sendable, Hashable {
    /// A file, read again whenever it changes.
    case file(String)
    /// An address, http or https, asked every so often: 15 to 1440 minutes, default 60.
    case url(String, every: TimeSpan)
  }

  /// Text messages through gammu-smsd.
  public struct Text: Sendable, Hashable {
    /// The numbers that may read by SMS, international (`+255…`), at most 32. Default none.
    public var readers: [String] = []
    /// gammu-smsd's spool, which holds `inbox` and `outbox`; absent: no SMS.
    public var spool: String?
  }

  public init(name: String, community: String, dataDirectory: String = "/var/lib/heliograph") {
    self.name = name
    self.community = community
    self.dataDirectory = dataDirectory
    keyFile = dataDirectory + "/key"
  }

  /// The database.
  public var databasePath: String { dataDirectory + "/heliograph.db" }
  /// The Unix socket that the command line and the console talk to.
  public var controlSocketPath: String { dataDirectory + "/control.sock" }
}
