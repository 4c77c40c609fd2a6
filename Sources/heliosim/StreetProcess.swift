import Glibc

/// A program that the street started: its own process group, its output in a log file.
struct StreetProcess {
  /// Above every descriptor that the street opens.
  private static let highestDescriptor: Int32 = 1024

  let identifier: pid_t

  /// Starts `executable`; nothing but the three standard descriptors is handed on.
  ///
  /// - Parameter environment: what comes before this program's own environment, `NAME=value`.
  static func start(
    _ executable: String, _ arguments: [String], input: Int32? = nil, output: Int32? = nil,
    log: String, environment: [String] = []
  ) throws(StreetError) -> StreetProcess {
    // Sockets and pipes are the street's alone: a node that held one would keep its port taken.
    for descriptor in 3..<highestDescriptor { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0o640)
    posix_spawn_file_actions_adddup2(&actions, output ?? 2, 1)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))

    var vector = ([executable] + arguments).map { strdup($0) }
    defer { vector.forEach { free($0) } }
    vector.append(nil)
    var variables = environment.map { strdup($0) }
    defer { variables.prefix(environment.count).forEach { free($0) } }
    var next = environ
    while let variable = next.pointee {
      variables.append(variable)
      next += 1
    }
    variables.append(nil)
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, executable, &actions, &attributes, vector, variables)
    guard code == 0 else {
      throw StreetError(
        "\(executable) can't be started: \(StreetSystem.errorText(code)). "
          + "Build it with `swift build -c release`, or name its folder with --bin.")
    }
    return StreetProcess(identifier: identifier)
  }

  /// Runs `executable` to its end and returns what it wrote to standard output, at most 64 KiB.
  static func output(
    of executable: String, _ arguments: [String], log: String
  ) throws(StreetError) -> String {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw StreetError("no pipe: \(StreetSystem.errorText())") }
    defer { close(ends[0]) }
    let process: StreetProcess
    do {
      process = try start(executable, arguments, output: ends[1], log: log)
    } catch {
      close(ends[1])
      throw error
    }
    close(ends[1])
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 65_536 {
      let count = read(ends[0], &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += buffer.prefix(count)
    }
    let ending = process.waitForEnd()
    guard ending == .exited(0) else {
      throw StreetError(
        "\(executable) \(arguments.joined(separator: " ")) \(ending.text): "
          + (StreetSystem.lastLine(of: log) ?? "see \(log)"))
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// How a program ended.
  enum Ending: Hashable {
    case exited(Int32)
    case killed(signal: Int32)

    init(status: Int32) {
      let signal = status & 0x7F
      self = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
    }

    var text: String {
      switch self {
      case .exited(let code): "ended with exit code \(code)"
      case .killed(let signal): "was ended by signal \(signal)"
      }
    }
  }

  /// How it ended; nil while it runs. Ask no more after it was told once.
  func ending() -> Ending? {
    var status: Int32 = 0
    return waitpid(identifier, &status, WNOHANG) == identifier ? Ending(status: status) : nil
  }

  /// Waits until it ends.
  @discardableResult func waitForEnd() -> Ending {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    return Ending(status: status)
  }

  /// Signals its whole process group.
  func signal(_ number: Int32) { kill(-identifier, number) }
}
