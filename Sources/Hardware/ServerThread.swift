import Glibc
import Synchronization

/// The thread that a server's loop runs on, from its start to its one end.
final class ServerThread: Sendable {
  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let thread: Mutex<pthread_t?>
  private let end: @Sendable () -> Void

  /// Starts it.
  ///
  /// - Parameters:
  ///   - place: where the server is, for an error.
  ///   - end: makes `run` return; called once, by `stop`.
  init(
    at place: String, run: @escaping @Sendable () -> Void, end: @escaping @Sendable () -> Void
  ) throws(ModbusError) {
    self.end = end
    let work = Unmanaged.passRetained(Work(run))
    var started = pthread_t()
    let result = pthread_create(
      &started, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, work.toOpaque())
    thread = Mutex(result == 0 ? started : nil)
    guard result == 0 else {
      work.release()
      throw ModbusError(
        .unavailable, "no thread for the server at \(place): \(String(cString: strerror(result)))")
    }
  }

  /// Ends the loop and waits for its thread; a second call does nothing.
  func stop() {
    let running = thread.withLock { thread -> pthread_t? in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    end()
    pthread_join(running, nil)
  }
}
