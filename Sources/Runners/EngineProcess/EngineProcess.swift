/// An inference engine as a process: a unit of systemd, or a child of this program.
///
/// Orders return at once; a thread of its own brings the engine to where the last of them wants it,
/// and tells the handler what became of it. An engine that ends is not started again: whether the
/// sun is worth another start the agent decides.
///
/// A unit is what a household should use: it is sandboxed and outlives this program's faults. A
/// child has this program's own rights and limits, so it is for trying things out by hand.
public final class EngineProcess: Sendable {
  /// How the engine is started.
  public enum Kind: Hashable, Sendable {
    /// By its unit, such as `heliograph-engine@llama.service`.
    case unit(String)
    /// As a child, by a program (its path, or a name from /usr/local/bin, /usr/bin or /bin) and its
    /// arguments; no shell reads them.
    case command([String])
  }

  public enum State: String, Hashable, Sendable {
    /// A unit that systemd has not been asked about yet.
    case unknown
    case stopped, starting, running, freezing, frozen, thawing, stopping
  }

  public enum Event: Hashable, Sendable {
    /// It runs, or was found running; whether it answers is another question (`EngineState`).
    case started
    /// Every thread of it stands. What it holds, memory of the graphics card too, stays held.
    case frozen
    case thawed
    /// It runs no more, as told or by itself; `isDone` where it has ended by itself and well, which
    /// of an owner's command says that its work is done.
    case ended(reason: String, isDone: Bool)
    /// An order could not be carried out; the state says where that left it.
    case failed(reason: String)
  }

  public let kind: Kind
  private let desk: EngineDesk
  private let waker: Waker
  private let thread: WorkerThread

  /// Starts the thread, which ends what an earlier node has left running in `directory` and looks
  /// whether the unit runs already.
  ///
  /// - Parameters:
  ///   - directory: where a child's log and record lie, `<name>.log` and `<name>.process`; made if
  ///     it is not there.
  ///   - root: stands before the paths of systemctl and control groups; empty on a real machine.
  ///   - handler: called on the engine's thread, in order; it must not block and must not call
  ///     `close`.
  public init(
    _ kind: Kind, directory: String, name: String = "engine",
    limits: EngineProcessLimits = EngineProcessLimits(), root: String = "",
    handler: @escaping @Sendable (Event) -> Void
  ) throws(RunnerError) {
    try Folder.make(directory)
    let desk = EngineDesk()
    let waker = try Waker()
    self.kind = kind
    self.desk = desk
    self.waker = waker
    thread = try WorkerThread(name: "the engine's process") {
      EngineLoop(
        kind: kind, place: ChildPlace(directory: directory, name: name), limits: limits, root: root,
        desk: desk, waker: waker, handler: handler
      ).run()
    }
  }

  deinit { close() }

  public var state: State { desk.state }

  /// Starts it; one that runs is left running, one that stands goes on.
  public func start() { order(.running) }

  /// Ends it: a child by SIGTERM and, after its time, SIGKILL to its whole group.
  public func stop() { order(.stopped) }

  /// Lets it stand still, for seconds of cloud; nothing unless it is to run.
  public func freeze() { order(.frozen, from: .running) }

  /// Lets it go on; nothing unless it is to stand.
  public func thaw() { order(.running, from: .frozen) }

  /// Ends the thread, and a child with it; a unit is left as it is. Waits for that.
  public func close() {
    guard desk.close() else { return }
    waker.wake()
    thread.join()
  }

  private func order(_ goal: EngineDesk.Goal, from earlier: EngineDesk.Goal? = nil) {
    desk.order(goal, from: earlier)
    waker.wake()
  }
}
