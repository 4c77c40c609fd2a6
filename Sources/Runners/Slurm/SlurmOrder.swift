import Planning

/// What is to be done at Slurm for one job.
enum SlurmOrder: Hashable, Sendable {
  /// Submit it held.
  case submit(JobNumber)
  case release(JobNumber, Int64)
  /// Keep one that waits from starting.
  case hold(JobNumber, Int64)
  /// Stop one that runs, and put it back into the queue, held.
  case requeue(JobNumber, Int64)
  case suspend(JobNumber, Int64)
  case resume(JobNumber, Int64)
  case cancel(JobNumber, Int64)
  /// Find out how one ended that is no longer in the queue.
  case examine(JobNumber, Int64)

  var job: JobNumber {
    switch self {
    case .submit(let job), .release(let job, _), .hold(let job, _), .requeue(let job, _),
      .suspend(let job, _), .resume(let job, _), .cancel(let job, _), .examine(let job, _):
      job
    }
  }
}
