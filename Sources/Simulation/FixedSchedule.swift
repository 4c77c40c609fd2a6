import Quantities

/// Runs each job in spans that are set beforehand.
struct FixedSchedule: BacktestStrategy {
  /// A stretch of time that a job runs in.
  struct Run: Hashable, Sendable {
    let job: Int
    let from: Instant
    let to: Instant
  }

  /// In order of time; none overlaps another.
  private let runs: [Run]
  private var position = 0

  init(_ runs: [Run]) { self.runs = runs.sorted { $0.from < $1.from } }

  mutating func look(_ house: inout RecordedHouse, _ jobs: [BacktestJob]) -> (
    running: Int?, next: Instant
  ) {
    while position < runs.count, runs[position].to <= house.now { position += 1 }
    guard position < runs.count else { return (nil, .distantFuture) }
    let run = runs[position]
    return run.from <= house.now ? (run.job, run.to) : (nil, run.from)
  }
}

extension FixedSchedule {
  /// Each job from the beginning of its day on.
  static func atOnce(_ plan: BacktestPlan) -> FixedSchedule {
    FixedSchedule(
      plan.days.enumerated().map { job, day in
        let start = BacktestJob(day: day, pattern: plan.pattern).submitted
        return Run(job: job, from: start, to: start + plan.pattern.duration)
      })
  }

  /// Each job from `minute` after local midnight on to its end, which may be too late.
  static func timer(_ plan: BacktestPlan, minute: Int64) -> FixedSchedule {
    FixedSchedule(
      plan.days.enumerated().map { job, day in
        let midnight = BacktestJob(day: day, pattern: plan.pattern).submitted
        let wait = (minute - plan.localTime.minuteOfDay(at: midnight) + 1440) % 1440
        let start = midnight + TimeSpan(minutes: wait)
        return Run(job: job, from: start, to: start + plan.pattern.duration)
      })
  }

  /// Each job in the moments of its day with the most sun for it: no way of running it takes more.
  static func foresight(_ plan: BacktestPlan) -> FixedSchedule {
    FixedSchedule(
      plan.days.enumerated().flatMap { job, day in
        SolarDay(plan.record, day: day).best(for: plan.pattern).map {
          Run(job: job, from: $0.lowerBound, to: $0.upperBound)
        }
      })
  }

  /// Each job in the unbroken stretch of its day with the most sun for it.
  static func foresightUnbroken(_ plan: BacktestPlan) -> FixedSchedule {
    FixedSchedule(
      plan.days.enumerated().map { job, day in
        let span = SolarDay(plan.record, day: day).bestUnbroken(for: plan.pattern)
        return Run(job: job, from: span.lowerBound, to: span.upperBound)
      })
  }

  /// Each job in what were the best moments of the day before; without one that is known, from ten
  /// o'clock on.
  static func persistence(_ plan: BacktestPlan) -> FixedSchedule {
    let known = Set(plan.days)
    let timed = timer(plan, minute: 600)
    return FixedSchedule(
      plan.days.enumerated().flatMap { job, day -> [Run] in
        guard known.contains(day - 1) else { return timed.runs.filter { $0.job == job } }
        return SolarDay(plan.record, day: day - 1).best(for: plan.pattern).map {
          Run(job: job, from: $0.lowerBound + .day, to: $0.upperBound + .day)
        }
      })
  }
}
