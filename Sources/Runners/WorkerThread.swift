import Glibc

/// One operating-system thread that runs one closure, for C libraries that block.
final class WorkerThread: Sendable {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private let thread: pthread_t

  /// Starts the thread; `name` says in an error what it was for.
  init(name: String, _ body: @escaping @Sendable () -> Void) throws(RunnerError) {
    let work = Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw RunnerError(.system, "no thread for \(name): \(SystemText.error(code))")
    }
    self.thread = thread
  }

  /// Waits until the closure has returned; call it once.
  func join() { pthread_join(thread, nil) }
}
