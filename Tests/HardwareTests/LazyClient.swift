import Glibc
import Hardware

/// A client that asks and takes no answer unless it is told to.
final class LazyClient: Sendable {
  private let socket: Int32

  init(port: UInt16) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let socket = socket
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw RudeServer.POSIXFailure(code: errno) }
  }

  /// Sends until nothing more is taken.
  func askUntilFull(_ request: ModbusRequest) {
    let frames = (0..<64).flatMap { _ in request.frame(request.body) }
    while send(socket, frames, frames.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) > 0 {}
  }

  /// Sends one request.
  func ask(_ request: ModbusRequest) {
    let frame = request.frame(request.body)
    _ = send(socket, frame, frame.count, Int32(MSG_NOSIGNAL))
  }

  /// What comes back, waited for.
  func answer() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = recv(socket, &bytes, bytes.count, 0)
    return Array(bytes.prefix(max(0, count)))
  }

  func close() { Glibc.close(socket) }
}
