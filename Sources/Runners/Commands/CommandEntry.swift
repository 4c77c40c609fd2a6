import Planning

/// One command that was begun: what is wanted of it, and what its process' words mean for its job.
struct CommandEntry {
  /// What is wanted of it.
  enum Wish: Hashable { case run, stand, end, leave }

  /// What is to be done about an event.
  enum Answer {
    case nothing
    case running(JobNumber)
    case standing(JobNumber)
    case freeze(EngineProcess)
    case stop(EngineProcess)
    /// It has done its work; no job where none has asked for it since the node started.
    case done(JobNumber?)
    /// It was taken back.
    case closed(JobNumber)
    /// It can't go on; `isOver` where its process is gone.
    case held(JobNumber?, reason: String, isOver: Bool)
  }

  let process: EngineProcess
  var wish: Wish
  var job: JobNumber?
  /// Whether it runs or stands, as far as was told.
  private(set) var isUp = false
  /// Why it was stopped though it should have stood.
  private var trouble: String?

  /// Of a command that is to run for a job, or to stand while none has asked for it.
  init(process: EngineProcess, job: JobNumber?) {
    self.process = process
    self.job = job
    wish = job == nil ? .stand : .run
  }

  mutating func take(_ event: EngineProcess.Event) -> Answer {
    switch event {
    case .started, .thawed:
      isUp = true
      switch wish {
      case .run: return job.map { .running($0) } ?? .nothing
      // Found running in a later life of the node.
      case .stand: return .freeze(process)
      case .end, .leave: return .nothing
      }
    case .frozen:
      isUp = true
      return wish == .stand ? job.map { .standing($0) } ?? .nothing : .nothing
    case .ended(let reason, let isDone):
      // An earlier node's child was ended before this one's was started.
      guard isUp, wish != .leave else { return .nothing }
      isUp = false
      if isDone { return .done(job) }
      if wish == .end { return job.map { .closed($0) } ?? .done(nil) }
      return .held(job, reason: trouble ?? reason, isOver: true)
    case .failed(let reason): return fail(reason)
    }
  }

  private mutating func fail(_ reason: String) -> Answer {
    guard wish != .leave else { return .nothing }
    guard isUp else {
      guard wish == .end else { return .held(job, reason: reason, isOver: true) }
      return job.map { .closed($0) } ?? .done(nil)
    }
    // It draws what nobody wants drawn: rather its work is lost.
    if wish == .stand, trouble == nil {
      trouble = "it can't stand still and was stopped: \(reason)"
      return .stop(process)
    }
    return .held(job, reason: reason, isOver: false)
  }
}
