import Dispatch
import Glibc
import HeliographCore
import Planning
import Quantities
import Synchronization

/// Takes batch files that are dropped into a folder.
///
/// A file `x.jsonl` that nobody writes and that has not changed for two looks is taken: renamed
/// `.taking/<folder>.jsonl`, where `<folder>` is the name that its job's folder will have. That one
/// rename is what makes it ours, so nothing is taken twice, whenever the node dies: after a start,
/// a job of that folder exists or it doesn't. From there it goes to `taken/<job>-<folder>.jsonl`
/// once there is a job, to `refused/` with a `.txt` that says line and field where the file is bad,
/// and when the job has ended to `done/` as `<job>-x.input.jsonl`, with its results beside it as
/// `<job>-x.output.jsonl` and `<job>-x.errors.jsonl`.
///
/// Results are where `JOB n` says, as of any job; `done/` has a second name for them.
///
/// A file `x.json` beside it may hold options: an object of `watts`, `priority`, `value`, `fixed`
/// and `window` (`24h`, after which it is not wanted any more).
public final class WatchedFolder: Sendable {
  /// The most names that one look goes through, and the most files that are on their way at once.
  static let maximumNames = 1000
  static let maximumTaking = 8

  static let folders = [".taking", "taken", "refused", "done"]

  let path: String
  let jobsDirectory: String
  private let node: any BatchNode
  /// How often it is looked at, in real time.
  private let interval: TimeSpan
  private let queue = DispatchQueue(label: "watched folder")
  private let memory = Mutex(Memory())

  /// What is true of this run of the node only.
  private struct Memory {
    /// What a look saw of each file; taken when the next sees the same.
    var seen: [String: Mark] = [:]
    /// Folders handed to the node to be checked.
    var checking: Set<String> = []
    /// Folders put before the node's queue: never twice in one run.
    var submitted: Set<String> = []
    var isStopped = false
    var complaint: String?
  }

  struct Mark: Hashable {
    var inode: UInt64
    var bytes: Int64
    var changedSeconds: Int
    var changedNanoseconds: Int
  }

  /// Makes the folder and what belongs in it, and begins to look.
  public init(
    path: String, jobsDirectory: String, node: any BatchNode,
    interval: TimeSpan = TimeSpan(seconds: 5)
  ) throws(RunnerError) {
    self.interval = interval
    self.path = path
    self.jobsDirectory = jobsDirectory
    self.node = node
    if !Folder.exists(path) {
      try Folder.make(path)
      // Whoever belongs to the household's group may drop files.
      _ = chmod(path, 0o770)
    }
    for folder in Self.folders { try Folder.make(path + "/" + folder) }
    removeUntaken()
    later(.zero)
  }

  /// Looks no more.
  public func stop() { memory.withLock { $0.isStopped = true } }

  private func later(_ span: TimeSpan) {
    let time = DispatchTime.now() + .milliseconds(Int(span.milliseconds))
    queue.asyncAfter(deadline: time) { [weak self] in
      guard let self, !memory.withLock({ $0.isStopped }) else { return }
      look()
      later(interval)
    }
  }

  private func look() {
    do throws(RunnerError) {
      try takeNew()
      memory.withLock { $0.complaint = nil }
    } catch {
      complain(error.message)
    }
    let taking = Folder.names(in: path + "/.taking", atMost: Self.maximumNames)
      .filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(".jsonl".count)) }
    let taken = Folder.names(in: path + "/taken", atMost: Self.maximumNames)
    guard !taking.isEmpty || !taken.isEmpty else { return }
    _ = node.jobs { [weak self] reports in
      guard let self else { return }
      queue.async {
        for folder in taking { self.goOn(folder, reports) }
        for name in taken { self.finish(name, reports) }
      }
    }
  }

  /// Once for each reason.
  private func complain(_ message: String) {
    let isNew = memory.withLock { memory in
      defer { memory.complaint = message }
      return memory.complaint != message
    }
    if isNew { node.say("watched folder: \(message)") }
  }

  // MARK: Taking

  private func takeNew() throws(RunnerError) {
    let names = Folder.names(in: path, atMost: Self.maximumNames).filter {
      $0.hasSuffix(".jsonl") && !$0.hasPrefix(".")
    }
    let earlier = memory.withLock { $0.seen }
    var seen: [String: Mark] = [:]
    var room =
      Self.maximumTaking - Folder.names(in: path + "/.taking", atMost: Self.maximumNames).count
    for name in names {
      // A link could name any file that the node may read and others may not.
      guard let mark = Self.mark(of: path + "/" + name) else { continue }
      seen[name] = mark
      guard earlier[name] == mark, room > 0 else { continue }
      guard access(path + "/" + name, R_OK) == 0 else {
        complain("\(SystemText.printable(name, limit: 60)) can't be read: chmod 640 it")
        continue
      }
      guard !Self.isBeingWritten(path + "/" + name) else { continue }
      try take(name)
      seen[name] = nil
      room -= 1
    }
    memory.withLock { $0.seen = seen }
  }

  private func take(_ name: String) throws(RunnerError) {
    let folder = BatchStaging.folder(named: BatchStaging.name(from: name))
    let options = String(name.dropLast(".jsonl".count)) + ".json"
    if Self.mark(of: path + "/" + options) != nil {
      // A copy first, so that the options are there with the file or not at all.
      let bytes = Folder.read(path + "/" + options, atMost: DroppedOptions.maximumBytes)
      try Folder.replace("\(folder).json", with: bytes ?? [], in: path + "/.taking")
    }
    try move(name, to: ".taking/\(folder).jsonl")
    Folder.remove(path + "/" + options)
    // From here on nobody else can put a link in its place; whoever did so before is told.
    guard Self.mark(of: path + "/.taking/\(folder).jsonl") != nil else {
      return refuse(folder, "\(SystemText.printable(name, limit: 60)): links are not followed")
    }
  }

  /// What a crash left of a take: options whose file was not taken yet.
  private func removeUntaken() {
    let names = Folder.names(in: path + "/.taking", atMost: Self.maximumNames)
    for name in names where !name.hasSuffix(".jsonl") {
      if !names.contains(name + "l") { Folder.remove(path + "/.taking/" + name) }
    }
  }

  func move(_ name: String, to place: String) throws(RunnerError) {
    guard rename(path + "/" + name, path + "/" + place) == 0 else {
      throw AppendOnlyFile.failure("moved to \(place)", path + "/" + name)
    }
    try Folder.synchronise(path)
    if let slash = place.lastIndex(of: "/") {
      try Folder.synchronise(path + "/" + String(place[..<slash]))
    }
  }

  /// Whether a program has the file open for writing, as far as the system tells: it does of files
  /// of the node's own user. Of others, that they stay unchanged has to do.
  private static func isBeingWritten(_ path: String) -> Bool {
    // As <fcntl.h> has them for programs that ask for more than POSIX.
    let (setSignal, setLease) = (Int32(10), Int32(1024))
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // One that opens it this very moment makes the system send this signal, which does nothing.
    _ = fcntl(descriptor, setSignal, SIGURG)
    return fcntl(descriptor, setLease, Int32(F_RDLCK)) != 0 && errno == EAGAIN
  }

  /// What tells one state of a regular file from another; nil for anything else.
  private static func mark(of path: String) -> Mark? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Mark(
      inode: UInt64(status.st_ino), bytes: Int64(status.st_size),
      changedSeconds: Int(status.st_mtim.tv_sec),
      changedNanoseconds: Int(status.st_mtim.tv_nsec))
  }

  // MARK: Checking

  /// A taken file goes on: its job is there, or is asked for once in a run.
  private func goOn(_ folder: String, _ reports: [JobReport]) {
    if let job = reports.first(where: { $0.job.batch.folder == folder })?.job {
      return settle { () throws(RunnerError) in
        try self.move(".taking/\(folder).jsonl", to: "taken/\(job.number)-\(folder).jsonl")
        Folder.remove(self.path + "/.taking/\(folder).json")
      }
    }
    let isNew = memory.withLock { memory in
      !memory.submitted.contains(folder) && memory.checking.insert(folder).inserted
    }
    guard isNew else { return }
    // What a crash left there became no job.
    node.discard(folder: folder)
    do throws(RunnerError) {
      let wish = try DroppedOptions(path + "/.taking/\(folder).json")
      let terms = BatchTerms(
        deadline: wish.span.map { node.now() + $0 }, expires: wish.span != nil, folder: folder,
        name: "\(folder.dropLast(9)).jsonl")
      let request = wish.request(file: path + "/.taking/\(folder).jsonl")
      node.stage(request, terms: terms) { [weak self] result in
        guard let self else { return }
        queue.async { self.take(result, of: folder) }
      }
    } catch {
      refuse(folder, error.message)
    }
  }

  private func take(_ result: Result<StagedBatch, RunnerError>, of folder: String) {
    switch result {
    case .failure(let error) where error.code == .invalidBatch: refuse(folder, error.message)
    case .failure(let error):
      complain(error.message)
      // A full disk is no fuller for another try, but slower.
      queue.asyncAfter(deadline: .now() + .seconds(60)) { [weak self] in
        self?.memory.withLock { _ = $0.checking.remove(folder) }
      }
    case .success(let batch):
      memory.withLock { memory in
        memory.submitted.insert(folder)
        memory.checking.remove(folder)
      }
      let isTaken = node.submit(batch) { [weak self] words in
        guard let self else { return }
        queue.async { self.lookAfter(folder, words) }
      }
      if !isTaken { memory.withLock { _ = $0.submitted.remove(folder) } }
    }
  }

  /// The queue has answered: a job has the folder now, or it was refused.
  private func lookAfter(_ folder: String, _ words: String?) {
    _ = node.jobs { [weak self] reports in
      guard let self else { return }
      queue.async {
        self.goOn(folder, reports)
        let isThere = reports.contains { $0.job.batch.folder == folder }
        if let words, !isThere { self.refuse(folder, words) }
      }
    }
  }

  private func refuse(_ folder: String, _ reason: String) {
    memory.withLock { memory in
      memory.checking.remove(folder)
      memory.submitted.remove(folder)
    }
    node.say("watched folder: refused \(reason)")
    settle { () throws(RunnerError) in
      let text = Array((reason + "\n").utf8)
      try Folder.replace("\(folder).txt", with: text, in: self.path + "/refused")
      if Folder.exists(self.path + "/.taking/\(folder).json") {
        try self.move(".taking/\(folder).json", to: "refused/\(folder).json")
      }
      try self.move(".taking/\(folder).jsonl", to: "refused/\(folder).jsonl")
    }
  }

  /// What can't be done now is tried again at the next look.
  func settle(_ body: () throws(RunnerError) -> Void) {
    do throws(RunnerError) { try body() } catch { complain(error.message) }
  }
}
