import Glibc

/// A TCP port whose clients' Modbus requests go to a handler, on a thread of its own.
public final class ModbusListener: Sendable {
  /// What becomes of a client when as many are there as may be.
  public enum Crowding: Hashable, Sendable {
    /// It waits in the kernel's queue until another leaves.
    case wait
    /// It is hung up on.
    case refuse
    /// It takes the place of the one that has been quiet for longest.
    case replaceIdlest
  }

  /// The port that clients reach it by.
  public let port: UInt16
  private let thread: ServerThread

  /// Listens at once.
  ///
  /// - Parameters:
  ///   - address: the numeric IPv4 or IPv6 address to bind.
  ///   - port: 0 takes a free one.
  ///   - maximumClients: how many are served at a time, 1 to 64.
  public init(
    address: String = "127.0.0.1", port: UInt16, maximumClients: Int = 16,
    crowding: Crowding = .wait, handler: @escaping ModbusHandler
  ) throws(ModbusError) {
    let (socket, bound) = try Self.listen(address: address, port: port)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      close(socket)
      throw ModbusError(
        .unavailable, "no pipe for the server at \(address):\(bound); are too many files open?")
    }
    for end in ends { Self.settle(end) }
    self.port = bound
    let loop = ModbusServerLoop(
      listener: socket, wakeReader: ends[0], wakeWriter: ends[1],
      maximumClients: min(max(maximumClients, 1), 64), crowding: crowding, handler: handler)
    do throws(ModbusError) {
      thread = try ServerThread(
        at: "\(address):\(bound)", run: { loop.run() }, end: { loop.end() })
    } catch {
      close(socket)
      throw error
    }
  }

  deinit { stop() }

  /// Closes every connection and waits for the thread to end; a second call does nothing.
  ///
  /// Answers that come later are dropped. Not to be called by the handler.
  public func stop() { thread.stop() }

  /// Makes a descriptor ours alone (children must not hold it open) and one that never blocks.
  static func settle(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  private static func listen(
    address: String, port: UInt16
  ) throws(ModbusError) -> (socket: Int32, port: UInt16) {
    func failure(_ cause: Int32) -> ModbusError {
      ModbusError(
        .unavailable,
        "can't listen at \(address):\(port): \(String(cString: strerror(cause))); "
          + "expected a numeric address of this machine and a free port")
    }
    var wanted = addrinfo()
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(address, String(port), &wanted, &found) == 0, let found else {
      throw failure(EINVAL)
    }
    defer { freeaddrinfo(found) }
    let socket = Glibc.socket(
      found.pointee.ai_family,
      found.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
        | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard socket >= 0 else { throw failure(errno) }
    var yes: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(socket, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
      Glibc.listen(socket, 16) == 0
    else {
      let cause = errno
      close(socket)
      throw failure(cause)
    }
    var bound = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let port = withUnsafeMutableBytes(of: &bound) { bytes -> UInt16? in
      guard let base = bytes.baseAddress,
        getsockname(socket, base.assumingMemoryBound(to: sockaddr.self), &size) == 0
      else { return nil }
      // The port stands at the same place for IPv4 and IPv6.
      return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    }
    guard let port else {
      let cause = errno
      close(socket)
      throw failure(cause)
    }
    return (socket, port)
  }
}
