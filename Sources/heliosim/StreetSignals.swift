import Glibc

/// Ctrl-C and its like, taken at the one place where the street waits.
///
/// The signals are blocked in every thread and fetched by `wait`, so nothing is interrupted half
/// way and no handler touches shared state.
struct StreetSignals {
  private var set = sigset_t()

  /// Blocks the signals that end the street; to be called before any thread is started, since
  /// threads inherit what is blocked.
  init() {
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Waits at most `milliseconds` for a signal to end; nil when none came.
  mutating func wait(milliseconds: Int64) -> Int32? {
    var time = timespec()
    time.tv_sec = Int(milliseconds / 1000)
    time.tv_nsec = Int(milliseconds % 1000) * 1_000_000
    let number = sigtimedwait(&set, nil, &time)
    // SIGPIPE says nothing that the failed write did not say.
    return number > 0 && number != SIGPIPE ? number : nil
  }
}
