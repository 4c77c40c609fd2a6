import Glibc

/// How a program ended.
enum ProcessEnding: Hashable {
  case exited(Int32)
  case killed(signal: Int32)

  init(status: Int32) {
    let signal = status & 0x7F
    self = signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
  }

  /// The ending of a child, and so the end of its number; nil while it runs.
  static func take(_ process: pid_t) -> ProcessEnding? {
    var status: Int32 = 0
    while true {
      let ended = waitpid(process, &status, WNOHANG)
      if ended == process { return ProcessEnding(status: status) }
      // Somebody else has waited for it: how it ended is lost.
      if ended < 0, errno == ECHILD { return .exited(0) }
      if ended == 0 || errno != EINTR { return nil }
    }
  }

  var text: String {
    switch self {
    case .exited(let code): "ended with exit code \(code)"
    case .killed(let signal): "was ended by signal \(signal)"
    }
  }
}
