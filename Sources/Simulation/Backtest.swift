import Quantities

/// A household's record lived through by the real station, and by simpler ways beside it.
public struct Backtest: Sendable {
  public let plan: BacktestPlan
  private var run: BacktestRun<StationInCharge>

  /// - Parameter linesKept: how many of the station's decisions are kept to be read.
  public init(_ plan: BacktestPlan, linesKept: Int = 0) {
    self.plan = plan
    run = BacktestRun(plan, StationInCharge(plan, linesKept: linesKept))
  }

  public var now: Instant { run.house.now }
  public var isOver: Bool { run.isOver }

  /// Lets the station live on to `instant`, at most to the end of the record.
  public mutating func run(until instant: Instant) { run.run(until: instant) }

  /// What the station's way came to so far.
  public var result: BacktestResult { BacktestResult("station", run, prices: plan.prices) }

  /// How well it foresaw sun and load.
  public var forecastScore: ForecastScore { run.strategy.forecastScore }

  /// How many events the station was stepped with.
  public var steps: Int64 { run.strategy.steps }

  /// The latest decisions that the station gave reasons for, oldest first.
  public var lines: [(at: Instant, text: String)] { run.strategy.lines }

  /// The ways that the station is held against, in the order of `Baseline.allCases`.
  public static func baselines(_ plan: BacktestPlan) -> [BacktestResult] {
    Baseline.allCases.map { result(of: $0, plan) }
  }

  /// What one simple way comes to.
  public static func result(of baseline: Baseline, _ plan: BacktestPlan) -> BacktestResult {
    switch baseline {
    case .atOnce: live(baseline, FixedSchedule.atOnce(plan), plan)
    case .timer: live(baseline, FixedSchedule.timer(plan, minute: 600), plan)
    case .threshold: live(baseline, SurplusSwitch(), plan)
    case .persistence: live(baseline, FixedSchedule.persistence(plan), plan)
    case .foresightCheapest: live(baseline, CheapestForesight(plan), plan)
    case .foresightUnbroken: live(baseline, FixedSchedule.foresightUnbroken(plan), plan)
    case .foresight: live(baseline, FixedSchedule.foresight(plan), plan)
    }
  }

  private static func live<Strategy: BacktestStrategy>(
    _ baseline: Baseline, _ strategy: Strategy, _ plan: BacktestPlan
  ) -> BacktestResult {
    var run = BacktestRun(plan, strategy)
    run.run(until: plan.record.end)
    return BacktestResult(baseline.rawValue, run, prices: plan.prices)
  }
}
