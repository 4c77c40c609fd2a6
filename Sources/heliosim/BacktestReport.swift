import Daemon
import Quantities
import Simulation

/// One pattern's results of a backtest, as they are shown.
struct BacktestReport {
  let plan: BacktestPlan
  let station: BacktestResult
  /// In the order of `Baseline.allCases`.
  let baselines: [BacktestResult]
  let score: ForecastScore
  let steps: Int64
  /// What the station took of the processor.
  let milliseconds: Int64
  /// What memory grew by while the station lived.
  let memoryKilobytes: Int64

  /// What has the most sun that there is.
  var best: BacktestResult { baselines[Baseline.allCases.count - 1] }

  /// The cheapest of those that know no more than the station does.
  var cheapest: BacktestResult? {
    zip(Baseline.allCases, baselines).filter { !$0.0.isForesight }.map(\.1)
      .min { $0.cost < $1.cost }
  }

  var results: [BacktestResult] { [station] + baselines }

  /// What can't be: jobs with more sun than there was, and books that don't balance.
  var problems: [String] {
    results.flatMap { result -> [String] in
      var found: [String] = []
      let impossible = result.impossibleJobs(beside: best)
      if impossible > 0 { found.append("\(result.name): \(impossible) jobs with too much sun") }
      if result.imbalance != 0 { found.append("\(result.name): \(result.imbalance) µJ amiss") }
      return found
    }
  }
}

extension BacktestReport {
  /// The table for people.
  var lines: [String] {
    var lines = [
      "\(plan.pattern.text) a day, \(plan.days.count) days:",
      Self.row(
        "",
        [
          "sun %", "of best", "+stored", "cost", "import kWh", "export kWh", "cycles", "in time",
          "starts", "job kWh",
        ]),
    ]
    lines += results.map { result in
      Self.row(
        result.name,
        [
          Self.percent(result.supply.sharePerMillion), Self.percent(result.sunPerMillion(of: best)),
          Self.percent(result.supply.storedSharePerMillion), result.cost.text,
          Self.kilowattHours(result.totals.imported), Self.kilowattHours(result.totals.exported),
          result.cyclesPermille.map { DecimalText.thousandths($0, places: 1) } ?? "-",
          "\(result.inTime)/\(result.jobs.count)", "\(result.starts)",
          Self.kilowattHours(result.supply.energy),
        ])
    }
    if let cheapest {
      let less = cheapest.cost - station.cost
      lines.append(
        "  station costs \(less.magnitude.text) \(less < .zero ? "more" : "less") than "
          + "\(cheapest.name), the cheapest without foresight")
    }
    return lines + problems.map { "  IMPOSSIBLE: \($0)" }
  }

  /// How the forecast's quantiles came out.
  var scoreLines: [String] {
    var lines = ["forecast: truth below 10 / 50 / 90 %, by time ahead"]
    let heads = ForecastScore.horizons.map { Self.span(slots: $0) }
    lines.append(Self.row("", heads.map { $0 }, width: 16))
    for (subject, counts) in zip(ForecastScore.Subject.allCases, score.counts) {
      let cells = counts.map { count -> String in
        guard let share = count.permille else { return "-" }
        let parts = [share.low, share.middle, share.high].map {
          DecimalText.thousandths(Int64($0) * 100, places: 1)
        }
        return parts.joined(separator: "/")
      }
      lines.append(Self.row(subject.rawValue, cells, width: 16))
    }
    return lines
  }

  /// Each day's job, the station's beside the best.
  var dayLines: [String] {
    zip(station.jobs, best.jobs).map { job, best in
      let end = job.finishedAt.map { TimestampText.text($0) } ?? "never"
      let start = job.startedAt.map { TimestampText.text($0) } ?? "never"
      return "  \(TimestampText.text(job.submitted).prefix(10)) sun "
        + Self.percent(job.supply.sharePerMillion) + " of "
        + Self.percent(best.supply.sharePerMillion) + ", \(job.starts) starts, \(start) to \(end)"
        + (job.isInTime ? "" : " LATE")
    }
  }

  static func span(slots: Int) -> String {
    slots < 4 ? "\(15 * slots) min" : "\(slots / 4) h"
  }

  static func percent(_ perMillion: Int64?) -> String {
    perMillion.map { DecimalText.thousandths($0 / 10, places: 2) } ?? "-"
  }

  static func kilowattHours(_ microjoules: Int64) -> String {
    DecimalText.thousandths(EnergyTotals.energy(microjoules: microjoules).wattHours, places: 1)
  }

  private static func row(_ name: String, _ cells: [String], width: Int = 11) -> String {
    let head = "  " + name + String(repeating: " ", count: max(1, 20 - name.count))
    return cells.reduce(head) { line, cell in
      line + String(repeating: " ", count: max(1, width - cell.count)) + cell
    }
  }
}
