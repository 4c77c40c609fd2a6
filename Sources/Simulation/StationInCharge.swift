import HeliographCore
import Ledger
import Market
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// The real station runs the jobs of a recorded household, as it would on a board.
///
/// What the daemon's effect runner does is done here for a house, an engine and a clock that are
/// simulated: readings at an interval, timers, jobs given at the beginning of their days. What it
/// wants stored is dropped: nothing restarts here.
struct StationInCharge: BacktestStrategy {
  private static let device: DeviceName = "house"

  private(set) var station: Station
  private(set) var forecastScore: ForecastScore
  /// How many events the station was stepped with.
  private(set) var steps: Int64 = 0
  /// Decisions that the station gave reasons for, the latest `linesKept` of them.
  private(set) var lines: [(at: Instant, text: String)] = []
  private let linesKept: Int
  private let pattern: JobPattern
  private var engine: VirtualEngine
  private var timers: [(name: TimerName, due: Instant)] = []
  private var events: [Event] = []
  /// Jobs given to the station so far.
  private var given = 0
  private var hasStarted = false

  init(_ plan: BacktestPlan, linesKept: Int = 0) {
    let configuration = Self.configuration(of: plan)
    station = Station(configuration, at: plan.record.start)
    engine = VirtualEngine(requestSpan: configuration.jobRules.requestSpan)
    pattern = plan.pattern
    forecastScore = ForecastScore(plan.record)
    self.linesKept = linesKept
  }

  mutating func look(_ house: inout RecordedHouse, _ jobs: [BacktestJob]) -> (
    running: Int?, next: Instant
  ) {
    let now = house.now
    if !hasStarted {
      hasStarted = true
      events.append(.started)
      events.append(.engine(.ready(slots: 1, name: "virtual engine")))
    }
    give(jobs, at: now)
    tell(&house, jobs)
    reportProgress(jobs, at: now)
    tell(&house, jobs)
    while let timer = takeDue(at: now) {
      events.append(.timer(timer))
      tell(&house, jobs)
      if timer == .control { forecastScore.take(station.plan, at: now) }
    }
    var next = timers.map(\.due).min() ?? .distantFuture
    if given < jobs.count { next = min(next, jobs[given].submitted) }
    if let drained = engine.drainsUntil { next = min(next, drained) }
    return (engine.job?.index, next)
  }

  /// Hands over the jobs whose day has begun.
  private mutating func give(_ jobs: [BacktestJob], at now: Instant) {
    while given < jobs.count, jobs[given].submitted <= now {
      let job = jobs[given]
      let batch = StagedBatch(
        folder: "\(given)", name: "day-\(job.day)", model: "any",
        requests: engine.requests(in: pattern.duration), power: pattern.power,
        deadline: job.deadline)
      events.append(.batchStaged(batch, replyTo: TextMessage.Identifier(Int64(given))))
      given += 1
    }
  }

  /// The engine counts its requests for each control turn, at a job's end and when it has drained.
  private mutating func reportProgress(_ jobs: [BacktestJob], at now: Instant) {
    guard let index = engine.job?.index else { return }
    let isDone = jobs[index].remaining <= .zero
    let hasDrained = engine.drainsUntil.map { $0 <= now } ?? false
    let isControl = timers.contains { $0.name == .control && $0.due <= now }
    guard isDone || hasDrained || isControl else { return }
    let worked = pattern.duration - jobs[index].remaining
    if let progress = engine.progress(worked: worked, of: pattern.duration, at: now) {
      events.append(.jobProgress(progress))
    }
  }

  private mutating func takeDue(at now: Instant) -> TimerName? {
    let first = timers.indices.filter { timers[$0].due <= now }.min {
      (timers[$0].due, timers[$0].name) < (timers[$1].due, timers[$1].name)
    }
    return first.map { timers.remove(at: $0).name }
  }

  /// Steps the station with all events that wait, and with those that its effects cause at once.
  private mutating func tell(_ house: inout RecordedHouse, _ jobs: [BacktestJob]) {
    var position = 0
    while position < events.count {
      let event = events[position]
      position += 1
      steps += 1
      for effect in station.step(event, at: house.now) { perform(effect, &house, jobs) }
    }
    events.removeAll(keepingCapacity: true)
  }

  private mutating func perform(
    _ effect: Effect, _ house: inout RecordedHouse, _ jobs: [BacktestJob]
  ) {
    switch effect {
    case .read(let device):
      events.append(
        house.reading(device: device).map(Event.reading)
          ?? .readingFailed(device: device, fault: .silent("the record has a gap")))
    case .setTimer(let name, let due):
      timers.removeAll { $0.name == name }
      timers.append((name, due))
    case .startJob(let number, let folder):
      if let index = Int(folder) { engine.start(index, number: number) }
    case .pauseJob:
      guard let index = engine.job?.index else { return }
      engine.pause(pattern.duration - jobs[index].remaining, at: house.now)
      let hasDrained = engine.drainsUntil == house.now
      if hasDrained { reportProgress(jobs, at: house.now) }
    case .measureComputing:
      events.append(.computingPowerUnknown(reason: "a recorded house has no sensor"))
    case .steer(let order):
      obey(order, &house)
      events.append(.steered(SteeringOutcome(order: order, result: .written)))
    case .report(let decision): keep(decision)
    case .closeJob(let number, _, _):
      // A recorded day's jobs have soft deadlines and nobody takes one back.
      preconditionFailure("job \(number) was told to end")
    case .store, .send, .sendRecords, .fold, .reply, .stageBatch, .prepareJob, .discardBatch,
      .controlEngine, .stageWork, .work, .turnRelay, .showLight, .atRest:
      break
    }
  }

  private mutating func keep(_ decision: Decision) {
    guard linesKept > 0 else { return }
    lines.append((decision.at, decision.text))
    if lines.count > 2 * linesKept { lines.removeFirst(lines.count - linesKept) }
  }

  /// Does what a device with these controls would.
  private func obey(_ order: SteeringOrder, _ house: inout RecordedHouse) {
    let value: Int64? = if case .set(let value) = order.purpose { value } else { nil }
    switch order.key.control {
    case .batteryPower: house.settings.batteryPower = value.map { Power(milliwatts: $0) }
    case .reserve: house.settings.reserve = value.map { StateOfCharge(permille: $0) }
    case .powerLimit: house.settings.powerLimit = value.map { Power(milliwatts: $0) }
    case .exportLimit:
      let limits = [house.equipment.exportLimit, value.map { Power(milliwatts: $0) }]
      house.settings.exportLimit = limits.compactMap { $0 }.min()
    }
  }

  /// What the household tells its station.
  private static func configuration(of plan: BacktestPlan) -> StationConfiguration {
    let equipment = plan.equipment
    let hasBattery = equipment.batteryCapacity > .zero
    var provides: [SiteQuantity] = [.pv, .load, .grid, .totals]
    if hasBattery { provides += [.battery, .stateOfCharge] }
    var thresholds = SurplusThresholds()
    var battery: StationConfiguration.BatteryPlant?
    if hasBattery {
      thresholds.reserve = equipment.reserve
      thresholds.maximumCharge = equipment.maximumCharge
      battery = StationConfiguration.BatteryPlant(
        capacity: equipment.batteryCapacity, maximumCharge: equipment.maximumCharge,
        maximumDischarge: equipment.maximumDischarge,
        efficiencyPermille: equipment.efficiencyPermille)
      battery?.wearPrice = plan.prices.wearPrice
    }
    var configuration = StationConfiguration(
      name: "backtest", keys: keys, community: Community(name: "backtest"),
      localTime: plan.localTime,
      devices: [SiteDevice(name: device, pollInterval: plan.interval, provides: provides)],
      battery: battery, surplus: thresholds, market: MarketPolicy(enabled: false),
      tariff: Tariff(importPrice: plan.prices.importPrice, exportPrice: plan.prices.exportPrice),
      controlInterval: plan.interval)
    configuration.exportLimit = equipment.exportLimit
    configuration.place = plan.place
    configuration.panels = plan.panels
    return configuration
  }

  private static var keys: KeyPair {
    guard let keys = KeyPair(seed: Array(repeating: 7, count: 32)) else {
      preconditionFailure("32 bytes make a key")
    }
    return keys
  }
}
