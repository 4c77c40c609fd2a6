import Quantities
import Sites

extension JobQueue {
  /// Ends the jobs whose time is over and that are not wanted later.
  mutating func expire(at now: Instant) -> [JobAction] {
    var actions: [JobAction] = []
    for index in jobs.indices where jobs[index].isLive && jobs[index].ending == nil {
      guard jobs[index].batch.expires, let deadline = jobs[index].batch.deadline, deadline <= now
      else { continue }
      let left = jobs[index].needsEngine ? "\(jobs[index].requestsLeft) of its requests " : ""
      actions += end(
        index, .expired, because: "due \(localTime.clock(at: deadline)), \(left)not done by then")
    }
    return actions
  }

  /// The first job still to be done of those that this one waits for; nil when it need not wait.
  public func forerunner(of job: Job) -> JobNumber? {
    job.batch.after.first { self.job($0)?.isLive == true }
  }

  /// Holds the jobs that wait for one that came to no good end.
  mutating func holdForlorn(at now: Instant) -> [JobAction] {
    var actions: [JobAction] = []
    for index in jobs.indices where jobs[index].status == .waiting {
      guard let failed = failedForerunner(of: jobs[index]) else { continue }
      let ending = failed.ending ?? .completed
      let came = ending == .completed ? "failed" : "was \(ending.text)"
      let reason = "job \(failed.number) \(came), which this one waits for"
      actions += held(jobs[index].number, reason: reason, at: now)
    }
    return actions
  }

  private func failedForerunner(of job: Job) -> Job? {
    job.batch.after.compactMap { self.job($0) }.first {
      !$0.isLive && ($0.ending != .completed || $0.completed == 0)
    }
  }

  /// When the plan has a job done; nil where it sees no end of it.
  public func estimatedEnd(of job: Job, plan: Plan?, at now: Instant) -> Instant? {
    guard let plan, job.status == .waiting || job.status == .running else { return nil }
    var left = remaining(of: job)
    for slot in plan.slots where slot.slot.end > now {
      guard slot.runs.contains(where: { $0.job == job.number }) else { continue }
      let start = max(now, slot.slot.start)
      let span = slot.slot.end.since(start)
      if span >= left { return start + left }
      left = left - span
    }
    return nil
  }
}
