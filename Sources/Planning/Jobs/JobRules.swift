import Quantities

/// The limits and times that a job queue goes by.
public struct JobRules: Hashable, Sendable {
  /// A job needs this much more than its power to start.
  public var startMargin: Power
  /// It pauses when less than its power has been spare for this long…
  public var pauseAfter: TimeSpan
  /// …and it has run at least this long since it was started.
  public var minimumRun: TimeSpan
  /// It rests at least this long once surplus has paused it.
  public var minimumPause: TimeSpan
  /// An interruptible job pauses when surplus has been unknown for this long.
  public var unknownLimit: TimeSpan
  /// A job that has only this much more time than it still takes runs, sun or not.
  public var deadlineMargin: TimeSpan
  /// What a request is taken to last until the job has shown it.
  public var requestSpan: TimeSpan
  /// A running job's counts are stored at least this often; so much of them a crash may lose.
  public var saveInterval: TimeSpan
  /// The most unfinished jobs; more are refused.
  public var liveLimit: Int
  /// The most finished jobs remembered; the oldest are forgotten.
  public var doneLimit: Int

  public init(
    startMargin: Power = .zero, pauseAfter: TimeSpan = .minute,
    minimumRun: TimeSpan = TimeSpan(minutes: 2), minimumPause: TimeSpan = TimeSpan(minutes: 5),
    unknownLimit: TimeSpan = TimeSpan(minutes: 2),
    deadlineMargin: TimeSpan = TimeSpan(minutes: 10), requestSpan: TimeSpan = TimeSpan(seconds: 20),
    saveInterval: TimeSpan = TimeSpan(minutes: 5), liveLimit: Int = 200, doneLimit: Int = 50
  ) {
    self.startMargin = startMargin
    self.pauseAfter = pauseAfter
    self.minimumRun = minimumRun
    self.minimumPause = minimumPause
    self.unknownLimit = unknownLimit
    self.deadlineMargin = deadlineMargin
    self.requestSpan = requestSpan
    self.saveInterval = saveInterval
    self.liveLimit = liveLimit
    self.doneLimit = doneLimit
  }
}
