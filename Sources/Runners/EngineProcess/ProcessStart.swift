import Glibc

/// Starts programs without a shell.
enum ProcessStart {
  /// Where programs are looked for; never in a folder that somebody else's PATH names.
  private static let folders = ["/usr/local/bin", "/usr/bin", "/bin"]
  /// What the service manager gave to this process and to no other.
  private static let own = ["NOTIFY_SOCKET=", "WATCHDOG_", "LISTEN_", "INVOCATION_ID="]

  /// The path of a program that may be run: `name` itself if it is a path.
  static func find(_ name: String, root: String = "") -> String? {
    let paths = name.contains("/") ? [name] : folders.map { "\(root)\($0)/\(name)" }
    return paths.first { path in
      var status = stat()
      return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && access(path, X_OK) == 0
    }
  }

  /// Two ends of a stream, both closed in programs that are started.
  ///
  /// No pipe, because that can't be made close-on-exec in one step: a program that is started
  /// elsewhere in this moment would hold the end, and the output would seem to go on.
  static func stream() throws(RunnerError) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw RunnerError(.system, "no stream: \(SystemText.error(errno)); too many open files?")
    }
    return (ends[0], ends[1])
  }

  /// Starts the program at `path` in a process group of its own; both its outputs go to `output`.
  ///
  /// `marks` go before the rest of its environment. Signals are as they are by default, whatever
  /// this process does with its own.
  static func spawn(
    _ path: String, _ arguments: [String], output: Int32, marks: [String] = []
  ) throws(RunnerError) -> pid_t {
    keepDescriptors()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var usual = sigset_t()
    sigemptyset(&usual)
    for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var words = ([path] + arguments).map { strdup($0) }
    defer { words.forEach { free($0) } }
    words.append(nil)
    var setting = (marks + environment()).map { strdup($0) }
    defer { setting.forEach { free($0) } }
    setting.append(nil)
    var process: pid_t = 0
    var code = posix_spawn(&process, path, &actions, &attributes, words, setting)
    // A program that is being replaced at this moment is there again in the next.
    for _ in 0..<5 where code == ETXTBSY {
      usleep(20_000)
      code = posix_spawn(&process, path, &actions, &attributes, words, setting)
    }
    guard code == 0 else {
      throw RunnerError(.system, "\(path) can't be started: \(SystemText.error(code))")
    }
    return process
  }

  /// Closes what this process has open in those that it starts, whoever opened it: an engine that
  /// held a neighbour's link or the database's lock would hold it for as long as it runs.
  private static func keepDescriptors() {
    for name in Folder.names("/proc/self/fd") {
      if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }
  }

  /// This process' environment without what is for it alone.
  private static func environment() -> [String] {
    var entries: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if !own.contains(where: text.hasPrefix) { entries.append(text) }
      next += 1
    }
    return entries
  }
}
