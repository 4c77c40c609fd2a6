import Planning
import Quantities

// The answers to commands that only ask.
extension TextReply {
  static func status(_ view: HouseholdView) -> String {
    var parts: [String] = []
    if let trouble = view.storageTrouble {
      parts.append("CAN'T STORE (\(SMSAlphabet.fitted(trouble, septets: 36))).")
    }
    parts.append(
      "\(view.localTime.clock(at: view.at)) PV \(text(view.pvPower)), "
        + "load \(text(view.loadPower)), battery \(battery(view)), "
        + "grid \(signed(view.gridPower)), spare \(text(view.surplus))"
        + (view.isCurtailed == true ? " or more: curtailed." : "."))
    if view.isTimeUnsure { parts.append("Clock unsure: no trades.") }
    parts.append(work(view))
    parts.append(lost(view) ?? steered(view) ?? asleep(view) ?? "WHY tells the reason.")
    return parts.joined(separator: " ")
  }

  /// Which device's values are unknown and since when: the cause of the question marks.
  private static func lost(_ view: HouseholdView) -> String? {
    guard let device = view.lostDevices.first else { return nil }
    let name = SMSAlphabet.fitted(device.name, septets: 16)
    let others = view.lostDevices.count > 1 ? " and \(view.lostDevices.count - 1) more" : ""
    return "Lost: \(name)\(others) since \(view.localTime.clock(at: device.since))."
  }

  /// Which inverter the sun has not woken yet.
  private static func asleep(_ view: HouseholdView) -> String? {
    guard let device = view.asleepDevices.first else { return nil }
    let others = view.asleepDevices.count > 1 ? " and \(view.asleepDevices.count - 1) more" : ""
    return "Asleep: \(SMSAlphabet.fitted(device.name, septets: 16))\(others)."
  }

  /// Charge and flow; one question mark where neither is known.
  private static func battery(_ view: HouseholdView) -> String {
    guard let charge = view.stateOfCharge else {
      return view.batteryPower == nil ? "?" : "?% \(signed(view.batteryPower))"
    }
    return "\(charge.percent)% \(signed(view.batteryPower))"
  }

  /// What the jobs do now, in half a line.
  private static func work(_ view: HouseholdView) -> String {
    if view.isHeldOff { return "All held off: RESUME." }
    if view.isPaused { return "Jobs held: RESUME." }
    let running = view.jobs.filter { $0.state == .running }
    let waiting = view.jobs.filter { $0.state == .waiting || $0.state == .draining }
    if let job = running.first {
      let others = running.count > 1 ? " +\(running.count - 1)" : ""
      return "Job \(job.number) \(job.completed)/\(job.requests)\(others)."
    }
    if waiting.isEmpty { return "No job waits." }
    let reason = view.lacksEngine ? ": no engine" : ""
    return waiting.count == 1 ? "1 job waits\(reason)." : "\(waiting.count) jobs wait\(reason)."
  }

  static func today(_ view: HouseholdView) -> String {
    let day = view.day
    let failed = day.requestsFailed > 0 ? " (\(day.requestsFailed) failed)" : ""
    let share = day.surplusUsedByJobs.flatMap { Self.share(of: $0, in: day.energyUsedByJobs) }
    let sun = share.map { ", \($0)% sun" } ?? ""
    return "Jobs: \(day.requestsCompleted) done\(failed), \(day.energyUsedByJobs.text)\(sun), "
      + "paused \(day.timesPaused)x. "
      + "Sold \(day.energySold.text) +\(day.creditsEarned.text), "
      + "bought \(day.energyBought.text) \((-day.creditsSpent).text). "
      + "Grid in \(text(day.imported)), out \(text(day.exported)). TRADES lists."
  }

  static func trades(_ view: HouseholdView) -> String {
    guard !view.trades.isEmpty else {
      if view.isTimeUnsure {
        return "No trades: the clock is unsure. It is asked of the network and the neighbours."
      }
      if !view.isTrading {
        return "No trades: trading is off here. The owner turns it on: market in the configuration."
      }
      return view.neighbours.contains { $0.limit != nil }
        ? "No trades yet. They come when one house has to spare what another needs."
        : "No trades yet. A neighbour needs a limit first: LIMIT name 5"
    }
    let lines = view.trades.map { trade in
      let sign = trade.direction == .sold ? "+" : "-"
      let name = SMSAlphabet.fitted(trade.neighbour, septets: 16)
      return "\(view.localTime.clock(at: trade.slotStart)) \(trade.direction.rawValue) "
        + "\(name) \(trade.energy.text) \(sign)\(trade.amount.text) \(trade.status)"
    }
    return listed(lines, ending: "BAL sums up.")
  }

  static func balance(_ view: HouseholdView) -> String {
    guard !view.neighbours.isEmpty else { return "No neighbours known. PEERS shows links." }
    let lines = view.neighbours.map { neighbour in
      let sign = neighbour.balance > .zero ? "+" : ""
      let limit = neighbour.limit.map { " (limit \($0.text))" } ?? " (limit 0)"
      return "\(SMSAlphabet.fitted(neighbour.name, septets: 16)) "
        + "\(sign)\(neighbour.balance.text)\(limit)"
    }
    let total = view.neighbours.reduce(Credits.zero) { $0 + $1.balance }
    let sign = total > .zero ? "+" : ""
    return listed(lines, ending: "Sum \(sign)\(total.text), + is owed to you.")
  }

  static func peers(_ view: HouseholdView) -> String {
    guard !view.neighbours.isEmpty else {
      return "No neighbours known. They are listed under peers in the configuration."
    }
    let lines = view.neighbours.map { neighbour in
      let name = SMSAlphabet.fitted(neighbour.name, septets: 16)
      if neighbour.isLinked { return "\(name) linked" }
      return "\(name) away, "
        + (neighbour.lastSeen.map { "heard \(ago($0, view))" } ?? "never heard")
    }
    let linked = view.neighbours.filter(\.isLinked).count
    return listed(lines, ending: "\(linked) of \(view.neighbours.count) linked. BAL: balances.")
  }

  static func why(_ steps: Int, _ view: HouseholdView) -> String {
    guard steps >= 1, steps <= view.decisions.count else {
      return "Nothing was decided yet. STATUS shows what is known."
    }
    let decision = view.decisions[steps - 1]
    let next = steps < view.decisions.count ? " WHY \(steps + 1) goes back." : ""
    let head = "\(view.localTime.clock(at: decision.at)) "
    let room = SMSAlphabet.messageSeptets - head.utf8.count - next.utf8.count - 1
    let body = SMSAlphabet.fitted(decision.text, septets: room)
    let stop = body.hasSuffix(".") ? "" : "."
    return head + body + stop + next
  }

  private static func ago(_ instant: Instant, _ view: HouseholdView) -> String {
    let minutes = max(0, view.at.since(instant).minutes)
    if minutes < 2 { return "just now" }
    if minutes < 120 { return "\(minutes) min ago" }
    if minutes < 2880 { return "\(minutes / 60) h ago" }
    return "\(minutes / 1440) days ago"
  }

  /// As many of `lines` as fit one message, how many more there are, and `ending`.
  static func listed(_ lines: [String], ending: String) -> String {
    func text(_ count: Int) -> String {
      let more = count < lines.count ? "; +\(lines.count - count) more" : ""
      let stop = "\(lines.prefix(count).joined(separator: "; "))\(more)"
      return stop + (stop.hasSuffix(".") ? " " : ". ") + ending
    }
    for count in stride(from: min(lines.count, 40), to: 1, by: -1) {
      let candidate = SMSAlphabet.spelled(text(count))
      if let septets = SMSAlphabet.septets(of: candidate), septets <= SMSAlphabet.messageSeptets {
        return candidate
      }
    }
    return text(1)
  }

  private static func text(_ power: Power?) -> String { power.map(\.text) ?? "?" }

  private static func text(_ energy: Energy?) -> String { energy.map(\.text) ?? "?" }

  /// With its sign, for flows that go both ways.
  private static func signed(_ power: Power?) -> String {
    guard let power else { return "?" }
    return (power.watts > 0 ? "+" : "") + power.text
  }
}
