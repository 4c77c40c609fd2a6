import Quantities

/// Looks for the jobs' slots that, with the battery's best course, bring the most money.
///
/// Jobs are placed one at a time, each exactly where the others and the battery leave it cheapest;
/// then, again and again, a few that stand in each other's way are taken out and put back in
/// another order, and the better of the two states is kept (ruin and recreate, Schrimpf et al.
/// 2000). Most of that goes on by slot prices that stand still for a few changes. Where jobs
/// contend for a slot, a toll tells each what its place is worth to the others. The count of trials
/// is fixed by the problem's size, never by a clock, and the dice are seeded: the same problem has
/// the same plan on every machine.
final class PlanSearch {
  let model: HouseModel
  private(set) var tasks: [PlannedTask]
  /// The tasks that are searched places for: all but the fillers.
  let searched: [Int]
  let capacity: Int
  let courses: [StorageCourse]
  let placement: JobPlacement
  /// Of each slot: how many jobs run.
  let busy: UnsafeMutablePointer<Int>
  /// Of each slot: what they draw.
  let drawn: UnsafeMutablePointer<Int64>
  /// Of each slot: what is expected to be left over for jobs.
  let spare: [Int64]
  /// Of each slot: what is left over at least, but for one time in ten; nothing where sun may be
  /// thrown away at noon, because then it matters to run just there.
  let sureSpare: [Int64]
  /// Of each task: its slots, in order; empty is not placed.
  private(set) var slots: [[Int]]
  var dice = Dice()
  /// Of each slot: what a place in it is worth to those that it keeps out.
  let tolls: UnsafeMutablePointer<Int64>
  /// Whether there are any tolls.
  var isContended = false
  /// Whether jobs pay tolls.
  var isTolled = false
  /// While the courses stand still: the slots' prices in their stead, and the state's score.
  lazy var slotPrices = makeSlotPrices()
  var isFrozen = false
  var frozenScore: Int64 = 0
  /// The slots of each task that the courses know of.
  var frozenSlots: [[Int]] = []
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
    tolls = .allocate(capacity: model.count + 1)
    tolls.initialize(repeating: 0, count: model.count + 1)
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
    tolls.deallocate()
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
    for (index, task) in tasks.enumerated() { worth += self.worth(of: task, in: slots[index]) }
    return worth
  }

  /// What a job is worth in some slots.
  func worth(of task: PlannedTask, in places: [Int]) -> Int64 {
    guard !places.isEmpty else { return 0 }
    switch task.extent {
    case .whole: return task.value
    case .part: return places.reduce(0) { $0 + task.slotValue($1, of: model.count) }
    case .fixed: return 0
    }
  }

  func isComplete(_ index: Int) -> Bool { slots[index].count == tasks[index].length }

  func hasRoom(_ slot: Int) -> Bool { busy[slot] < capacity }

  private func room(in span: Range<Int>) -> Int {
    var room = 0
    for slot in span { room += busy[slot] < capacity ? 1 : 0 }
    return room
  }

  // MARK: one job

  func remove(_ index: Int) {
    guard !slots[index].isEmpty else { return }
    let places = slots[index]
    slots[index] = []
    occupy(places, with: tasks[index], by: -1)
    draw(-tasks[index].power, in: places, for: index)
  }

  func put(_ index: Int, in places: [Int]) {
    draw(tasks[index].power, in: places, for: index)
    occupy(places, with: tasks[index], by: 1)
    slots[index] = places
  }

  /// Tells the courses, or counts by the slots' prices, that a job draws so much more.
  private func draw(_ power: Int64, in places: [Int], for index: Int) {
    if isFrozen { return count(index, in: places, isMore: power > 0) }
    for course in courses {
      for slot in places { course.add(power, at: slot) }
    }
  }

  /// Takes out what stands elsewhere than in `state`, and puts all where it stands there.
  func restore(_ state: [[Int]]) {
    let changed = tasks.indices.filter { slots[$0] != state[$0] }
    for index in changed { remove(index) }
    for index in changed where !state[index].isEmpty { put(index, in: state[index]) }
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
    guard task.extent != .whole || room(in: span) >= task.length else { return }
    let subsidy = sponsored ? task.followersValue : 0
    if !isFrozen { solve() }
    price(task, in: span, standing: [])
    let isRefined = !isFrozen && isCoupled(task)
    // Placing uses the costs up.
    let alone = isRefined && task.extent == .part ? span.map { placement.costs[$0] } : []
    let places = placement.place(task, in: span, subsidy: subsidy)
    guard !places.isEmpty else { return }
    put(index, in: places)
    guard isRefined else { return }
    refine(index, in: span, subsidy: subsidy)
    if !alone.isEmpty { refine(index, in: span, subsidy: subsidy, halfway: alone) }
    trim(index)
  }

  /// Whether a job takes so much that its slots change each other's prices.
  func isCoupled(_ task: PlannedTask) -> Bool {
    guard let storage = model.storage, storage.isSteered, storage.capacity > 0 else { return false }
    return task.length > 1 && task.power * Int64(task.length) > storage.capacity / 16
  }

  /// Prices the slots with the job where it stands, places it again by these prices, and keeps what
  /// is better (a step of Frank and Wolfe's method).
  ///
  /// - Parameter halfway: of each slot: what it costs without the job, of which the price is then
  ///   half. How much of a job pays lies between: priced without it the battery seems to carry all
  ///   of it, priced with it none of it.
  private func refine(
    _ index: Int, in span: Range<Int>, subsidy: Int64, halfway: [Int64] = []
  ) {
    let standing = slots[index]
    let before = score()
    price(tasks[index], in: span, standing: standing)
    for (slot, cost) in zip(span, halfway) where placement.costs[slot] < JobPlacement.blocked {
      placement.costs[slot] = (placement.costs[slot] + cost) / 2
    }
    let places = placement.place(tasks[index], in: span, subsidy: subsidy)
    guard !places.isEmpty, places != standing else { return }
    remove(index)
    put(index, in: places)
    guard score() - (toll(places) - toll(standing)) * model.totalWeight < before else { return }
    remove(index)
    put(index, in: standing)
  }

  /// What a job pays for some slots.
  func toll(_ places: [Int]) -> Int64 {
    isTolled ? places.reduce(0) { $0 + tolls[$1] } : 0
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

  func occupy(_ slots: [Int], with task: PlannedTask, by step: Int) {
    let power = task.power * Int64(step)
    for slot in slots {
      busy[slot] += step
      drawn[slot] += power
    }
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
}
