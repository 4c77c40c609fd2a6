import Planning
import Quantities

/// A node's job runner and engine: requests finish at a rate while a job is fed.
///
/// As the real one, it counts what is durable (one line for each finished request), lets requests
/// in flight finish after a pause, and after a crash repeats at most those that were in flight.
public struct SimulatedRunner: Sendable {
  /// A request that the engine works on.
  public struct Request: Hashable, Sendable {
    public let job: JobNumber
    /// The life of the runner in which it was begun; a crash ends that life.
    public let life: Int
  }

  private struct Batch: Sendable {
    let folder: String
    let requests: Int
    /// Lines on disk.
    var completed = 0
    /// How often the engine was asked; more than `completed` only through crashes.
    var begun = 0
    /// Whether nothing more of it is to be begun.
    var isClosing = false
  }

  /// How many requests the engine takes at once.
  public let slots: Int
  private var batches: [Batch] = []
  /// The folders of the jobs that were started in this life, by number.
  private var folders: [(job: JobNumber, folder: String)] = []
  private var feeding: JobNumber?
  private var inFlight: [JobNumber] = []
  private var life = 0
  private var crashes = 0

  public init(slots: Int) { self.slots = slots }

  /// Puts a batch's input on the disk.
  public mutating func stage(_ batch: StagedBatch) {
    batches.append(Batch(folder: batch.folder, requests: batch.requests))
  }

  /// Whether the machine is at work.
  public var isBusy: Bool { !inFlight.isEmpty }

  /// All finished requests.
  public var completed: Int { batches.reduce(0) { $0 + $1.completed } }

  /// Requests that were asked again because a crash took their answer.
  public var repeated: Int {
    batches.reduce(0) { $0 + $1.begun - $1.completed } - inFlight.count
  }

  /// Whether no more was repeated than a crash can have taken, and nothing counted twice.
  public var isWithinBounds: Bool {
    repeated >= 0 && repeated <= crashes * slots
      && batches.allSatisfy { $0.completed <= $0.requests }
  }

  /// Feeds a job from now on, and only it; returns the requests that begin.
  public mutating func start(_ job: JobNumber, folder: String) -> [Request] {
    if !folders.contains(where: { $0.job == job }) { folders.append((job, folder)) }
    feeding = job
    return feed()
  }

  /// Feeds nothing more; what is in flight finishes.
  public mutating func pause(_ job: JobNumber) -> JobProgress? {
    if feeding == job { feeding = nil }
    return progress(of: job)
  }

  /// Feeds nothing more and closes the results, at once or when what is in flight has finished.
  public mutating func close(_ job: JobNumber, folder: String) -> JobProgress? {
    if !folders.contains(where: { $0.job == job }) { folders.append((job, folder)) }
    if feeding == job { feeding = nil }
    guard let index = batch(of: job) else { return nil }
    batches[index].isClosing = true
    return progress(of: job)
  }

  /// Removes a batch that no job came of.
  public mutating func discard(folder: String) {
    batches.removeAll { $0.folder == folder && $0.begun == 0 }
  }

  /// Finishes a request; nil when a crash has taken it. Returns what to tell and what begins.
  public mutating func finish(_ request: Request) -> (progress: JobProgress, begun: [Request])? {
    guard request.life == life, let position = inFlight.firstIndex(of: request.job),
      let index = batch(of: request.job)
    else { return nil }
    inFlight.remove(at: position)
    batches[index].completed += 1
    let begun = feed()
    return progress(of: request.job).map { ($0, begun) }
  }

  /// Loses everything in flight; the lines on disk stay.
  public mutating func crash() {
    life += 1
    crashes += 1
    feeding = nil
    inFlight = []
    folders = []
  }

  private mutating func feed() -> [Request] {
    guard let job = feeding, let index = batch(of: job) else { return [] }
    var begun: [Request] = []
    while inFlight.count < slots {
      let open = inFlight.count { $0 == job }
      guard batches[index].completed + open < batches[index].requests else {
        if open == 0 { feeding = nil }
        break
      }
      inFlight.append(job)
      batches[index].begun += 1
      begun.append(Request(job: job, life: life))
    }
    return begun
  }

  private func batch(of job: JobNumber) -> Int? {
    guard let folder = folders.first(where: { $0.job == job })?.folder else { return nil }
    return batches.firstIndex { $0.folder == folder }
  }

  private func progress(of job: JobNumber) -> JobProgress? {
    guard let index = batch(of: job) else { return nil }
    let open = inFlight.count { $0 == job }
    return JobProgress(
      job: job, completed: batches[index].completed, failed: 0, inFlight: open,
      completionTokens: 0, feeding: feeding == job,
      isClosed: batches[index].isClosing && open == 0)
  }
}
