import Glibc
import Synchronization

/// What a serial server's thread does: finds requests in what comes over the line.
final class ModbusSerialLoop: Sendable {
  /// A request that stops half way is forgotten after this long without another byte.
  private static let patienceMilliseconds: Int32 = 200

  private let line: Int32
  /// Closed with it.
  private let others: ArraySlice<Int32>
  private let wakeReader: Int32
  private let wakeWriter: Int32
  private let handler: ModbusHandler
  /// Whether answers may still be sent; held while one is.
  private let isOpen = Mutex(true)

  /// Takes over the descriptors; of `lines`, the first is listened on.
  init(lines: [Int32], wakeReader: Int32, wakeWriter: Int32, handler: @escaping ModbusHandler) {
    line = lines[0]
    others = lines.dropFirst()
    self.wakeReader = wakeReader
    self.wakeWriter = wakeWriter
    self.handler = handler
  }

  deinit {
    close(line)
    for other in others { close(other) }
    close(wakeReader)
    close(wakeWriter)
  }

  /// Makes `run` return.
  func end() {
    isOpen.withLock { $0 = false }
    var byte: UInt8 = 1
    _ = write(wakeWriter, &byte, 1)
  }

  func run() {
    var stream: [UInt8] = []
    while true {
      var waits = [
        pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0),
        pollfd(fd: line, events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&waits, 2, stream.isEmpty ? -1 : Self.patienceMilliseconds)
      if ready < 0 {
        guard errno == EINTR else { return }
        continue
      }
      if waits[0].revents != 0 { return }
      guard ready > 0 else {
        stream = []
        continue
      }
      var buffer = [UInt8](repeating: 0, count: 1024)
      let count = read(line, &buffer, buffer.count)
      guard count > 0 else {
        if count < 0, errno == EAGAIN || errno == EINTR { continue }
        return
      }
      stream += buffer[..<count]
      while let request = Self.take(from: &stream) {
        handler(request) { [self] answer in send(answer.bytes) }
      }
    }
  }

  /// The next whole request, taken off the stream with whatever stood before it.
  static func take(from stream: inout [UInt8]) -> ModbusRequest? {
    while stream.count >= 2 {
      // The address and a function with 4 bytes, or with a count of bytes behind; and a checksum.
      var length = 8
      switch stream[1] {
      case 1...6: break
      case 15, 16:
        guard stream.count >= 7 else { return nil }
        length = 9 + Int(stream[6])
      default:
        stream.removeFirst()
        continue
      }
      guard stream.count >= length else { return nil }
      if length <= 256, ModbusChecksum.isWhole(stream[..<length]) {
        defer { stream.removeFirst(length) }
        return ModbusRequest(unit: stream[0], body: Array(stream[1..<(length - 2)]))
      }
      stream.removeFirst()
    }
    return nil
  }

  private func send(_ bytes: [UInt8]) {
    isOpen.withLock { isOpen in
      guard isOpen else { return }
      var sent = 0
      while sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes { write(line, $0.baseAddress, $0.count) }
        if count > 0 {
          sent += count
          continue
        }
        guard count < 0, errno == EAGAIN || errno == EINTR else { return }
        // Nobody takes it off the line: after a second it is lost, as on a wire.
        var wait = pollfd(fd: line, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, 1000) > 0 else { return }
      }
    }
  }
}
