import Glibc

/// A port of this machine that is taken and refuses every connection, as long as it is held.
final class DeafPort: Sendable {
  let number: UInt16
  private let socket: Int32

  init?() {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.socket = socket
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        bind(socket, general, length) == 0 ? getsockname(socket, general, &length) : -1
      }
    }
    number = UInt16(bigEndian: address.sin_port)
    guard code == 0 else { return nil }
  }

  deinit { close(socket) }
}
