import Glibc

/// One run of another program: bounded in time and output, without a shell.
struct ProgramRun {
  enum Failure: Error, Hashable {
    /// It can't be started.
    case notStarted(String)
    /// It did not end in time, or said more than it may; it was killed.
    case broken(String)
    /// The caller gave it up.
    case givenUp
  }

  /// The most bytes that are taken of what it says.
  static let maximumBytes = 4 << 20

  /// The exit status; 128 and the signal's number where one ended it.
  let status: Int32
  let output: String
  let complaint: String

  var isGood: Bool { status == 0 }

  /// Runs `path` to its end, with no more of an environment than `environment`.
  ///
  /// Blocks the calling thread; it is killed after `milliseconds` or once `isGivenUp` says so.
  init(
    _ path: String, _ arguments: [String], environment: [String], within milliseconds: Int64,
    isGivenUp: () -> Bool
  ) throws(Failure) {
    let output = try Channel()
    let complaint = try Channel()
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // This thread may have signals blocked or ignored: the program is to hear its own.
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    // A group of its own, so that what it started in turn ends with it.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.far, 1)
    posix_spawn_file_actions_adddup2(&actions, complaint.far, 2)
    var words = ([path] + arguments).map { strdup($0) }
    var variables = environment.map { strdup($0) }
    defer { for word in words + variables { free(word) } }
    words.append(nil)
    variables.append(nil)
    var process: pid_t = 0
    let code = posix_spawn(&process, path, &actions, &attributes, words, variables)
    output.closeFar()
    complaint.closeFar()
    guard code == 0 else {
      throw .notStarted("\(path) can't be run: \(SystemText.error(code))")
    }
    let end = SystemText.monotonicMilliseconds() + milliseconds
    var failure: Failure?
    while failure == nil, output.isOpen || complaint.isOpen {
      failure = Self.wait(for: [output, complaint], until: end, isGivenUp: isGivenUp)
    }
    var code32: Int32 = 0
    // It may close its output and go on: it has the rest of its time to end by itself.
    while failure == nil, waitpid(process, &code32, WNOHANG) == 0 {
      if SystemText.monotonicMilliseconds() >= end { failure = .broken("did not end in time") }
      usleep(2000)
    }
    if let failure {
      kill(-process, SIGKILL)
      while waitpid(process, &code32, 0) < 0, errno == EINTR {}
      throw failure
    }
    let signal = code32 & 0x7F
    status = signal == 0 ? code32 >> 8 & 0xFF : 128 + signal
    self.output = output.text
    self.complaint = complaint.text
  }

  private static func wait(
    for channels: [Channel], until end: Int64, isGivenUp: () -> Bool
  ) -> Failure? {
    if isGivenUp() { return .givenUp }
    let left = end - SystemText.monotonicMilliseconds()
    guard left > 0 else { return .broken("did not answer in time") }
    let open = channels.filter(\.isOpen)
    var polls = open.map { pollfd(fd: $0.near, events: Int16(POLLIN), revents: 0) }
    // Short, to hear soon that nobody waits any more.
    guard poll(&polls, nfds_t(polls.count), Int32(min(left, 50))) > 0 else { return nil }
    for (channel, poll) in zip(open, polls) where poll.revents != 0 {
      guard channel.take(atMost: maximumBytes) else { return .broken("said too much") }
    }
    return nil
  }

  /// One of the program's two outputs.
  private final class Channel {
    private(set) var near: Int32
    private(set) var far: Int32
    private(set) var isOpen = true
    private var bytes: [UInt8] = []

    /// No pipe, because that can't be made close-on-exec in one step: a program that is started
    /// elsewhere in this moment would hold the end, and the output would seem to go on.
    init() throws(Failure) {
      var ends: [Int32] = [-1, -1]
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
      guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
        throw .notStarted("no socket for a program: \(SystemText.error(errno))")
      }
      near = ends[0]
      far = ends[1]
    }

    deinit {
      close(near)
      closeFar()
    }

    func closeFar() {
      if far >= 0 { close(far) }
      far = -1
    }

    /// Takes what is there; false when it is more than may be.
    func take(atMost limit: Int) -> Bool {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = read(near, &buffer, buffer.count)
      if count < 0, errno == EINTR { return true }
      guard count > 0 else {
        isOpen = false
        return true
      }
      bytes += buffer.prefix(count)
      return bytes.count <= limit
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
  }
}
