import Glibc

/// An outside tool that a test runs; ended with `stop()`.
final class ChildProcess {
  private let identifier: pid_t

  /// Nil when the tool isn't installed.
  init?(_ name: String, _ arguments: [String]) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor: Int32 in [0, 1, 2] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    // The threads of tasks block signals, and a child would inherit that: no SIGTERM would end it.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var words: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var identifier: pid_t = 0
    guard posix_spawnp(&identifier, name, &actions, &attributes, words, environ) == 0 else {
      return nil
    }
    self.identifier = identifier
  }

  /// Waits for a tool that ends by itself; its exit status.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
    return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
  }

  func stop() {
    kill(identifier, SIGTERM)
    _ = wait()
  }
}
