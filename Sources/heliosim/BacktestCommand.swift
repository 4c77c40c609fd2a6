import Glibc
import Quantities
import Simulation

/// `heliosim backtest`: a recorded household lived through by the real station and by simpler ways.
enum BacktestCommand {
  /// Runs every pattern; returns the exit code: 1 when the books don't balance.
  static func run(_ arguments: [String]) -> Int32 {
    do {
      let options = try BacktestOptions(arguments)
      if options.wantsHelp {
        print(BacktestUsage.text)
        return 0
      }
      return try run(options)
    } catch {
      _ = StreetSystem.write("heliosim backtest: \(error)\n", to: 2)
      return 2
    }
  }

  private static func run(_ options: BacktestOptions) throws(StreetError) -> Int32 {
    let record = try household(options.file)
    var reports: [BacktestReport] = []
    for (number, pattern) in options.patterns.enumerated() {
      let plan = try options.plan(record, pattern)
      guard !plan.days.isEmpty else {
        throw StreetError("\(options.file): no whole UTC day in it is known: no job can be run")
      }
      if number == 0, !options.wantsJSON { say(BacktestHead.lines(of: plan, file: options.file)) }
      let (report, lines) = report(plan, options)
      reports.append(report)
      guard !options.wantsJSON else { continue }
      say(report.lines)
      if options.wantsDays { say(report.dayLines) }
      if options.wantsLog { say(lines) }
    }
    if options.wantsJSON {
      say(["[" + reports.map(\.json).joined(separator: ",\n") + "]"])
    } else {
      if let first = reports.first { say(first.scoreLines) }
      say([BacktestHead.footing(reports)])
    }
    return reports.contains { !$0.problems.isEmpty } ? 1 : 0
  }

  private static func household(_ path: String) throws(StreetError) -> HouseholdRecord {
    let bytes = try BacktestFile.read(path)
    let record: HouseholdRecord
    do throws(HouseholdTable.Problem) { record = try HouseholdTable.record(bytes) } catch {
      throw StreetError("\(path), line \(error.line): \(error.text)")
    }
    let largest = (record.load + record.pv).compactMap { $0 }.max() ?? .zero
    if largest < leastPeak {
      let text = "never more than \(largest.text): powers are read as watts; are these kilowatts?"
      _ = StreetSystem.write("heliosim backtest: \(path): \(text)\n", to: 2)
    }
    return record
  }

  /// A household whose highest power in a record stays below this is hardly one.
  private static let leastPeak = Power(watts: 50)

  private static func report(
    _ plan: BacktestPlan, _ options: BacktestOptions
  ) -> (report: BacktestReport, lines: [String]) {
    let baselines = Backtest.baselines(plan)
    let memoryBefore = BacktestFile.memoryKilobytes("VmRSS")
    var backtest = Backtest(plan, linesKept: options.wantsLog ? 1_000_000 : 0)
    let began = BacktestFile.processorMilliseconds()
    var shownAt = StreetSystem.uptime()
    while !backtest.isOver {
      backtest.run(until: backtest.now + .day)
      guard StreetSystem.uptime() - shownAt >= 1000 else { continue }
      shownAt = StreetSystem.uptime()
      progress(backtest)
    }
    if isatty(2) == 1 { _ = StreetSystem.write("\r\u{1B}[K", to: 2) }
    let memoryAfter = BacktestFile.memoryKilobytes("VmRSS")
    let report = BacktestReport(
      plan: plan, station: backtest.result, baselines: baselines, score: backtest.forecastScore,
      steps: backtest.steps, milliseconds: BacktestFile.processorMilliseconds() - began,
      memoryKilobytes: max(0, (memoryAfter ?? 0) - (memoryBefore ?? 0)))
    let lines = backtest.lines.map { "  \(BacktestHead.clock($0.at)) \($0.text)" }
    return (report, lines)
  }

  /// A line for somebody who watches.
  private static func progress(_ backtest: Backtest) {
    guard isatty(2) == 1 else { return }
    let record = backtest.plan.record
    let whole = max(1, record.end.since(record.start).milliseconds)
    let percent = 100 * backtest.now.since(record.start).milliseconds / whole
    let line = "\(backtest.plan.pattern.text): \(percent)%"
    _ = StreetSystem.write("\r\u{1B}[K\(line)", to: 2)
  }

  private static func say(_ lines: [String]) {
    _ = StreetSystem.write(lines.map { $0 + "\n" }.joined(), to: 1)
  }
}
