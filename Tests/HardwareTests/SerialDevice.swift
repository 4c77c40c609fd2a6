import Dispatch
import Glibc
import Hardware
import Synchronization

/// Devices at the far end of a pseudo-terminal, which say what a test wants, byte for byte.
final class SerialDevice: Sendable {
  /// Where the bus finds them.
  let path: String
  private let terminal: Int32
  private let keeper: Int32
  private let heard = Mutex<[ModbusRequest]>([])
  private let ending: Int32
  private let wake: Int32
  private let ended = DispatchSemaphore(value: 0)

  /// What they were asked so far.
  var requests: [ModbusRequest] { heard.withLock { $0 } }

  /// - Parameter script: what comes over the line after a request, the how manieth it is, from 0.
  init(_ script: @escaping @Sendable (ModbusRequest, Int) -> [UInt8]) throws {
    terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var unlock: Int32 = 0
    var number: Int32 = 0
    var ends: [Int32] = [-1, -1]
    // TIOCSPTLCK and TIOCGPTN, which are macros with types in them.
    guard terminal >= 0, ioctl(terminal, 0x4004_5431, &unlock) == 0,
      ioctl(terminal, 0x8004_5430, &number) == 0, pipe(&ends) == 0
    else { throw RudeServer.POSIXFailure(code: errno) }
    path = "/dev/pts/\(number)"
    // An open end keeps the line there between two openings of the bus; it must not echo.
    keeper = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var settings = termios()
    guard keeper >= 0, tcgetattr(keeper, &settings) == 0 else {
      throw RudeServer.POSIXFailure(code: errno)
    }
    cfmakeraw(&settings)
    tcsetattr(keeper, TCSANOW, &settings)
    _ = fcntl(terminal, F_SETFL, fcntl(terminal, F_GETFL) | O_NONBLOCK)
    (ending, wake) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    DispatchQueue(label: "serial device").async { [self] in
      serve(script)
      ended.signal()
    }
  }

  /// Says something that nobody asked for.
  func say(_ bytes: [UInt8]) { _ = write(terminal, bytes, bytes.count) }

  /// Pulls the plug.
  func stop() {
    var byte: UInt8 = 1
    _ = write(wake, &byte, 1)
    ended.wait()
    close(wake)
    close(ending)
    close(keeper)
    close(terminal)
  }

  private func serve(_ script: (ModbusRequest, Int) -> [UInt8]) {
    var stream: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1024)
    while true {
      var waits = [
        pollfd(fd: ending, events: Int16(POLLIN), revents: 0),
        pollfd(fd: terminal, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&waits, 2, -1) > 0, waits[0].revents == 0 else { return }
      let count = read(terminal, &buffer, buffer.count)
      guard count > 0 else { return }
      stream += buffer[..<count]
      while let request = Self.request(of: &stream) {
        let number = heard.withLock { heard in
          heard.append(request)
          return heard.count - 1
        }
        say(script(request, number))
      }
    }
  }

  private static func request(of stream: inout [UInt8]) -> ModbusRequest? {
    guard stream.count >= 8 else { return nil }
    let length = stream[1] == 16 ? 9 + Int(stream[6]) : 8
    guard stream.count >= length else { return nil }
    defer { stream.removeFirst(length) }
    return ModbusRequest(unit: stream[0], body: Array(stream[1..<(length - 2)]))
  }
}
