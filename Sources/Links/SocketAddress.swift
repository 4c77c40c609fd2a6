import Glibc

/// An address of the operating system, ready to be bound or dialled.
struct SocketAddress: Sendable {
  let storage: sockaddr_storage
  let length: socklen_t

  init(storage: sockaddr_storage, length: socklen_t) {
    self.storage = storage
    self.length = length
  }

  /// Looks `place` up; numbers at once, names through the C library, which may take seconds.
  static func resolve(_ place: HostPort, toListen: Bool) throws(LinkError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_NUMERICSERV | (toListen ? AI_PASSIVE : 0)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(place.host, String(place.port), &hints, &list)
    defer { if let list { freeaddrinfo(list) } }
    guard code == 0 else {
      throw LinkError(.unreachable, "\(place): \(String(cString: gai_strerror(code)))")
    }
    var result: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee, result.count < 8 {
      if let address = entry.ai_addr, Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) {
          $0.copyMemory(
            from: UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
        }
        result.append(SocketAddress(storage: storage, length: entry.ai_addrlen))
      }
      next = entry.ai_next
    }
    guard !result.isEmpty else { throw LinkError(.unreachable, "\(place): no address") }
    return result
  }

  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  var family: Int32 { Int32(storage.ss_family) }

  /// "127.0.0.1:7311".
  var text: String {
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let code = withPointer { pointer, length in
      getnameinfo(
        pointer, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
        NI_NUMERICHOST | NI_NUMERICSERV)
    }
    guard code == 0 else { return "unknown address" }
    func string(_ buffer: [CChar]) -> String {
      String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let name = string(host)
    return name.contains(":") ? "[\(name)]:\(string(port))" : "\(name):\(string(port))"
  }
}

/// A listening TCP socket; closed with the value that owns it.
enum ListeningSocket {
  /// Opens `place`; port 0 takes any free one. Returns the descriptor and the port it got.
  static func open(_ place: HostPort) throws(LinkError) -> (descriptor: Int32, port: UInt16) {
    let address = try SocketAddress.resolve(place, toListen: true)[0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.family, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      throw LinkError(.system, "can't open a socket for links: \(systemErrorText())")
    }
    var yes: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let bound = address.withPointer { bind(descriptor, $0, $1) }
    guard bound == 0, listen(descriptor, 32) == 0 else {
      let reason = systemErrorText()
      close(descriptor)
      throw LinkError(
        .system, "can't listen for neighbours on \(place): \(reason). Choose another address.")
    }
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(descriptor, $0, &length)
      }
    }
    let text = SocketAddress(storage: storage, length: length).text
    return (descriptor, HostPort(text)?.port ?? place.port)
  }
}
