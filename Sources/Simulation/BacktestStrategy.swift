import Quantities

/// Says when the jobs of a backtest run.
protocol BacktestStrategy: Sendable {
  /// Looks at house and jobs at `house.now`; returns the job that runs from now on, and when to
  /// look again at the latest. A job that has ended is looked after at that moment.
  mutating func look(_ house: inout RecordedHouse, _ jobs: [BacktestJob]) -> (
    running: Int?, next: Instant
  )
}
