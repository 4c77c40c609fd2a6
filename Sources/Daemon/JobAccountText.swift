import Planning
import Quantities

/// The account of ended jobs as a table for a spreadsheet (RFC 4180), a line for each job.
///
/// Times are UTC; energy is in watt-hours, cost in credits. `energy_measured_wh` is what of the
/// energy a sensor saw, the rest is estimated from what the job states. Tokens that no engine has
/// counted are empty fields: every answer that was counted has some.
public enum JobAccountText {
  /// How it is asked for over the control socket: `ACCOUNT`, or `ACCOUNT 2026-11` for one month of
  /// the household's clock.
  public static let command = "ACCOUNT"

  static let columns = [
    "job", "name", "model", "added", "finished", "ending", "requests", "completed", "failed",
    "prompt_tokens", "completion_tokens", "run_seconds", "pauses", "energy_wh",
    "energy_measured_wh", "surplus_wh", "surplus_percent", "cost_credits",
  ]

  /// A month written `2026-11`.
  public struct Month: Hashable, Sendable {
    let year: Int64
    let month: Int64

    /// Nil for any other text.
    public init?(_ text: some StringProtocol) {
      guard let date = CivilDate(text + "-01") else { return nil }
      year = date.year
      month = date.month
    }
  }

  /// The whole table; of a month the jobs that ended in it.
  static func table(_ account: JobAccount, of month: Month?, localTime: LocalTime) -> String {
    let records = account.records.filter { record in
      guard let month else { return true }
      let date = localTime.date(at: record.finishedAt)
      return date.year == month.year && date.month == month.month
    }
    let lines = records.map { fields(of: $0).map(quoted).joined(separator: ",") }
    return ([columns.joined(separator: ",")] + lines).joined(separator: "\r\n")
  }

  private static func fields(of record: JobRecord) -> [String] {
    let percent =
      record.energy > .zero
      ? "\(record.surplus.scaled(by: 100, over: record.energy.rawValue).rawValue)" : ""
    return [
      "\(record.number)", record.name, record.model, TimestampText.text(record.addedAt),
      TimestampText.text(record.finishedAt), record.ending.text, "\(record.requests)",
      "\(record.completed)", "\(record.failed)", tokens(record.promptTokens),
      tokens(record.completionTokens), "\(record.ranFor.seconds)", "\(record.timesPaused)",
      wattHours(record.energy), wattHours(record.measured), wattHours(record.surplus), percent,
      DecimalText.thousandths(record.cost.millicredits, places: 3),
    ]
  }

  private static func tokens(_ count: Int64) -> String { count > 0 ? "\(count)" : "" }

  private static func wattHours(_ energy: Energy) -> String {
    DecimalText.thousandths(energy.milliwattHours, places: 3)
  }

  /// A field as it must be written; one that a spreadsheet would take for a formula is kept a text.
  private static func quoted(_ field: String) -> String {
    let isFormula = field.first.map { "=+-@\t\r".contains($0) } ?? false
    let isNumber = field.utf8.allSatisfy { "0123456789.-".utf8.contains($0) }
    let text = isFormula && !isNumber ? "'" + field : field
    guard text.contains(where: { ",\"\r\n".contains($0) || $0 == "\r\n" }) else { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
  }
}
