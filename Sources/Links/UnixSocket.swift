import Glibc

/// What the control socket's two ends share.
enum UnixSocket {
  enum Line {
    case line(String)
    case tooLong
    /// The other end closed, or was too slow.
    case none
  }

  /// Makes a socket and binds or connects it at `path`.
  static func open(
    path: String, _ attach: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(LinkError) -> Int32 {
    var address = sockaddr_un()
    let room = MemoryLayout.size(ofValue: address.sun_path)
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < room, !bytes.contains(0) else {
      throw LinkError(
        .invalid,
        "\(path): a socket's path has 1 to \(room - 1) bytes. Choose a shorter data directory.")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else {
      throw LinkError(.system, "can't open a socket: \(systemErrorText())")
    }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        attach(descriptor, $0, length)
      }
    }
    guard result == 0 else {
      let code = errno
      close(descriptor)
      let isNobody = code == ECONNREFUSED || code == ENOENT
      throw LinkError(isNobody ? .unreachable : .system, "\(path): \(systemErrorText(code))")
    }
    return descriptor
  }

  /// Waits until the descriptor is ready or the time is over. What is there already is never late:
  /// a process that the machine let wait finds its answer all the same.
  private static func isReady(_ descriptor: Int32, _ events: Int32, deadline: Int64) -> Bool {
    let left = max(0, deadline - monotonicMilliseconds())
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return uninterrupted { poll(&entry, 1, Int32(clamping: left)) } > 0
  }

  static func readLine(_ descriptor: Int32, limit: Int, deadline: Int64) -> Line {
    var line: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: limit + 1)
    while isReady(descriptor, Int32(POLLIN), deadline: deadline) {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EAGAIN || errno == EINTR { continue }
      guard count > 0 else { return .none }
      line.append(contentsOf: buffer[..<count])
      if let end = line.firstIndex(of: UInt8(ascii: "\n")) {
        guard end <= limit else { return .tooLong }
        return .line(String(decoding: line[..<end], as: UTF8.self))
      }
      if line.count > limit { return .tooLong }
    }
    return .none
  }

  /// Everything up to the end of the stream; nil when it is late or longer than `limit`.
  static func readAll(_ descriptor: Int32, limit: Int, deadline: Int64) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while isReady(descriptor, Int32(POLLIN), deadline: deadline) {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EAGAIN || errno == EINTR { continue }
      // A node that hangs up without reading the question resets the connection after its words.
      if count == 0 || (count < 0 && errno == ECONNRESET) { return bytes }
      guard count > 0, bytes.count + count <= limit else { return nil }
      bytes.append(contentsOf: buffer[..<count])
    }
    return nil
  }

  static func writeAll(_ descriptor: Int32, _ bytes: [UInt8], deadline: Int64) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        send(
          descriptor, buffer.baseAddress?.advanced(by: offset), bytes.count - offset,
          Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        offset += count
        continue
      }
      guard count < 0, errno == EAGAIN || errno == EINTR,
        isReady(descriptor, Int32(POLLOUT), deadline: deadline)
      else { return false }
    }
    return true
  }
}
