import Quantities
import Simulation

extension BacktestReport {
  /// The results as one JSON object: energies in Wh, money in millicredits, shares in millionths.
  var json: String {
    let known = [false] + Baseline.allCases.map(\.isForesight)
    let rows = zip(known, results).map { isForesight, result in
      Self.object(result, best: best, isForesight: isForesight)
    }
    let forecasts = zip(ForecastScore.Subject.allCases, score.counts).map { subject, counts in
      let cells = counts.map { count in
        guard let share = count.permille else { return "null" }
        return "[\(share.low),\(share.middle),\(share.high),\(count.total)]"
      }
      return "\"\(subject.rawValue)\":[" + cells.joined(separator: ",") + "]"
    }
    let horizons = ForecastScore.horizons.map { "\($0 * 15)" }.joined(separator: ",")
    return "{\"job\":\"\(plan.pattern.text)\",\"days\":\(plan.days.count),"
      + "\"exportLimitW\":\(plan.equipment.exportLimit.map { "\($0.watts)" } ?? "null"),"
      + "\"results\":[" + rows.joined(separator: ",") + "],"
      + "\"forecast\":{\"minutesAhead\":[\(horizons)]," + forecasts.joined(separator: ",") + "},"
      + "\"problems\":\(problems.count),\"steps\":\(steps),\"milliseconds\":\(milliseconds),"
      + "\"memoryKilobytes\":\(memoryKilobytes)}"
  }

  private static func object(
    _ result: BacktestResult, best: BacktestResult, isForesight: Bool
  ) -> String {
    func wattHours(_ microjoules: Int64) -> String {
      "\(EnergyTotals.energy(microjoules: microjoules).wattHours)"
    }
    func number(_ value: Int64?) -> String { value.map { "\($0)" } ?? "null" }
    let fields: [(String, String)] = [
      ("name", "\"\(result.name)\""), ("foresight", "\(isForesight)"),
      ("sun", number(result.supply.sharePerMillion)),
      ("sunOfBest", number(result.sunPerMillion(of: best))),
      ("sunAndStored", number(result.supply.storedSharePerMillion)),
      ("cost", "\(result.cost.millicredits)"), ("imported", wattHours(result.totals.imported)),
      ("exported", wattHours(result.totals.exported)), ("curtailed", wattHours(result.curtailed)),
      ("cyclesPermille", number(result.cyclesPermille)), ("inTime", "\(result.inTime)"),
      ("jobs", "\(result.jobs.count)"), ("starts", "\(result.starts)"),
      ("jobEnergy", wattHours(result.supply.energy)),
    ]
    return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }
}
