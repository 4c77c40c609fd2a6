import HeliographCore
import Quantities

/// The day in numbers, from what each node says of its own day.
///
/// A house whose node does not answer has no day, and then the street's sums are unknown: a part
/// shown as the whole would be a number that nobody measured.
public struct StreetSummary: Sendable {
  /// Energy of the sun that jobs drew.
  public let surplusUsed: Energy?
  public let requestsCompleted: Int?
  public let requestsFailed: Int?
  public let timesPaused: Int?
  public let energySold: Energy?
  public let energyBought: Energy?
  public let creditsEarned: Credits?
  public let creditsSpent: Credits?
  public let exported: Energy?
  public let imported: Energy?
  /// Each trade once: every settled trade counts at its seller and at its buyer.
  public let tradesSettled: Int?
  /// Sum of all balances: zero when both sides of every pair know the same settled trades.
  public let balanceSum: Credits?
  private let balances: [(name: String, balance: Credits?)]

  public init(houses: [StreetHouse]) {
    let days = houses.map { $0.snapshot?.day }
    func sum<Value: AdditiveArithmetic>(_ value: (Snapshot.Day) -> Value?) -> Value? {
      var total = Value.zero
      for day in days {
        guard let day, let part = value(day) else { return nil }
        total += part
      }
      return total
    }
    surplusUsed = sum { $0.surplusUsedByJobs }
    requestsCompleted = sum { $0.requestsCompleted }
    requestsFailed = sum { $0.requestsFailed }
    timesPaused = sum { $0.timesPaused }
    energySold = sum { $0.energySold }
    energyBought = sum { $0.energyBought }
    creditsEarned = sum { $0.creditsEarned }
    creditsSpent = sum { $0.creditsSpent }
    exported = sum { $0.exported }
    imported = sum { $0.imported }
    // Halved upward: a trade that only one side has seen settle is one that settled.
    tradesSettled = sum { $0.tradesSettled }.map { ($0 + 1) / 2 }
    balances = houses.map { ($0.name, $0.snapshot?.balance) }
    balanceSum = houses.reduce(Credits?.some(.zero)) { total, house in
      guard let total, let balance = house.snapshot?.balance else { return nil }
      return total + balance
    }
  }

  /// What the street would have given to the grid for nothing without jobs and neighbours: all
  /// that it exported, and what its jobs used of the surplus.
  public var wastedBefore: Energy? {
    guard let exported, let surplusUsed else { return nil }
    return exported + surplusUsed
  }

  /// What it did give for nothing: exported less sold.
  public var wastedAfter: Energy? {
    guard let exported, let energySold else { return nil }
    return max(exported - energySold, .zero)
  }

  /// Why the day did not go as it should; empty when it did.
  public var problems: [String] {
    var problems: [String] = []
    for entry in balances where entry.balance == nil {
      problems.append("\(entry.name): its node does not answer, so the sums are unknown")
    }
    if tradesSettled == 0 { problems.append("no trade was settled") }
    if requestsCompleted == 0 { problems.append("no request was completed") }
    if energySold != energyBought {
      problems.append(
        "sellers and buyers do not agree: \(StreetSummary.text(energySold)) sold, "
          + "\(StreetSummary.text(energyBought)) bought")
    }
    if let balanceSum, balanceSum != .zero {
      problems.append("the balances do not agree: they add up to \(balanceSum.text), not 0")
    }
    return problems
  }

  /// The day so far in one line.
  var todayText: String {
    let used = StreetSummary.text(surplusUsed)
    let sold = StreetSummary.text(energySold)
    return "jobs \(used) of sun, \(StreetSummary.text(requestsCompleted)) requests,"
      + " \(StreetSummary.text(timesPaused)) pauses;"
      + " sold \(sold) for \(StreetSummary.text(creditsEarned))"
  }

  /// The summary as lines of at most 79 columns.
  public func lines() -> [StreetLine] {
    let rows: [(String, String)] = [
      ("surplus used for jobs", StreetSummary.text(surplusUsed)),
      ("requests completed", requestsText),
      ("times jobs paused", StreetSummary.text(timesPaused)),
      ("traded between neighbours", tradedText),
      ("trades settled", StreetSummary.text(tradesSettled)),
      ("credits moved", StreetSummary.text(creditsEarned)),
      ("exported for nothing", wasteText),
      ("imported from the grid", StreetSummary.text(imported)),
      ("balances", balancesText),
    ]
    return [StreetLine("The day in numbers", .strong)]
      + rows.map { name, value in
        var line = StreetLine("  ")
        line.appendLeft(name, width: 26, .faint)
        line.append(value)
        return line
      }
  }

  private var requestsText: String {
    let completed = StreetSummary.text(requestsCompleted)
    guard let requestsFailed, requestsFailed > 0 else { return completed }
    return "\(completed), and \(requestsFailed) failed"
  }

  private var tradedText: String {
    let sold = StreetSummary.text(energySold)
    guard energyBought != energySold else { return sold }
    return "\(sold) sold, \(StreetSummary.text(energyBought)) bought so far"
  }

  private var wasteText: String {
    "\(StreetSummary.text(wastedAfter)); \(StreetSummary.text(wastedBefore)) had the street"
      + " done neither"
  }

  private var balancesText: String {
    let each = balances.map { "\($0.name) \(StreetSummary.text($0.balance))" }
    return each.joined(separator: ", ") + "; sum \(StreetSummary.text(balanceSum))"
  }

  private static func text(_ energy: Energy?) -> String { energy?.text ?? "?" }
  private static func text(_ credits: Credits?) -> String { credits?.text ?? "?" }
  private static func text(_ count: Int?) -> String { count.map { "\($0)" } ?? "?" }
}
