import Glibc

/// A socket that takes connections from this machine only.
final class ListeningSocket: Sendable {
  let descriptor: Int32
  /// 0 for a Unix socket.
  let port: UInt16
  private let path: String?

  private static let backlog: Int32 = 64

  /// 127.0.0.1; port 0 takes any free one.
  init(port wanted: UInt16) throws(RunnerError) {
    let descriptor = try Self.make(AF_INET)
    var one: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = wanted.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        bind(descriptor, general, size) == 0 && listen(descriptor, Self.backlog) == 0
          && getsockname(descriptor, general, &size) == 0
      }
    }
    guard isBound else {
      let words = SystemText.error(errno)
      close(descriptor)
      throw RunnerError(.address, "can't listen on 127.0.0.1 port \(wanted): \(words)")
    }
    self.descriptor = descriptor
    port = UInt16(bigEndian: address.sin_port)
    path = nil
  }

  /// ::1, beside 127.0.0.1 of the same port.
  init(version6Port wanted: UInt16) throws(RunnerError) {
    let descriptor = try Self.make(AF_INET6)
    var one: Int32 = 1
    let size = socklen_t(MemoryLayout<Int32>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, size)
    setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &one, size)
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = wanted.bigEndian
    address.sin6_addr = in6addr_loopback
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        bind(descriptor, general, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
          && listen(descriptor, Self.backlog) == 0
      }
    }
    guard isBound else {
      close(descriptor)
      throw RunnerError(.address, "can't listen on ::1 port \(wanted)")
    }
    self.descriptor = descriptor
    port = wanted
    path = nil
  }

  /// A Unix socket of mode 0660; a socket that is there already is replaced.
  init(path: String) throws(RunnerError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard !bytes.isEmpty, bytes.count < room else {
      throw RunnerError(.address, "socket path \(path): expected 1 to \(room - 1) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = try Self.make(AF_UNIX)
    unlink(path)
    let isBound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        bind(descriptor, general, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
          && chmod(path, 0o660) == 0 && listen(descriptor, Self.backlog) == 0
      }
    }
    guard isBound else {
      let words = SystemText.error(errno)
      close(descriptor)
      throw RunnerError(.address, "can't listen on socket \(path): \(words)")
    }
    self.descriptor = descriptor
    port = 0
    self.path = path
  }

  deinit {
    close(descriptor)
    if let path { unlink(path) }
  }

  /// The next connection, not blocking; nil when there is none.
  func accept() -> Int32? {
    let accepted = Glibc.accept(descriptor, nil, nil)
    guard accepted >= 0 else { return nil }
    Self.prepare(accepted)
    return accepted
  }

  private static func make(_ family: Int32) throws(RunnerError) -> Int32 {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else {
      throw RunnerError(.system, "no socket: \(SystemText.error(errno))")
    }
    prepare(descriptor)
    return descriptor
  }

  private static func prepare(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }
}
