import Quantities

/// Turns a problem into a plan.
///
/// The objective, in money: export × export price − import × import price − what is taken from the
/// battery × its wear price, summed over the slots, plus what the battery holds at the end is
/// worth (see `StorageModel`), plus the worth of every job done by its deadline; of a job without
/// a deadline, or past it, the share that is done. Where the forecast's quantiles differ, all of
/// this is the weighted mean over a low, a middle and a high course of the surplus, the battery
/// answering to each: being short where it is dear weighs more than a mean would say.
///
/// The battery's course is optimal for the jobs' slots, or, where it can't be told, its own; the
/// slots are searched for (`PlanSearch`). Beside such a battery the search also weighs what it is
/// worth to be ready for draws that no forecast names, where sun may be thrown away.
/// A job that nobody gave a worth or a deadline is not weighed in money: it takes the first sun
/// that the others leave. Same problem and same last plan, same plan, on every machine.
public enum Planner {
  /// The plan of any problem, the empty one among them.
  ///
  /// - Parameter last: the plan before, if there is one: what still holds of it is where the
  ///   search starts, which is quicker and does not change what needs no change.
  public static func plan(_ problem: PlanningProblem, after last: Plan? = nil) -> Plan {
    let model = HouseModel(problem)
    let queue = TaskQueue(problem, model)
    let search = PlanSearch(model, queue.tasks, capacity: problem.engineCapacity)
    if let last, search.take(last, first: problem.slots.first?.forecast.slot) {
      search.construct(queue.order)
      search.renew(most: renewals)
    } else {
      search.construct(queue.order)
      search.improve(trials: trials(queue, model))
    }
    search.polish()
    search.fill()
    return PlanDraft(problem, model, queue, search).plan
  }

  /// The plan after the last one, unless one that is searched for from nothing is better by a
  /// credit: small changes alone may never get away from a plan that was good once.
  public static func planAfresh(_ problem: PlanningProblem, after last: Plan?) -> Plan {
    let fresh = plan(problem)
    // Without jobs there is nothing to search for.
    guard let last, !problem.jobs.isEmpty else { return fresh }
    let carriedOn = plan(problem, after: last)
    return fresh.objective > carriedOn.objective + Credits(credits: 1) ? fresh : carriedOn
  }

  /// How many jobs of the last plan are placed anew, each where it is best now.
  private static let renewals = 4

  /// How many times a cold search changes something: what fits some milliseconds on a board.
  private static func trials(_ queue: TaskQueue, _ model: HouseModel) -> Int {
    let tasks = queue.tasks.count { !$0.isFiller }
    guard tasks > 0, model.count > 0 else { return 0 }
    // A change costs about as much as there are slots, half that without a battery; short plans are
    // searched longer than that alone would allow.
    let size = max(1, model.count * model.count / 192) * model.count * model.count
    let hasBattery = (model.storage?.capacity ?? 0) > 0
    let few = tasks == 1 ? 4 : (hasBattery ? 60 : 180) * tasks
    let many = (hasBattery ? 700_000_000 : 1_400_000_000) / size
    return max(1, min(few, many) / model.scenarios.count)
  }
}

/// The jobs of a problem as tasks, and the order in which they are placed first.
struct TaskQueue {
  let tasks: [PlannedTask]
  let order: [Int]
  /// Jobs that are beyond what a plan holds.
  let unplanned: [PlanningJob]

  init(_ problem: PlanningProblem, _ model: borrowing HouseModel) {
    let urgent = problem.jobs.sorted(by: Self.goesBefore)
    unplanned = Array(urgent.dropFirst(PlanningProblem.maximumJobs))
    let planned = urgent.prefix(PlanningProblem.maximumJobs)
    var made: [PlannedTask] = []
    for job in planned { made.append(PlannedTask(job, problem, model)) }
    let known = Set(problem.jobs.map(\.number))
    // What runs and can't be taken back waits for nothing any more.
    for (index, job) in planned.enumerated() where made[index].extent != .fixed {
      for number in job.after where known.contains(number) {
        // One that is not planned keeps this one waiting: it waits for itself.
        let other = made.firstIndex { $0.number == number } ?? index
        made[index].forerunners.append(other)
        if other != index { made[other].followers.append(index) }
      }
    }
    for index in made.indices {
      made[index].followersValue = Self.dependents(of: index, made).reduce(0) {
        $0 + made[$1].value
      }
    }
    for index in made.indices where made[index].needsSun {
      made[index].isFiller = Self.dependents(of: index, made).allSatisfy { made[$0].needsSun }
    }
    tasks = made
    let keys = made.map(\.worthEach)
    order = made.indices.sorted { left, right in
      let leftIsFixed = made[left].extent == .fixed
      if leftIsFixed != (made[right].extent == .fixed) { return leftIsFixed }
      return keys[left] != keys[right] ? keys[left] > keys[right] : left < right
    }
  }

  /// All that wait for a task, at first or second hand.
  private static func dependents(of index: Int, _ tasks: [PlannedTask]) -> [Int] {
    var found: [Int] = []
    var next = tasks[index].followers
    while let follower = next.popLast() {
      guard follower != index, !found.contains(follower) else { continue }
      found.append(follower)
      next += tasks[follower].followers
    }
    return found
  }

  private static func goesBefore(_ left: PlanningJob, _ right: PlanningJob) -> Bool {
    let leftGoesOn = left.running && !left.interruptible
    let rightGoesOn = right.running && !right.interruptible
    if leftGoesOn != rightGoesOn { return leftGoesOn }
    if left.priority != right.priority { return left.priority > right.priority }
    let leftDeadline = left.deadline ?? .distantFuture
    let rightDeadline = right.deadline ?? .distantFuture
    if leftDeadline != rightDeadline { return leftDeadline < rightDeadline }
    return left.number < right.number
  }
}

extension PlanSearch {
  /// Takes over what still holds of the last plan; false when nothing can be.
  func take(_ last: Plan, first: TimeSlot?) -> Bool {
    guard let first, let lastFirst = last.slots.first?.slot else { return false }
    let offset = Int(clamping: first.index - lastFirst.index)
    guard offset >= 0, offset < last.slots.count else { return false }
    var places: [[Int]] = Array(repeating: [], count: tasks.count)
    for (index, slot) in last.slots.dropFirst(offset).prefix(model.count).enumerated() {
      for run in slot.runs {
        guard let task = tasks.firstIndex(where: { $0.number == run.job }) else { continue }
        places[task].append(index)
      }
    }
    let order = tasks.indices.sorted {
      (places[$0].first ?? model.count, $0) < (places[$1].first ?? model.count, $1)
    }
    // What runs and can't be taken back goes first, whatever the last plan said of it.
    for index in order where tasks[index].extent == .fixed { insert(index, sponsored: false) }
    for index in order where slots[index].isEmpty && !tasks[index].isFiller {
      if holds(places[index], for: index) { put(index, in: places[index]) }
    }
    return true
  }

  /// Whether a job may have these slots as they are.
  private func holds(_ places: [Int], for index: Int) -> Bool {
    let task = tasks[index]
    guard let earliest = earliest(index), let first = places.first, let last = places.last,
      first >= earliest, last < task.limit, places.allSatisfy(hasRoom)
    else { return false }
    guard places.count == task.length || (task.extent == .part && places.count < task.length)
    else { return false }
    var runStart = first
    var before = first
    for slot in places.dropFirst() {
      defer { before = slot }
      guard slot != before + 1 else { continue }
      guard task.interruptible, before + 1 - runStart >= task.minimumRun,
        slot - before - 1 >= task.minimumPause
      else { return false }
      runStart = slot
    }
    if task.extent == .fixed { return first == 0 && places.count == last + 1 }
    if places.count == task.length { return true }
    // One that can't be interrupted may be cut off by the plan's end alone, which has moved on.
    return task.interruptible ? last + 1 - runStart >= task.minimumRun : last + 1 == model.count
  }
}
