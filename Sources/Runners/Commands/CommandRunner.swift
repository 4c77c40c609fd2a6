import Dispatch
import Glibc
import Planning
import Quantities
import Synchronization
import Texting

/// Runs the owner's commands as jobs: started with the sun, standing still without it.
///
/// Each job has a folder of its own below the jobs folder. `command` in it names the command;
/// `begun` is there from before its start until its end, so that a node that was killed finds again
/// what still runs, and lets it stand until its queue decides.
package final class CommandRunner: JobRunner {
  static let nameFile = "command"
  static let begunFile = "begun"
  /// The log of a child lies beside them, as `command.log`.
  static let processName = "command"

  let commands: [OwnerCommand]
  let jobsDirectory: String
  private let limits: EngineProcessLimits
  private let root: String
  private let handler: @Sendable (RunnerEvent) -> Void
  /// Of each folder whose command was begun.
  let entries = Mutex<[String: CommandEntry]>([:])
  /// Whether the node is about to end.
  private let isLeaving = Mutex(false)
  /// Waits for threads that have ended: nobody may do that on the thread itself.
  private let retiring = DispatchQueue(label: "ended commands", attributes: .concurrent)

  /// - Parameters:
  ///   - root: stands before the paths of systemctl and control groups; empty on a real machine.
  ///   - handler: called on any thread; it must not block.
  package init(
    _ commands: [OwnerCommand], jobsDirectory: String,
    limits: EngineProcessLimits = EngineProcessLimits(), root: String = "",
    handler: @escaping @Sendable (RunnerEvent) -> Void
  ) throws(RunnerError) {
    self.commands = commands
    self.jobsDirectory = jobsDirectory
    self.limits = limits
    self.root = root
    self.handler = handler
    try Folder.make(jobsDirectory)
    for folder in Folder.names(in: jobsDirectory, atMost: Self.maximumFolders)
    where Folder.exists("\(jobsDirectory)/\(folder)/\(Self.begunFile)") {
      adopt(folder)
    }
  }

  /// The most folders that are looked through for commands that an earlier node has begun.
  private static let maximumFolders = 100_000

  /// Whether a folder is one of a command's job.
  func holds(folder: String) -> Bool {
    Folder.exists("\(jobsDirectory)/\(folder)/\(Self.nameFile)")
  }

  /// Whether a job's command was begun and has not ended.
  func runs(_ job: JobNumber) -> Bool {
    entries.withLock { $0.values.contains { $0.job == job } }
  }

  func command(_ name: String) -> OwnerCommand? { commands.first { $0.name == name } }

  // MARK: orders

  package func stage(
    _ request: BatchRequest, power: Power, terms: BatchTerms
  ) throws(RunnerError) -> StagedBatch {
    guard let command = command(request.file) else {
      throw RunnerError(.invalidBatch, "\(request.file) is no command of the configuration")
    }
    guard request.model == nil else {
      throw RunnerError(.invalidBatch, "\(command.name) is a command: MODEL is for batch files")
    }
    let folder = terms.folder ?? BatchStaging.folder(named: command.name)
    try Folder.make(jobsDirectory + "/" + folder, mustBeNew: true)
    try Folder.replace(
      Self.nameFile, with: Array(command.name.utf8), in: jobsDirectory + "/" + folder)
    try Folder.synchronise(jobsDirectory)
    let log: String =
      switch command.kind {
      case .unit(let unit): "journalctl -u \(unit.split(separator: ".").first ?? "")"
      case .command: "\(folder)/\(Self.processName).log in the jobs folder"
      }
    return StagedBatch(
      folder: folder, name: command.name, model: "", requests: 1,
      power: request.power ?? command.power, deadline: terms.deadline, expires: terms.expires,
      priority: request.priority, value: request.value, interruptible: request.interruptible,
      after: request.after,
      command: CommandWork(name: command.name, span: command.span, log: log))
  }

  package func prepare(job: JobNumber, folder: String, power: Power) {}

  package func start(job: JobNumber, folder: String) {
    do throws(RunnerError) {
      guard !isLeaving.withLock({ $0 }) else { return tell(job, running: false) }
      let (process, isUp) = try begin(folder, for: job)
      let runs = isUp && process.state == .running
      process.start()
      if runs { tell(job, running: true) }
    } catch {
      handler(.held(job, reason: error.message))
    }
  }

  /// Lets it stand, however long: what it has done stays done.
  package func pause(job: JobNumber, _ kind: PauseKind) {
    guard !isLeaving.withLock({ $0 }) else { return tell(job, running: false) }
    let process = entries.withLock { entries -> EngineProcess? in
      guard let folder = entries.first(where: { $1.job == job })?.key else { return nil }
      entries[folder]?.wish = .stand
      return entries[folder]?.process
    }
    guard let process, process.state != .frozen else { return tell(job, running: false) }
    process.freeze()
  }

  /// Ends it, if it was begun.
  package func close(job: JobNumber, folder: String, _ ending: JobEnding) {
    let process = entries.withLock { entries -> EngineProcess? in
      entries[folder]?.job = job
      entries[folder]?.wish = .end
      return entries[folder]?.process
    }
    guard let process else { return tell(job, running: false, isClosed: true) }
    process.stop()
    // What is not running by now will not say that it has ended.
    retiring.async { [self] in
      waitForEnd(of: [process])
      guard process.state == .stopped else {
        return handler(.held(job, reason: "it can't be stopped: CANCEL \(job) tries again"))
      }
      retire(folder)
      tell(job, running: false, isClosed: true)
    }
  }

  package func discard(folder: String) {
    guard !folder.contains("/"), !folder.hasPrefix("."), holds(folder: folder),
      entries.withLock({ $0[folder] == nil })
    else { return }
    let path = jobsDirectory + "/" + folder
    for name in [Self.nameFile, Self.begunFile] { unlink(path + "/" + name) }
    rmdir(path)
  }

  package func look() {}

  package func unload() {}

  /// Begins to end every command, none of which has done its work then.
  package func leave() {
    isLeaving.withLock { $0 = true }
    let processes = entries.withLock { entries -> [EngineProcess] in
      for folder in entries.keys { entries[folder]?.wish = .leave }
      return entries.values.map(\.process)
    }
    for process in processes { process.stop() }
  }

  /// Ends every command: without the node nobody would let it stand when the sun is gone.
  package func stop() {
    leave()
    let processes = entries.withLock { $0.values.map(\.process) }
    waitForEnd(of: processes)
    for process in processes { process.close() }
    entries.withLock { $0 = [:] }
  }

  // MARK: processes

  private func waitForEnd(of processes: [EngineProcess]) {
    let end =
      SystemText.monotonicMilliseconds() + limits.startMilliseconds + limits.unitStopMilliseconds
    while processes.contains(where: { $0.state != .stopped }),
      SystemText.monotonicMilliseconds() < end
    {
      usleep(5_000)
    }
  }

  /// The process of a folder's command, wanted to run for a job or else to stand, and whether it is
  /// up; made if it is not there. `begun` is on disk by then.
  private func begin(
    _ folder: String, for job: JobNumber?
  ) throws(RunnerError) -> (EngineProcess, isUp: Bool) {
    let known = entries.withLock { entries -> (EngineProcess, isUp: Bool)? in
      guard let entry = entries[folder] else { return nil }
      entries[folder]?.job = job
      entries[folder]?.wish = job == nil ? .stand : .run
      return (entry.process, entry.isUp)
    }
    if let known { return known }
    let path = jobsDirectory + "/" + folder
    let name = Folder.read("\(path)/\(Self.nameFile)", atMost: 64) ?? []
    let text = SystemText.printable(String(decoding: name, as: UTF8.self), limit: 64)
    guard let command = command(text) else {
      throw RunnerError(.invalidBatch, "the configuration knows no command \"\(text)\" any more")
    }
    try Folder.replace(Self.begunFile, with: [], in: path)
    return try entries.withLock { entries throws(RunnerError) in
      let process = try EngineProcess(
        command.kind, directory: path, name: Self.processName, limits: limits, root: root
      ) { [weak self] event in
        self?.take(event, of: folder)
      }
      entries[folder] = CommandEntry(process: process, job: job)
      return (process, false)
    }
  }

  /// What an earlier node began and perhaps still runs stands until a queue says go on.
  private func adopt(_ folder: String) {
    // Of one that is not in the configuration any more nothing can be told.
    _ = try? begin(folder, for: nil)
  }

  private func tell(_ job: JobNumber, running: Bool, isClosed: Bool = false) {
    handler(
      .progress(
        JobProgress(
          job: job, completed: 0, failed: 0, inFlight: running ? 1 : 0, completionTokens: 0,
          feeding: running, isClosed: isClosed)))
  }

  private func take(_ event: EngineProcess.Event, of folder: String) {
    let answer = entries.withLock { entries -> CommandEntry.Answer in
      entries[folder]?.take(event) ?? .nothing
    }
    switch answer {
    case .nothing: return
    case .running(let job): tell(job, running: true)
    case .standing(let job): tell(job, running: false)
    case .freeze(let process): process.freeze()
    case .stop(let process): process.stop()
    case .done(let job):
      retire(folder)
      guard let job else { return }
      handler(
        .progress(
          JobProgress(
            job: job, completed: 1, failed: 0, inFlight: 0, completionTokens: 0, feeding: false,
            isClosed: true)))
    case .closed(let job):
      retire(folder)
      tell(job, running: false, isClosed: true)
    case .held(let job, let reason, let isOver):
      if isOver { retire(folder) }
      if let job { handler(.held(job, reason: reason)) }
    }
  }

  /// Forgets a command that has ended.
  private func retire(_ folder: String) {
    let process = entries.withLock { $0.removeValue(forKey: folder)?.process }
    Folder.remove("\(jobsDirectory)/\(folder)/\(Self.begunFile)")
    guard let process else { return }
    retiring.async { process.close() }
  }
}
