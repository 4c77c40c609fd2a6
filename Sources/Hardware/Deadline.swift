import Glibc
import Quantities

/// A moment on the machine's steady clock, to wait for.
struct Deadline {
  private let nanoseconds: Int64

  init(after span: TimeSpan, microseconds: Int = 0) {
    nanoseconds = Self.now + span.milliseconds * 1_000_000 + Int64(microseconds) * 1000
  }

  /// Nanoseconds since some fixed moment.
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// What is left, rounded up to whole milliseconds, as `poll` wants it; 0 when it has passed.
  var milliseconds: Int32 {
    let left = max(nanoseconds - Self.now, 0)
    return Int32(clamping: (left + 999_999) / 1_000_000)
  }

  /// Sleeps until then; signals don't cut it short.
  func wait() {
    while true {
      let left = nanoseconds - Self.now
      guard left > 0 else { return }
      // Less than a second at a time is what usleep promises.
      usleep(UInt32(min((left + 999) / 1000, 900_000)))
    }
  }

  /// Waits until `descriptor` can be read; false when the deadline comes first.
  func waitToRead(_ descriptor: Int32) -> Bool {
    while true {
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wait, 1, milliseconds)
      if ready > 0 { return true }
      if ready < 0, errno == EINTR { continue }
      return false
    }
  }
}
