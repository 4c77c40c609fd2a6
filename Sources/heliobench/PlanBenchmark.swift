import FoundationEssentials
import Glibc
import Planning

/// Plans instances, cold and again a slot later, and says what came of it and how long it took.
///
/// Whether a plan is allowed and how good it is, Tests/Bench/plan_report.py finds out by itself.
enum PlanBenchmark {
  /// One line of the answer.
  private struct Answer: Encodable {
    let seed: Int
    /// Millicredits, by the planner's own account.
    let objective: Int64
    /// Of each job: its slots.
    let runs: [[Int]]
    /// Of each slot: what goes into the battery, mW.
    let battery: [Int64]
    /// The thread's own time for a plan from nothing.
    let coldNanoseconds: Int64
    /// A slot later, the last plan handed in: the same, and what it is worth…
    let laterNanoseconds: Int64
    let laterObjective: Int64
    /// …beside a plan from nothing.
    let laterColdObjective: Int64
  }

  /// Reads JSON lines from the standard input until it ends, and answers each at once.
  static func run() throws {
    var isFirst = true
    while let line = readLine() {
      let instance = try JSONDecoder().decode(PlanInstance.self, from: Data(line.utf8))
      guard instance.isWhole else {
        throw Complaint("instance \(instance.seed): expected \(instance.slots + 1) slots' values")
      }
      // What the process does once only is no part of a plan.
      if isFirst { _ = Planner.plan(instance.problem) }
      isFirst = false
      let answer = try JSONEncoder().encode(answer(instance))
      Output.line(String(decoding: answer, as: UTF8.self))
    }
  }

  private static func answer(_ instance: PlanInstance) -> Answer {
    let problem = instance.problem
    let start = nanoseconds()
    let plan = Planner.plan(problem)
    let cold = nanoseconds() - start
    let later = instance.problem(after: plan)
    let startLater = nanoseconds()
    let replanned = Planner.plan(later, after: plan)
    let warm = nanoseconds() - startLater
    var runs: [[Int]] = Array(repeating: [], count: instance.jobs.count)
    for (index, slot) in plan.slots.enumerated() {
      for run in slot.runs { runs[Int(run.job.value) - 1].append(index) }
    }
    return Answer(
      seed: instance.seed, objective: plan.objective.rawValue, runs: runs,
      battery: plan.slots.map { $0.battery?.milliwatts ?? 0 }, coldNanoseconds: cold,
      laterNanoseconds: warm, laterObjective: replanned.objective.rawValue,
      laterColdObjective: Planner.plan(later).objective.rawValue)
  }

  private static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
