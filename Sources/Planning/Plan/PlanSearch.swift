import Quantities

/// Looks for the jobs' slots that, with the battery's best course, bring the most money.
///
/// Jobs are placed one at a time, each exactly where the others and the battery leave it cheapest;
/// then, again and again, a few that stand in each other's way are taken out and put back in
/// another order, and the better of the two states is kept (ruin and recreate, Schrimpf et al.
/// 2000). The count of trials is fixed by the problem's size, never by a clock, and the dice are
/// seeded: the same problem has the same plan on every machine.
final class PlanSearch {
  let model: HouseModel
  private(set) var tasks: [PlannedTask]
  /// The tasks that are searched places for: all but the fillers.
  let searched: [Int]
  private let capacity: Int
  private let courses: [StorageCourse]
  let placement: JobPlacement
  /// Of each slot: how many jobs run.
  private let busy: UnsafeMutablePointer<Int>
  /// Of each slot: what they draw.
  private let drawn: UnsafeMutablePointer<Int64>
  /// Of each slot: what is expected to be left over for jobs.
  private let spare: [Int64]
  /// Of each slot: what is left over at least, but for one time in ten; nothing where sun may be
  /// thrown away at noon, because then it matters to run just there.
  private let sureSpare: [Int64]
  /// Of each task: its slots, in order; empty is not placed.
  private(set) var slots: [[Int]]
  var dice = Dice()
  /// Whether of slots off the sun that cost the same the first is taken: while searching, by dice,
  /// since the last may be in another job's way.
  var prefersEarly = false

  init(_ model: HouseModel, _ tasks: [PlannedTask], capacity: Int) {
    self.model = model
    self.tasks = tasks
    searched = tasks.indices.filter { !tasks[$0].isFiller }
    self.capacity = capacity
    courses = model.scenarios.indices.map { StorageCourse(model, scenario: $0) }
    placement = JobPlacement(count: model.count)
    busy = .allocate(capacity: model.count + 1)
    drawn = .allocate(capacity: model.count + 1)
    busy.initialize(repeating: 0, count: model.count + 1)
    drawn.initialize(repeating: 0, count: model.count + 1)
    let restoring = model.storage?.restoring ?? Array(repeating: 0, count: model.count)
    spare = zip(model.scenarios[model.scenarios.count / 2].nets, restoring).map { $0 - $1 }
    sureSpare = zip(model.scenarios[0].nets, restoring).map {
      model.mayHoldBack ? 0 : $0 - $1
    }
    slots = Array(repeating: [], count: tasks.count)
  }

  deinit {
    busy.deallocate()
    drawn.deallocate()
  }

  /// The battery's course of the middle scenario.
  var middle: StorageCourse { courses[courses.count / 2] }

  /// What the grid is expected to give in a slot, + is import: the mean over all courses, since of
  /// a load's course the middle one lies below the mean.
  func meanGrid(_ slot: Int) -> Power {
    var sum: Int64 = 0
    for (course, scenario) in zip(courses, model.scenarios) {
      sum += scenario.weight * max(course.grids[slot], -model.exportLimit)
    }
    return Power(milliwatts: sum / model.totalWeight)
  }

  /// Solves the battery's course for the jobs as they stand.
  func solve() { for course in courses { course.solve() } }

  /// Money that the state brings, times the scenarios' weight.
  func score() -> Int64 {
    solve()
    var score: Int64 = 0
    for (course, scenario) in zip(courses, model.scenarios) {
      score -= course.cost * scenario.weight
    }
    return score + worth() * model.totalWeight
  }

  /// The same in money alone: without what it is worth to be ready.
  func money() -> Int64 {
    let score = score()
    return zip(courses, model.scenarios).reduce(score) { $0 - $1.0.readyWorth * $1.1.weight }
  }

  /// What the placed jobs are worth.
  func worth() -> Int64 {
    var worth: Int64 = 0
    for (index, task) in tasks.enumerated() where !slots[index].isEmpty {
      switch task.extent {
      case .whole: worth += task.value
      case .part:
        for slot in slots[index] { worth += task.slotValue(slot, of: model.count) }
      case .fixed: break
      }
    }
    return worth
  }

  func isComplete(_ index: Int) -> Bool { slots[index].count == tasks[index].length }

  func hasRoom(_ slot: Int) -> Bool { busy[slot] < capacity }

  // MARK: one job

  func remove(_ index: Int) {
    guard !slots[index].isEmpty else { return }
    occupy(slots[index], with: tasks[index], by: -1)
    for slot in slots[index] {
      for course in courses { course.add(-tasks[index].power, at: slot) }
    }
    slots[index] = []
  }

  func put(_ index: Int, in places: [Int]) {
    occupy(places, with: tasks[index], by: 1)
    for slot in places {
      for course in courses { course.add(tasks[index].power, at: slot) }
    }
    slots[index] = places
  }

  /// The first slot that a job may have; nil while one that it needs is not done in the plan.
  func earliest(_ index: Int) -> Int? {
    var earliest = 0
    for forerunner in tasks[index].forerunners {
      guard isComplete(forerunner), let last = slots[forerunner].last else { return nil }
      earliest = max(earliest, last + 1)
    }
    return earliest
  }

  /// Puts a job where it is cheapest, if it is worth it.
  ///
  /// - Parameter sponsored: whether what waits for it may pay for it; whether they do in the end,
  ///   the score tells.
  func insert(_ index: Int, sponsored: Bool) {
    let task = tasks[index]
    guard let earliest = earliest(index) else { return }
    let limit = sponsored ? limitForFollowers(of: index, from: earliest) : task.limit
    guard earliest < limit else { return }
    let span = earliest..<limit
    let subsidy = sponsored ? task.followersValue : 0
    solve()
    price(task, in: span, standing: [])
    let places = placement.place(task, in: span, subsidy: subsidy)
    guard !places.isEmpty else { return }
    put(index, in: places)
    if isCoupled(task) { refine(index, in: span, subsidy: subsidy) }
  }

  /// Whether a job takes so much that its slots change each other's prices.
  func isCoupled(_ task: PlannedTask) -> Bool {
    guard let storage = model.storage, storage.isSteered, storage.capacity > 0 else { return false }
    return task.length > 1 && task.power * Int64(task.length) > storage.capacity / 16
  }

  /// Prices the slots with the job where it stands, places it again by these prices, and keeps what
  /// is better (a step of Frank and Wolfe's method).
  private func refine(_ index: Int, in span: Range<Int>, subsidy: Int64) {
    let standing = slots[index]
    let before = score()
    price(tasks[index], in: span, standing: standing)
    let places = placement.place(tasks[index], in: span, subsidy: subsidy)
    guard !places.isEmpty, places != standing else { return }
    remove(index)
    put(index, in: places)
    guard score() < before else { return }
    remove(index)
    put(index, in: standing)
  }

  /// Puts the fillers, and what nobody has priced and has no room before its deadline, into what is
  /// left: each into the first slots in which the sun carries it. Where it would be cheapest does
  /// not matter: whoever sees the sun shine expects them to run.
  func fill() {
    for index in tasks.indices where slots[index].isEmpty && !tasks[index].isPriced {
      if tasks[index].extent == .whole { tasks[index].giveUpDeadline(in: model.count) }
    }
    let rest = tasks.indices.filter {
      tasks[$0].isFiller || (tasks[$0].isLate && !tasks[$0].isPriced && slots[$0].isEmpty)
    }
    for index in forerunnersFirst(rest) {
      let task = tasks[index]
      guard let earliest = earliest(index), earliest < task.limit else { continue }
      for slot in earliest..<task.limit {
        let isFree = busy[slot] < capacity && spare[slot] - drawn[slot] >= task.power
        placement.costs[slot] = isFree ? Int64(slot - 4 * model.count) : JobPlacement.blocked
      }
      let places = placement.place(task, in: earliest..<task.limit, subsidy: 0)
      if !places.isEmpty { put(index, in: places) }
    }
  }

  private func occupy(_ slots: [Int], with task: PlannedTask, by step: Int) {
    let power = task.power * Int64(step)
    for slot in slots {
      busy[slot] += step
      drawn[slot] += power
    }
  }

  /// Fills in what each slot would cost a job.
  func price(_ task: PlannedTask, in span: Range<Int>, standing: [Int]) {
    let costs = placement.costs
    for slot in span { costs[slot] = 0 }
    for (course, scenario) in zip(courses, model.scenarios) {
      course.addCosts(of: task.power, weight: scenario.weight, in: span, to: costs)
    }
    if !standing.isEmpty {
      for slot in standing { costs[slot] = 0 }
      for (course, scenario) in zip(courses, model.scenarios) {
        course.addSavings(of: task.power, weight: scenario.weight, in: standing, to: costs)
      }
      occupy(standing, with: task, by: -1)
    }
    let weight = model.totalWeight
    for slot in span {
      let left = spare[slot] - drawn[slot]
      if busy[slot] >= capacity || (task.needsSun && left < task.power) {
        costs[slot] = JobPlacement.blocked
        continue
      }
      if weight > 1 { costs[slot] /= weight }
      let isSure = sureSpare[slot] - drawn[slot] >= 4 * task.power
      costs[slot] += isSure ? 0 : preference(slot, spare: left)
    }
    occupy(standing, with: task, by: 1)
  }

  /// Where a job must end so that what waits for it can follow: by dice between its first chance
  /// and the followers' last.
  private func limitForFollowers(of index: Int, from earliest: Int) -> Int {
    let task = tasks[index]
    guard task.followersValue > 0 else { return task.limit }
    var last = task.limit
    for follower in task.followers {
      let needs = tasks[follower].extent == .part ? 1 : tasks[follower].length
      last = min(last, tasks[follower].limit - needs)
    }
    let soonest = earliest + task.length
    guard last > soonest else { return min(task.limit, max(last, soonest)) }
    return soonest + dice.below(last - soonest + 1)
  }

  /// Decides between slots that cost the same, where none has sun enough in any case (of those the
  /// first is best, since every estimate may be wrong): the sunniest, then the first; off the sun
  /// the last, which leaves time for the sun to do better. At most some hundreds of the smallest
  /// unit.
  @inline(__always) private func preference(_ slot: Int, spare: Int64) -> Int64 {
    guard spare > 0 else {
      return Int64(600 + (prefersEarly ? slot : model.count - slot))
    }
    let hundredWatts = min(spare / 100_000, 500)
    return 500 - hundredWatts + (slot < 64 ? 1 : 2)
  }
}
