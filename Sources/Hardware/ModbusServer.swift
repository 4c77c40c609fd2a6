import CModbus
import Glibc
import Sites
import Synchronization

/// A Modbus TCP device made of register images: what a simulated house is read from.
///
/// It answers reads (functions 3 and 4) on a thread of its own, up to 16 clients at a time, each
/// request from one whole image. Registers that the image lacks are an exception, and so is every
/// write: a simulated device can't be steered.
public final class ModbusServer: Sendable {
  /// The port that clients reach it by.
  public let port: UInt16
  private let loop: ModbusServerLoop
  private let thread: Mutex<pthread_t?>

  /// Listens at once, and answers "gateway path unavailable" until a unit has its image.
  ///
  /// - Parameters:
  ///   - address: the numeric IPv4 address to bind.
  ///   - port: 0 takes a free one.
  public init(address: String = "127.0.0.1", port: UInt16) throws(ModbusError) {
    let (socket, bound) = try Self.listen(address: address, port: port)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      close(socket)
      throw ModbusError(
        .unavailable, "no pipe for the server at \(address):\(bound); are too many files open?")
    }
    // Child processes must not hold the pipe open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    self.port = bound
    let loop = ModbusServerLoop(listener: socket, wakeReader: ends[0], wakeWriter: ends[1])
    self.loop = loop
    var started = pthread_t()
    let retained = Unmanaged.passRetained(loop)
    let result = pthread_create(
      &started, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ModbusServerLoop>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, retained.toOpaque())
    guard result == 0 else {
      retained.release()
      close(socket)
      thread = Mutex(nil)
      throw ModbusError(.unavailable, "no thread for the server at \(address):\(bound)")
    }
    thread = Mutex(started)
  }

  deinit { stop() }

  /// Gives `unit` new registers, all at once.
  public func update(image: RegisterImage, unit: UInt8) { loop.update(image, unit: unit) }

  /// Takes `unit` away: it answers "gateway target did not answer" like a device switched off.
  public func remove(unit: UInt8) { loop.update(nil, unit: unit) }

  /// Closes every connection and waits for the thread to end; a second call does nothing.
  public func stop() {
    let running = thread.withLock { thread -> pthread_t? in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    loop.wake()
    pthread_join(running, nil)
  }

  private static func listen(
    address: String, port: UInt16
  ) throws(ModbusError) -> (socket: Int32, port: UInt16) {
    guard let context = modbus_new_tcp(address, Int32(port)) else {
      throw ModbusError(.unavailable, "no Modbus server can be prepared at \(address):\(port)")
    }
    defer { modbus_free(context) }
    let socket = modbus_tcp_listen(context, 16)
    let cause = errno
    guard socket >= 0 else {
      throw ModbusError(
        .unavailable,
        "can't listen at \(address):\(port): \(String(cString: modbus_strerror(cause))); "
          + "expected a numeric IPv4 address of this machine and a free port")
    }
    var bound = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &bound) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
    }
    guard result == 0 else {
      close(socket)
      throw ModbusError(.unavailable, "the port taken at \(address):\(port) can't be learned")
    }
    return (socket, UInt16(bigEndian: bound.sin_port))
  }
}
