import HeliographCore
import Quantities

/// The houses' powers, jobs and balances in columns; what is unknown is "?", never 0.
struct StreetTable {
  let houses: [StreetHouse]
  /// The columns of the whole table, at least 79.
  let width: Int

  private static let nameWidth = StreetEvent.houseWidth
  private static let balanceWidth = 8
  private static let numberColumns: [(heading: String, width: Int)] = [
    ("PV W", 7), ("load W", 8), ("batt. W", 9), ("SoC", 5), ("grid W", 8), ("spare W", 9),
  ]

  private var jobWidth: Int {
    let numbers = StreetTable.numberColumns.reduce(0) { $0 + $1.width }
    return width - StreetTable.nameWidth - numbers - 2 - StreetTable.balanceWidth
  }

  var heading: StreetLine {
    var line = StreetLine()
    line.appendLeft("house", width: StreetTable.nameWidth, .faint)
    for column in StreetTable.numberColumns {
      line.appendRight(column.heading, width: column.width, .faint)
    }
    line.append("  ")
    line.appendLeft("job: done/all", width: jobWidth, .faint)
    line.appendRight("credits", width: StreetTable.balanceWidth, .faint)
    return line
  }

  var rows: [StreetLine] { houses.map(row) }

  /// The street's sums; unknown as soon as one house's part is.
  var total: StreetLine {
    let snapshots = houses.map(\.snapshot)
    func sum(_ value: (Snapshot) -> Power?) -> Power? {
      var total = Power.zero
      for snapshot in snapshots {
        guard let power = snapshot.flatMap(value) else { return nil }
        total += power
      }
      return total
    }
    var line = StreetLine()
    line.appendLeft("street", width: StreetTable.nameWidth, .faint)
    appendNumbers(
      [
        StreetTable.plainText(sum(\.pvPower)), StreetTable.plainText(sum(\.loadPower)),
        StreetTable.signedText(sum(\.batteryPower)), "", StreetTable.signedText(sum(\.gridPower)),
        "",
      ], tints: Array(repeating: .faint, count: 6), to: &line)
    return line
  }

  private func row(_ house: StreetHouse) -> StreetLine {
    let snapshot = house.snapshot
    var line = StreetLine()
    line.appendLeft(house.name, width: StreetTable.nameWidth, .strong)
    let surplus = snapshot?.surplus
    appendNumbers(
      [
        StreetTable.plainText(snapshot?.pvPower), StreetTable.plainText(snapshot?.loadPower),
        StreetTable.signedText(snapshot?.batteryPower),
        snapshot?.stateOfCharge.map { "\($0.percent)%" } ?? "?",
        StreetTable.signedText(snapshot?.gridPower), StreetTable.plainText(surplus),
      ],
      tints: [
        .sun, .plain, .plain, .plain, StreetTable.gridTint(snapshot?.gridPower),
        (surplus ?? .zero) > .zero ? .good : .plain,
      ], to: &line)
    line.append("  ")
    let isRunning = snapshot?.runningJobs.isEmpty == false
    line.appendLeft(
      jobText(house), width: jobWidth,
      house.trouble.isEmpty ? (isRunning ? .work : .faint) : .bad)
    let balance = snapshot?.balance
    line.appendRight(
      balance.map { ($0 > .zero ? "+" : "") + $0.text } ?? "?", width: StreetTable.balanceWidth,
      (balance ?? .zero) < .zero ? .bad : .good)
    return line
  }

  private func appendNumbers(_ texts: [String], tints: [StreetTint], to line: inout StreetLine) {
    for (index, column) in StreetTable.numberColumns.enumerated() {
      let tint: StreetTint = texts[index] == "?" ? .faint : tints[index]
      line.appendRight(texts[index], width: column.width, tint)
    }
  }

  /// "2 seeds 12/60", the name cut so that the numbers stay whole.
  private func jobText(_ house: StreetHouse) -> String {
    guard house.trouble.isEmpty else { return house.trouble }
    guard let snapshot = house.snapshot else { return "?" }
    guard let job = snapshot.runningJobs.first else {
      return snapshot.waitingJobs == 0 ? "-" : "\(snapshot.waitingJobs) waiting"
    }
    let failed = job.failed == 0 ? "" : " \(job.failed) bad"
    let progress = " \(job.completed)/\(job.requests)" + failed
    let number = "\(job.number) "
    let room = max(jobWidth - number.count - progress.count, 0)
    return number + String(job.name.prefix(room)) + progress
  }

  private static func plainText(_ power: Power?) -> String {
    power.map { "\($0.watts)" } ?? "?"
  }

  private static func signedText(_ power: Power?) -> String {
    guard let power else { return "?" }
    return power.watts > 0 ? "+\(power.watts)" : "\(power.watts)"
  }

  private static func gridTint(_ power: Power?) -> StreetTint {
    guard let power else { return .faint }
    return power.watts < 0 ? .good : power.watts > 0 ? .bad : .plain
  }
}
