import Planning
import Quantities

/// The words of every reply: one text message, the same by SMS, console and command line.
///
/// A reply says what is or what happened, and what to do next. Unknown is "?" or "unknown".
public enum TextReply {
  /// How every refusal begins; the command line tells success and failure apart by it.
  public static let refusalPrefix = "Error: "

  /// The answer to `command`. For a command that changes something, `view` is the state after it.
  public static func reply(to command: TextCommand, view: HouseholdView) -> String {
    if let refusal = refusal(of: command, view: view) { return refusal }
    return SMSAlphabet.fitted(words(for: command, view: view))
  }

  /// Why `command` can't be done in this state, as a whole reply; nil if nothing is in its way.
  ///
  /// To be asked before a command that changes something is carried out.
  public static func refusal(of command: TextCommand, view: HouseholdView) -> String? {
    if !command.word.reads, view.storageTrouble != nil {
      return refusal("this node can't store now, so it changes nothing. STATUS says why.")
    }
    switch command {
    case .job(let number), .pause(.some(let number)), .resume(.some(let number)),
      .cancel(let number):
      guard let job = view.jobs.first(where: { $0.number == number }) else {
        return refusal("there is no job \(number). JOBS lists them.")
      }
      if case .job = command { return nil }
      guard job.state.isOver else { return nil }
      return refusal("job \(number) has ended (\(job.state.rawValue)). JOBS lists the others.")
    case .limit(let name, _, _), .paid(let name, _), .got(let name, _), .unpaid(let name, _),
      .waive(let name):
      guard neighbour(named: name, in: view) == nil else { return nil }
      let shown = SMSAlphabet.fitted(name, septets: 24)
      return refusal("\"\(shown)\" is no neighbour here. PEERS lists them.")
    case .why(let steps):
      guard steps > 1, steps > view.decisions.count else { return nil }
      return refusal("only \(view.decisions.count) decisions are kept. Example: WHY 2")
    default: return nil
    }
  }

  /// The reply to a line that is no command.
  public static func refusal(_ error: GrammarError) -> String { refusal(error.text) }

  /// The reply when a command can't be done; `reason` begins in lower case.
  public static func refusal(_ reason: String) -> String {
    SMSAlphabet.fitted(refusalPrefix + reason)
  }

  /// The neighbour of that name, in any case, or of a beginning that is its alone.
  public static func neighbour(
    named name: String, in view: HouseholdView
  ) -> HouseholdView.Neighbour? {
    let wanted = name.lowercased()
    if let exact = view.neighbours.first(where: { $0.name.lowercased() == wanted }) {
      return exact
    }
    let matches = view.neighbours.filter { $0.name.lowercased().hasPrefix(wanted) }
    return matches.count == 1 ? matches.first : nil
  }

  private static func words(for command: TextCommand, view: HouseholdView) -> String {
    switch command {
    case .status: status(view)
    case .today: today(view)
    case .plan: plan(view)
    case .jobs: jobs(view)
    case .job(let number): job(number, view)
    case .trades: trades(view)
    case .balance: balance(view)
    case .peers: peers(view)
    case .relays: relays(view)
    case .relay(let name, _): relay(name, view)
    case .why(let steps): why(steps, view)
    case .help(let word): help(word)
    case .run: taken(view)
    case .pause(let number):
      number.map { "Job \($0) is held. RESUME \($0) lets it go on." } ?? pausedAll(view)
    case .resume(let number):
      number.map { "Job \($0) may go on when there is spare power. JOB \($0) shows it." }
        ?? resumedAll(view)
    case .cancel(let number):
      "Job \(number) is taken back; what is done is kept. JOB \(number) shows it."
    case .limit(let name, let amount, let growth):
      limit(neighbour(named: name, in: view)?.name ?? name, amount, growth)
    case .paid(let name, let amount):
      "\(shown(name, view)) is told that you paid \(amount.text). It counts once it types GOT. BAL "
        + "shows balances."
    case .got(let name, let amount):
      "\(shown(name, view)) has paid \(amount.text). BAL shows balances."
    case .unpaid(let name, let amount):
      amount > .zero
        ? "All neighbours are told that \(shown(name, view)) has not paid \(amount.text). UNPAID "
          + "\(shown(name, view)) 0 takes it back."
        : "It is taken back that \(shown(name, view)) has not paid."
    case .sell(let energy, let price, _): ordered(energy, "for sale", "from", price)
    case .buy(let energy, let price, _): ordered(energy, "wanted", "up to", price)
    case .offers: "Nothing is offered or wanted. SELL 500WH 12 and BUY 500WH 14 place orders."
    case .waive(let name): "What \(shown(name, view)) disputes is dropped. TRADES shows it."
    case .reserve(let share):
      "The battery keeps \(share.percent)% for the house"
        + (view.stateOfCharge.map { ", it has \($0.percent)% now" } ?? "")
        + (told(view).map { ". \($0) is told" } ?? "") + ". STATUS shows it."
    // Answered when the devices have confirmed: see `steering`.
    case .charge, .discharge, .export, .auto: "The device is being told. WHY shows it."
    }
  }

  /// Holding all holds those that are there, and says so.
  private static func pausedAll(_ view: HouseholdView) -> String {
    guard !open(view).isEmpty else { return "There is no job to hold. JOBS lists all." }
    return "All jobs are held. RESUME lets them go on. A new job would not be held."
  }

  private static func resumedAll(_ view: HouseholdView) -> String {
    guard !open(view).isEmpty else { return "There is no job to go on with. JOBS lists all." }
    return "Jobs may go on when there is spare power. JOBS lists them."
  }

  private static func open(_ view: HouseholdView) -> [HouseholdView.Job] {
    view.jobs.filter { !$0.state.isOver }
  }

  private static func ordered(
    _ energy: Energy, _ what: String, _ bound: String, _ price: Price
  ) -> String {
    energy > .zero
      ? "\(energy.text) \(what) \(bound) \(price.text) a kWh. OFFERS shows what others say."
      : "It is taken back: nothing \(what) then. OFFERS shows what others say."
  }

  private static func shown(_ name: String, _ view: HouseholdView) -> String {
    SMSAlphabet.fitted(neighbour(named: name, in: view)?.name ?? name, septets: 20)
  }

  private static func limit(_ name: String, _ amount: Credits, _ growth: LimitGrowth?) -> String {
    let shown = SMSAlphabet.fitted(name, septets: 24)
    guard amount > .zero else { return "\(shown) may owe you nothing more. BAL shows balances." }
    guard let growth else {
      return "\(shown) may owe you up to \(amount.text) credits. BAL shows balances."
    }
    return "\(shown) may owe you up to \(amount.text) credits, and \(growth.percent)% of what it "
      + "gives more, at most \(growth.ceiling.text). BAL shows balances."
  }

  private static func help(_ word: TextCommand.Word?) -> String {
    word?.usage
      ?? "Read: STATUS TODAY PLAN JOBS TRADES BAL OFFERS PEERS RELAYS WHY. On the board: RUN "
      + "PAUSE RESUME CANCEL SELL BUY LIMIT PAID GOT RESERVE RELAY CHARGE AUTO. HELP RUN explains"
  }

  /// What was just taken in: the job with the highest number.
  private static func taken(_ view: HouseholdView) -> String {
    guard let job = view.jobs.last else { return "The file is being checked. JOBS lists it." }
    let name = SMSAlphabet.fitted(job.name, septets: 24)
    let requests = job.requests == 1 ? "1 request" : "\(job.requests) requests"
    let size = job.command.map { "a command of about \($0.span.text)" } ?? requests
    return "Job \(job.number) taken: \(name), \(size), \(job.power.text)\(due(job, view)). "
      + "It runs when power is spare. JOB \(job.number) shows it."
  }
}
