import Quantities

/// One household's record lived through by one way of running its jobs.
struct BacktestRun<Strategy: BacktestStrategy>: Sendable {
  private(set) var house: RecordedHouse
  /// In order of day.
  private(set) var jobs: [BacktestJob]
  private(set) var strategy: Strategy

  init(_ plan: BacktestPlan, _ strategy: Strategy) {
    house = RecordedHouse(plan.record, equipment: plan.equipment)
    jobs = plan.days.map { BacktestJob(day: $0, pattern: plan.pattern) }
    self.strategy = strategy
  }

  var isOver: Bool { house.now >= house.record.end }

  /// Goes on to `instant`, at most to the end of the record.
  mutating func run(until instant: Instant) {
    let end = min(instant, house.record.end)
    while house.now < end {
      let look = strategy.look(&house, jobs)
      let running = look.running.flatMap { jobs[$0].remaining > .zero ? $0 : nil }
      // Time goes on, whatever a strategy says.
      var next = min(end, max(look.next, house.now + TimeSpan(milliseconds: 1)))
      if let running { next = min(next, house.now + jobs[running].remaining) }
      live(until: next, running: running)
    }
  }

  private mutating func live(until next: Instant, running: Int?) {
    house.jobPower = running.map { jobs[$0].power } ?? .zero
    let began = house.now
    let before = house.supply
    let wasRunning = lastRunning
    lastRunning = running
    house.step(to: next)
    guard let running else { return }
    if wasRunning != running { jobs[running].starts += 1 }
    jobs[running].startedAt = jobs[running].startedAt ?? began
    jobs[running].supply = jobs[running].supply + (house.supply - before)
    jobs[running].remaining = jobs[running].remaining - next.since(began)
    if jobs[running].remaining <= .zero { jobs[running].finishedAt = next }
  }

  private var lastRunning: Int?
}
