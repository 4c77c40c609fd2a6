import Daemon
import Quantities
import Simulation

/// What stands above and below a backtest's tables.
enum BacktestHead {
  static func lines(of plan: BacktestPlan, file: String) -> [String] {
    let record = plan.record
    let load = sum(record.load, record.step)
    let pv = sum(record.pv, record.step)
    let equipment = plan.equipment
    let battery =
      equipment.batteryCapacity > .zero
      ? "battery \(equipment.batteryCapacity.text), in \(equipment.maximumCharge.text), "
        + "out \(equipment.maximumDischarge.text), \(equipment.efficiencyPermille) permille "
        + "arrive, reserve \(equipment.reserve.percent)%"
      : "no battery"
    let limit = equipment.exportLimit.map { "export limit \($0.text)" } ?? "no export limit"
    let prices = plan.prices
    return [
      "\(file): \(clock(record.start)) to \(clock(record.end)), steps of "
        + "\(record.step.minutes) min, \(plan.days.count) whole days; load \(load.text), "
        + "panels \(pv.text)",
      "\(battery); \(limit); import \(prices.importPrice.text), export \(prices.exportPrice.text),"
        + " wear \(prices.wearPrice.text), stored \(prices.storedPrice.text) credits a kWh",
    ]
  }

  /// What it took: speed and memory.
  static func footing(_ reports: [BacktestReport]) -> String {
    let milliseconds = reports.reduce(0) { $0 + $1.milliseconds }
    let steps = reports.reduce(0) { $0 + $1.steps }
    let seconds = DecimalText.thousandths(milliseconds / Int64(max(1, reports.count)), places: 1)
    let grown = reports.first?.memoryKilobytes ?? 0
    let most = BacktestFile.memoryKilobytes("VmHWM") ?? 0
    return "the station took \(seconds) s of the processor for each pattern, "
      + "\(steps * 1000 / max(1, milliseconds)) steps/s; memory grew by \(grown) kB while it "
      + "lived, \(most) kB in all at most, data included"
  }

  /// "2016-06-01 12:15", UTC.
  static func clock(_ instant: Instant) -> String {
    let text = TimestampText.text(instant)
    return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
  }

  private static func sum(_ powers: [Power?], _ step: TimeSpan) -> Energy {
    powers.reduce(Power.zero) { $0 + ($1 ?? .zero) }.energy(over: step)
  }
}
