import Glibc

/// A descriptor that wakes a thread from its poll.
final class Waker: Sendable {
  /// What the thread polls for reading.
  let descriptor: Int32
  private let writing: Int32

  init() throws(RunnerError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw RunnerError(.system, "no pipe: \(SystemText.error(errno)); too many open files?")
    }
    descriptor = ends[0]
    writing = ends[1]
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    close(descriptor)
    close(writing)
  }

  /// A full pipe wakes just as well, so the result doesn't matter.
  func wake() {
    var byte: UInt8 = 1
    _ = write(writing, &byte, 1)
  }

  /// Forgets what woke it.
  func clear() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(descriptor, &bytes, bytes.count) > 0 {}
  }
}
