import Quantities

/// A job as the solver sees it.
struct PlannedTask {
  /// How much of the job must lie in the plan.
  enum Extent {
    /// All of it by its limit, or nothing.
    case whole
    /// As much as pays: it has no deadline, or has missed it.
    case part
    /// It runs, and can't be taken back.
    case fixed
  }

  let number: JobNumber
  private(set) var extent: Extent
  /// Milliwatts.
  let power: Int64
  /// Slots that it still takes.
  let length: Int
  /// It ends before this slot.
  private(set) var limit: Int
  /// Money for all of it.
  let value: Int64
  /// Whether its worth wanes with time: its deadline is past or can't be met.
  private(set) var isLate: Bool
  /// Whether somebody said what it is worth.
  let isPriced: Bool
  /// Whether it runs only where the sun carries it.
  let needsSun: Bool
  let interruptible: Bool
  let minimumRun: Int
  let minimumPause: Int
  /// Indices of tasks that must be done before.
  var forerunners: [Int] = []
  var followers: [Int] = []
  /// Whether it takes the first sun that others leave, instead of being searched a place for: it
  /// needs the sun, and nothing that is worth or due something waits for it.
  var isFiller = false
  /// Money for all of those that can't be done without it.
  var followersValue: Int64 = 0

  init(_ job: PlanningJob, _ problem: PlanningProblem, _ model: borrowing HouseModel) {
    let count = problem.slots.count
    number = job.number
    power = min(job.power.milliwatts, HouseModel.powerLimit)
    length = job.remainingSlots
    needsSun = job.needsSun
    interruptible = job.interruptible
    minimumRun = max(1, min(job.minimumRunSlots, job.remainingSlots))
    minimumPause = job.minimumPauseSlots
    let due = Self.limit(of: job.deadline, problem)
    if job.running && !job.interruptible {
      extent = .fixed
    } else if job.deadline != nil && length <= due {
      extent = .whole
    } else {
      extent = .part
    }
    isLate = job.deadline != nil && extent == .part
    isPriced = job.value != nil
    limit = extent == .whole ? due : count
    value = model.money(job.worth(in: problem))
  }

  /// How many slots of the plan end by `deadline`.
  static func limit(of deadline: Instant?, _ problem: PlanningProblem) -> Int {
    guard let deadline, let first = problem.slots.first?.forecast.slot else {
      return problem.slots.count
    }
    let whole = TimeSlot(containing: deadline).index - first.index
    return Int(min(max(whole, 0), Int64(problem.slots.count)))
  }

  /// Takes it for late: there is no room for it before its deadline.
  mutating func giveUpDeadline(in count: Int) {
    extent = .part
    limit = count
    isLate = true
  }

  /// Money a slot, with what waits for it.
  var worthEach: Int64 { (value + followersValue) / Int64(length) }

  /// What running in a slot brings, where a part counts: a late job loses a quarter in the course
  /// of the plan, so that of equal times the first is taken.
  func slotValue(_ slot: Int, of count: Int) -> Int64 {
    let each = value / Int64(length)
    return isLate ? each - each * Int64(slot) / Int64(4 * count) : each
  }
}

extension PlanningJob {
  /// What it is worth to have it done.
  ///
  /// Where nobody said, twice what the dearest grid energy for it would cost: one with a deadline
  /// is then done in any case; one without takes slots that the sun carries alone, see `needsSun`.
  /// Of jobs that compete, each step of priority adds a tenth, and a credit.
  func worth(in problem: PlanningProblem) -> Credits {
    if let value { return value }
    let dearest = problem.slots.reduce(Price.zero) { max($0, $1.importPrice) }
    let cost = dearest.cost(of: power.energy(over: TimeSlot.length))
    let steps = min(max(priority, -5), 100)
    let each = cost + cost + (cost + cost).scaled(by: steps, over: 10)
    let slots = Int64(min(remainingSlots, 35_040))
    return each.scaled(by: slots, over: 1) + Credits(credits: max(0, steps))
  }

  /// Whether it runs only where the sun is expected to carry all of it: nobody said what it is
  /// worth nor by when it must be done.
  var needsSun: Bool { value == nil && deadline == nil && !(running && !interruptible) }
}
