import Planning
import Quantities

// The answers about jobs.
extension TextReply {
  static func jobs(_ view: HouseholdView) -> String {
    guard !view.jobs.isEmpty else { return "No jobs. Give one: RUN photos.jsonl WATTS 60" }
    // What still goes on comes first; what ended follows, latest first.
    let open = view.jobs.filter { !$0.state.isOver }
    let ended = view.jobs.filter(\.state.isOver).reversed()
    let lines = (open + ended).map { job in
      "\(job.number) \(SMSAlphabet.fitted(job.name, septets: 16)) "
        + job.state.rawValue + (job.command == nil ? " \(job.completed)/\(job.requests)" : "")
    }
    let first = (open + ended).first?.number ?? JobNumber(1)
    return listed(lines, ending: "JOB \(first) shows one.")
  }

  static func job(_ number: JobNumber, _ view: HouseholdView) -> String {
    guard let job = view.jobs.first(where: { $0.number == number }) else {
      return refusal("there is no job \(number). JOBS lists them.")
    }
    let note = job.note.isEmpty ? "" : " (\(SMSAlphabet.fitted(job.note, septets: 48)))"
    let head =
      "Job \(number) \(SMSAlphabet.fitted(job.name, septets: 24)) \(job.state.rawValue)\(note)"
    let count = count(of: job)
    switch job.state {
    case .running, .draining, .waiting:
      let line = "\(head): \(count), \(job.power.text)\(due(job, view))"
      return fitting(
        line, [estimate(of: job, view), spent(on: job)], ending: "PAUSE \(number) holds it.")
    case .held:
      let line = "\(head): \(count), \(job.power.text)\(due(job, view))"
      return fitting(line, [spent(on: job)], ending: "RESUME \(number) lets it go on.")
    case .ending where job.command != nil: return "\(head): \(count). It is being ended."
    case .ending: return "\(head): \(count). JOB \(number) shows its results soon."
    case .done, .cancelled, .expired:
      let name = SMSAlphabet.fitted(job.name, septets: 24)
      let line = "Job \(number) \(name) \(job.state.rawValue): \(count)"
      let place =
        job.command.map { "Its words: \($0.log)." }
        ?? "Results: \(job.folder)/output.jsonl in the jobs folder."
      return fitting(line, [account(of: job)], ending: place)
    case .failed: return "\(head). Reasons: \(job.folder)/errors.jsonl in the jobs folder."
    }
  }

  /// "12 of 200 done, 1 failed"; of a command how long it ran.
  private static func count(of job: HouseholdView.Job) -> String {
    guard job.command == nil else { return "ran \(job.ranFor.text)" }
    let failed = job.failed > 0 ? ", \(job.failed) failed" : ""
    return "\(job.completed) of \(job.requests) done\(failed)"
  }

  /// As many of the parts, from the first on, as fit one message between head and ending.
  private static func fitting(_ head: String, _ parts: [String?], ending: String) -> String {
    let known = parts.compactMap { $0 }
    for count in stride(from: known.count, to: 0, by: -1) {
      let text = ([head] + known.prefix(count) + [ending]).joined(separator: ". ")
      let spelled = SMSAlphabet.spelled(text)
      if let septets = SMSAlphabet.septets(of: spelled), septets <= SMSAlphabet.messageSeptets {
        return spelled
      }
    }
    return "\(head). \(ending)"
  }

  /// "12 a minute, ready about 16:40"; nil where neither is known.
  private static func estimate(of job: HouseholdView.Job, _ view: HouseholdView) -> String? {
    let end = job.estimatedEnd.map {
      "ready about \(view.localTime.clock(at: $0, seenFrom: view.at))"
    }
    let shown = job.command == nil ? job.requestsPerKilosecond : nil
    let pace = shown.map { rate -> String in
      let perMinute = rate * 60 / 1000
      return perMinute >= 2 ? "\(perMinute) a minute" : "\(rate * 3600 / 1000) an hour"
    }
    let known = [pace, end].compactMap { $0 }
    return known.isEmpty ? nil : known.joined(separator: ", ")
  }

  /// "0.42 kWh, 97% sun": what it drew so far; nil before it drew any.
  private static func spent(on job: HouseholdView.Job) -> String? {
    guard let share = share(of: job.surplus, in: job.energy) else { return nil }
    return "\(job.energy.text), \(share)% sun"
  }

  /// What it came to; says whether its energy was measured.
  private static func account(of job: HouseholdView.Job) -> String? {
    guard let share = share(of: job.surplus, in: job.energy) else { return nil }
    let how = job.energyMeasured >= job.energy ? "" : " estimated"
    let tokens = job.tokens > 0 ? ", \(job.tokens) tokens" : ""
    return "\(job.energy.text)\(how), \(share)% sun, cost \(job.cost.text)\(tokens)"
  }

  /// The part of `whole` in percent, 0 to 100; nil where there is no whole.
  static func share(of part: Energy, in whole: Energy) -> Int64? {
    guard whole > .zero else { return nil }
    return part.clamped(to: .zero...whole).scaled(by: 100, over: whole.rawValue).rawValue
  }

  /// ", by 18:00"; the clock alone would mislead where that is not today.
  static func due(_ job: HouseholdView.Job, _ view: HouseholdView) -> String {
    guard let deadline = job.deadline else { return "" }
    let time = view.localTime
    let isTomorrow = time.dayNumber(at: deadline) == time.dayNumber(at: view.at) + 1
    return ", by \(time.clock(at: deadline))" + (isTomorrow ? " tomorrow" : "")
  }
}
