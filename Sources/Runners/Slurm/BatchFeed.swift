import Glibc
import Planning
import Synchronization

/// Works through one staged folder against one engine and ends when it is done.
///
/// What a cluster's node runs for a job. The folder is locked, so that a run that Slurm believes
/// dead and the one after it never write the same files.
public final class BatchFeed: Sendable {
  /// How it came to its end.
  public enum Ending: Hashable, Sendable {
    /// Every request has its line.
    case done(JobProgress)
    /// It was asked to stop; requests in flight have ended. Nil: nothing had begun.
    case drained(JobProgress?)
    case failed(reason: String)
  }

  private struct State {
    package var progress: JobProgress?
    package var held: String?
    /// Why the engine is not there, and since when; nil while it is.
    package var away: (reason: String, since: Int64)?
    package var isDraining = false
  }

  /// There is one job here, whatever the node calls it.
  private static let job = JobNumber(1)
  private static let lookMilliseconds: Int32 = 200

  private let folder: String
  private let engine: InferenceEngine
  private let report: @Sendable (RunnerEvent) -> Void
  private let mailbox = Mailbox()
  private let waker: Waker
  /// Wakes whoever waits in `run`.
  private let news: Waker
  private let state = Mutex(State())

  /// `folder` is the path of a staged job; `report` hears what happens, on the feed's thread.
  public init(
    folder: String, engine: InferenceEngine, report: @escaping @Sendable (RunnerEvent) -> Void
  ) throws(RunnerError) {
    var path = folder[...]
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.folder = path.contains("/") ? String(path) : "./" + path
    self.engine = engine
    self.report = report
    waker = try Waker()
    news = try Waker()
  }

  /// Lets requests in flight end and feeds no more; from any thread.
  public func drain() {
    state.withLock { state in
      state.isDraining = true
      // A wish to pause would take the place of one to start that is not taken yet.
      if state.progress != nil { mailbox.put(.pause(.cut), for: Self.job) }
    }
    waker.wake()
    news.wake()
  }

  /// Works until the batch is done, `drain` was called or it can't go on.
  ///
  /// Blocks the calling thread. It waits at most `patienceMilliseconds` for an earlier run to let
  /// go of the folder, and as long for an engine that is not there, at its beginning or later.
  public func run(patienceMilliseconds: Int64) -> Ending {
    do throws(RunnerError) {
      guard let lock = try lock(within: patienceMilliseconds) else { return .drained(nil) }
      defer { close(lock) }
      let parts = folder.split(separator: "/", omittingEmptySubsequences: false)
      let name = parts.last.map(String.init) ?? ""
      let directory = parts.dropLast().joined(separator: "/")
      mailbox.put(.start(folder: name), for: Self.job)
      let thread = try WorkerThread(name: "feed") { [self] in
        FeedLoop(
          engine: engine, jobsDirectory: directory, mailbox: mailbox, waker: waker,
          handler: { [self] in hear($0) }
        )?.run()
      }
      defer {
        if mailbox.stop() { waker.wake() }
        thread.join()
      }
      return ending(patienceMilliseconds)
    } catch {
      return .failed(reason: error.message)
    }
  }

  /// The locked batch file; nil when asked to stop before it was free.
  private func lock(within milliseconds: Int64) throws(RunnerError) -> Int32? {
    let path = folder + "/input.jsonl"
    // For writing, as network file systems lock nothing else.
    let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { throw AppendOnlyFile.failure("opened", path) }
    let end = SystemText.monotonicMilliseconds() + milliseconds
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      let isDraining = state.withLock { $0.isDraining }
      guard !isDraining, SystemText.monotonicMilliseconds() < end else {
        close(file)
        if isDraining { return nil }
        throw RunnerError(.storage, "\(folder): another run still works on it")
      }
      wait()
    }
    return file
  }

  private func ending(_ patience: Int64) -> Ending {
    while true {
      let now = SystemText.monotonicMilliseconds()
      let ending = state.withLock { state -> Ending? in
        if let held = state.held { return .failed(reason: held) }
        if let progress = state.progress, !progress.feeding, progress.inFlight == 0 {
          if Folder.exists(folder + "/output.jsonl") { return .done(progress) }
          if state.isDraining { return .drained(progress) }
        }
        guard let away = state.away, now - away.since >= patience else { return nil }
        return .failed(reason: away.reason)
      }
      if let ending { return ending }
      wait()
    }
  }

  private func wait() {
    var wait = pollfd(fd: news.descriptor, events: Int16(POLLIN), revents: 0)
    if poll(&wait, 1, Self.lookMilliseconds) > 0 { news.clear() }
  }

  private func hear(_ event: RunnerEvent) {
    state.withLock { state in
      switch event {
      case .progress(let progress):
        if state.progress == nil, state.isDraining {
          mailbox.put(.pause(.cut), for: Self.job)
          waker.wake()
        }
        state.progress = progress
      case .held(_, let reason): state.held = reason
      case .engine(.unavailable(let reason)):
        state.away = (reason, SystemText.monotonicMilliseconds())
      case .engine: state.away = nil
      case .unloaded: break
      }
    }
    report(event)
    news.wake()
  }
}
