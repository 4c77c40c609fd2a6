import Planning
import Quantities
import Sites

/// What a person may ask of a node or tell it; the same by SMS, console and command line.
public enum TextCommand: Hashable, Sendable {
  case status
  case today
  /// What is meant to happen next.
  case plan
  case jobs
  case job(JobNumber)
  case trades
  case balance
  case peers
  case relays
  /// What is offered and wanted in the next slot that is open.
  case offers
  /// So much is for sale at this price or more, in the next open slot or in the one that holds this
  /// minute of the day; nothing takes it back.
  case sell(Energy, Price, atMinuteOfDay: Int64?)
  /// So much is wanted at this price or less.
  case buy(Energy, Price, atMinuteOfDay: Int64?)
  /// A relay of mode manual is to be on or off.
  case relay(String, on: Bool)
  /// The decision that many steps back: 1 is the latest.
  case why(Int)
  /// The list of commands, or one command explained.
  case help(Word?)
  case run(BatchRequest)
  /// One job, or all of them.
  case pause(JobNumber?)
  case resume(JobNumber?)
  /// One job is not wanted any more.
  case cancel(JobNumber)
  /// How much the named neighbour may owe this house.
  case limit(neighbour: String, Credits, growing: LimitGrowth? = nil)
  /// The named neighbour was given so much outside the ledger.
  case paid(neighbour: String, Credits)
  /// The named neighbour has given so much.
  case got(neighbour: String, Credits)
  /// The named neighbour has not paid so much; zero takes that back.
  case unpaid(neighbour: String, Credits)
  /// What the named neighbour disputes is not claimed any more.
  case waive(neighbour: String)
  /// What the battery keeps for the household.
  case reserve(StateOfCharge)
  /// The battery is to charge with so much, for so long.
  case charge(Power, TimeSpan, device: String?)
  case discharge(Power, TimeSpan, device: String?)
  /// What the house may give to the grid at most; without a time, until told otherwise.
  case export(Power, TimeSpan?, device: String?)
  /// Every device goes its own way again.
  case auto

  /// The words that begin a command.
  public enum Word: String, Hashable, Sendable, CaseIterable {
    case status = "STATUS"
    case today = "TODAY"
    case plan = "PLAN"
    case jobs = "JOBS"
    case job = "JOB"
    case trades = "TRADES"
    case balance = "BALANCE"
    case peers = "PEERS"
    case offers = "OFFERS"
    case sell = "SELL"
    case buy = "BUY"
    case relays = "RELAYS"
    case relay = "RELAY"
    case why = "WHY"
    case help = "HELP"
    case run = "RUN"
    case pause = "PAUSE"
    case resume = "RESUME"
    case cancel = "CANCEL"
    case limit = "LIMIT"
    case paid = "PAID"
    case got = "GOT"
    case unpaid = "UNPAID"
    case waive = "WAIVE"
    case reserve = "RESERVE"
    case charge = "CHARGE"
    case discharge = "DISCHARGE"
    case export = "EXPORT"
    case auto = "AUTO"

    /// Whether it only asks; anything else changes what the node does.
    public var reads: Bool {
      switch self {
      case .status, .today, .plan, .jobs, .job, .trades, .balance, .peers, .relays, .why, .help,
        .offers:
        true
      case .run, .pause, .resume, .cancel, .sell, .buy, .limit, .paid, .got, .unpaid, .waive,
        .reserve, .relay,
        .charge, .discharge, .export,
        .auto:
        false
      }
    }

    /// How it is typed, with an example.
    public var usage: String {
      switch self {
      case .status: "STATUS: sun, load, battery, grid, spare power and jobs now."
      case .today: "TODAY: what this day brought so far: jobs, trades, energy in and out."
      case .plan: "PLAN: what is meant to happen next: jobs, sun and battery, up to two days ahead."
      case .jobs: "JOBS: all jobs, each with its number. JOB 2 shows one."
      case .job: "JOB number: one job in full. Example: JOB 2"
      case .trades: "TRADES: the latest trades with neighbours, newest first."
      case .balance: "BAL: who owes whom. + is owed to this house."
      case .peers: "PEERS: the neighbours, and when each was last heard."
      case .offers: "OFFERS: what is for sale and wanted next, and what it would cost."
      case .sell:
        "SELL energy price [AT hh:mm]: in one quarter of an hour; 0 takes it back. Example: SELL "
          + "500WH 12"
      case .buy:
        "BUY energy price [AT hh:mm]: in one quarter of an hour; 0 takes it back. Example: BUY "
          + "500WH 14"
      case .relays: "RELAYS: all relays, whether each is on, and what decides that."
      case .relay: "RELAY name ON or OFF: switches a manual relay. Example: RELAY pump ON"
      case .why: "WHY [steps back]: the latest decision and its reason. Example: WHY 2"
      case .help: "HELP [command]: the commands, or one explained. Example: HELP RUN"
      case .run:
        "RUN file [WATTS n] [BY hh:mm] [PRIORITY n] [VALUE credits] [AFTER job] [MODEL name] "
          + "[FIXED] [PAY credits]. Example: RUN photos.jsonl BY 18:00"
      case .pause: "PAUSE [job]: holds one job, or all. Example: PAUSE 2"
      case .resume: "RESUME [job]: lets one job go on, or all. Example: RESUME 2"
      case .cancel: "CANCEL job: takes a job back; what is done is kept. Example: CANCEL 2"
      case .limit:
        "LIMIT neighbour credits [GROW percent TO credits]: how much one may owe you, growing by "
          + "what it gives. Example: LIMIT mara 5"
      case .paid: "PAID neighbour credits: you gave it money for what you owe. Example: PAID mara 5"
      case .got: "GOT neighbour credits: it gave you money for what it owes. Example: GOT mara 5"
      case .unpaid:
        "UNPAID neighbour credits: tells all neighbours that it does not pay; 0 takes it back. "
          + "Example: UNPAID mara 5"
      case .waive: "WAIVE neighbour: drops what it disputes. Example: WAIVE mara"
      case .reserve: "RESERVE percent: what the battery keeps for the house. Example: RESERVE 40"
      case .charge:
        "CHARGE watts time [device]: tells the battery to charge. Example: CHARGE 1500W 2H"
      case .discharge:
        "DISCHARGE watts time [device]: down to the reserve. Example: DISCHARGE 1000W 30MIN"
      case .export:
        "EXPORT watts [time] [device]: the most given to the grid. Example: EXPORT 3000W 4H"
      case .auto: "AUTO: ends CHARGE, DISCHARGE and EXPORT: devices go their own way again."
      }
    }
  }

  /// The word that begins it.
  public var word: Word {
    switch self {
    case .status: .status
    case .today: .today
    case .plan: .plan
    case .jobs: .jobs
    case .job: .job
    case .trades: .trades
    case .balance: .balance
    case .peers: .peers
    case .relays: .relays
    case .offers: .offers
    case .sell: .sell
    case .buy: .buy
    case .relay: .relay
    case .why: .why
    case .help: .help
    case .run: .run
    case .pause: .pause
    case .resume: .resume
    case .cancel: .cancel
    case .limit: .limit
    case .paid: .paid
    case .got: .got
    case .unpaid: .unpaid
    case .waive: .waive
    case .reserve: .reserve
    case .charge: .charge
    case .discharge: .discharge
    case .export: .export
    case .auto: .auto
    }
  }

  /// What a device is to do by it; nil for any other command.
  public var steering: SteeringRequest? {
    switch self {
    case .charge(let power, let duration, let device):
      SteeringRequest(
        .batteryPower, value: power.rawValue, duration: duration, device: device)
    case .discharge(let power, let duration, let device):
      SteeringRequest(
        .batteryPower, value: -power.rawValue, duration: duration, device: device)
    case .export(let power, let duration, let device):
      SteeringRequest(
        .exportLimit, value: power.rawValue, duration: duration, device: device)
    default: nil
    }
  }
}

/// How a limit is to grow with what the neighbour gives: money receipted, deliveries acknowledged.
public struct LimitGrowth: Hashable, Sendable {
  /// Per cent of it: 1…100.
  public let percent: Int64
  /// What it grows to at most.
  public let ceiling: Credits

  public init(percent: Int64, ceiling: Credits) {
    self.percent = percent
    self.ceiling = ceiling
  }
}
