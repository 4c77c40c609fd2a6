import Glibc
import Quantities

/// Tells systemd how the node is, by the protocol of sd_notify(3), without its library.
///
/// `WATCHDOG=1` is sent by the effect loop itself, so it stops when the loop stops turning.
public struct Watchdog: Sendable {
  private let socketPath: String?
  /// How often to say that the loop turns: half of what systemd waits; nil if it does not watch.
  public let interval: TimeSpan?

  /// Takes `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` as systemd sets them.
  public init(socketPath: String?, watchdogMicroseconds: Int64?, watchdogProcess: Int64?) {
    self.socketPath = socketPath
    let ours = watchdogProcess.map { $0 == Int64(getpid()) } ?? true
    interval = watchdogMicroseconds.flatMap { microseconds in
      socketPath != nil && ours && microseconds >= 2000
        ? TimeSpan(milliseconds: microseconds / 2000) : nil
    }
  }

  /// What the environment of this process asks for.
  public static func fromEnvironment() -> Watchdog {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    return Watchdog(
      socketPath: variable("NOTIFY_SOCKET"),
      watchdogMicroseconds: variable("WATCHDOG_USEC").flatMap { Int64($0) },
      watchdogProcess: variable("WATCHDOG_PID").flatMap { Int64($0) })
  }

  /// The node is up: units that wait for it may start.
  public func ready() { send("READY=1") }
  /// The effect loop turns.
  public func beat() { send("WATCHDOG=1") }
  /// The node was asked to end and is about it.
  public func stopping() { send("STOPPING=1") }
  /// One line for `systemctl status`.
  public func status(_ text: String) { send("STATUS=\(text.filter { !$0.isNewline })") }

  /// Sends one datagram; never waits, and a lost one is followed by the next.
  private func send(_ message: String) {
    guard let socketPath else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(socketPath.utf8)
    // A leading @ stands for the abstract name space: a zero byte there, none at the end.
    let abstract = path.first == UInt8(ascii: "@")
    if abstract { path[0] = 0 }
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
    let length = socklen_t(offset + path.count + (abstract ? 0 : 1))
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          descriptor, bytes, bytes.count, flags, $0, length)
      }
    }
  }
}
