import Planning
import Quantities
import Testing
import Thrown

@Suite struct PlannerPropertyTests {
  /// Ten thousand seeds, in parts that run side by side.
  private static let parts = 20
  private static let seedsEach: UInt64 = 500

  @Test("no plan breaks a constraint, and every problem has one", arguments: 0..<parts)
  func constraints(part: Int) async {
    let first = UInt64(part) * Self.seedsEach
    for seed in first..<first + Self.seedsEach {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      let problem = source.problem(slots: seed % 10 == 0 ? 48 : 16, jobs: seed % 10 == 0 ? 8 : 5)
      Self.check(problem, &source, seed: seed)
    }
  }

  @Test("nor does one for two days and thirty jobs")
  func largeConstraints() async {
    for seed in 20_000..<20_030 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      Self.check(source.problem(slots: 192, jobs: 30), &source, seed: seed)
    }
  }

  /// Checks the plan of a problem, and the one that follows it from the last plan.
  private static func check(
    _ problem: PlanningProblem, _ source: inout SeededSource, seed: UInt64
  ) {
    let plan = Planner.plan(problem)
    PlanChecker(problem: problem, plan: plan, seed: seed).check()
    let later = source.problem(after: problem, plan)
    let next = Planner.plan(later, after: plan)
    PlanChecker(problem: later, plan: next, seed: seed).check()
  }

  @Test("planned afresh, a plan is within a credit of the better of carried on and begun anew")
  func afresh() async {
    var better = 0
    for seed in 30_000..<30_200 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      let problem = source.problem(slots: 48, jobs: 8)
      let later = source.problem(after: problem, Planner.plan(problem))
      let carriedOn = Planner.plan(later, after: Planner.plan(problem))
      let anew = Planner.plan(later)
      let plan = Planner.planAfresh(later, after: Planner.plan(problem))
      let best = max(carriedOn.objective, anew.objective)
      #expect(plan == carriedOn || plan == anew, "seed \(seed)")
      #expect(plan.objective >= best - Credits(credits: 1), "seed \(seed)")
      if plan == anew, plan != carriedOn { better += 1 }
    }
    #expect(better > 0)
  }

  @Test("the same problem has the same plan, in whatever order its jobs come")
  func deterministic() async {
    for seed in 0..<300 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      var problem = source.problem(slots: 48, jobs: 7)
      let plan = Planner.plan(problem)
      problem.jobs.shuffle(using: &source)
      #expect(Planner.plan(problem) == plan, "seed \(seed)")
    }
  }
}
