import Glibc

/// A terminal line: opened raw at a speed, or standard input and output as they are.
final class Terminal {
  /// The speeds that a console may have, in baud.
  static let speeds: [(baud: Int, code: speed_t)] = [
    (9600, speed_t(B9600)), (19_200, speed_t(B19200)), (38_400, speed_t(B38400)),
    (57_600, speed_t(B57600)), (115_200, speed_t(B115200)),
  ]

  let input: Int32
  let output: Int32
  /// Whether a person types here; a pipe gets neither prompt nor echo.
  let isInteractive: Bool
  private var saved: termios?
  private let ownsDescriptor: Bool

  /// Opens the line at `path` raw, 8 bits, no parity, no flow control.
  init(path: String, baud: Int) throws(LinkError) {
    guard let speed = Self.speeds.first(where: { $0.baud == baud }) else {
      let known = Self.speeds.map { "\($0.baud)" }.joined(separator: ", ")
      throw LinkError(.invalid, "--baud \(baud) is none of \(known)")
    }
    let descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw LinkError(
        .system, "can't open the terminal \(path): \(systemErrorText()). See who may: ls -l")
    }
    // Opened without waiting for a carrier; from here on reads wait.
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    var mode = termios()
    guard tcgetattr(descriptor, &mode) == 0 else {
      let reason = systemErrorText()
      close(descriptor)
      throw LinkError(.invalid, "\(path) is no terminal: \(reason)")
    }
    let original = mode
    cfmakeraw(&mode)
    mode.c_cflag |= tcflag_t(CLOCAL | CREAD)
    mode.c_cflag &= ~(tcflag_t(CRTSCTS))
    cfsetispeed(&mode, speed.code)
    cfsetospeed(&mode, speed.code)
    guard tcsetattr(descriptor, TCSANOW, &mode) == 0 else {
      let reason = systemErrorText()
      close(descriptor)
      throw LinkError(.system, "can't set \(path) to \(baud) baud: \(reason)")
    }
    input = descriptor
    output = descriptor
    isInteractive = true
    saved = original
    ownsDescriptor = true
  }

  /// Standard input and output.
  init() {
    input = 0
    output = 1
    ownsDescriptor = false
    isInteractive = isatty(0) == 1
    var mode = termios()
    guard isInteractive, tcgetattr(0, &mode) == 0 else { return }
    saved = mode
    cfmakeraw(&mode)
    tcsetattr(0, TCSANOW, &mode)
  }

  deinit {
    // What was written still leaves at the old speed; a person's shell finds its terminal again.
    if var saved { tcsetattr(input, TCSADRAIN, &saved) }
    if ownsDescriptor { close(input) }
  }

  /// Nil at the end: the line was hung up or the input is over.
  func read() -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = uninterrupted { Glibc.read(input, &buffer, buffer.count) }
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// False when the line takes nothing any more.
  func write(_ bytes: [UInt8]) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        uninterrupted {
          Glibc.write(output, buffer.baseAddress?.advanced(by: offset), bytes.count - offset)
        }
      }
      guard count > 0 else { return false }
      offset += count
    }
    return true
  }
}
