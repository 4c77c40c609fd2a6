import Glibc

/// A client of a Unix socket that sends the bytes it is told to, as a rude client would.
final class SocketClient {
  private let descriptor: Int32

  struct Answer {
    var status: Int
    var head: String
    var body: String
  }

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw ScratchFolder.Failure(message: "no connection to \(port)") }
    setPatience()
  }

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected else { throw ScratchFolder.Failure(message: "no connection to \(path)") }
    setPatience()
  }

  private func setPatience() {
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Sends it all; false when the other side takes no more.
  @discardableResult
  func send(_ bytes: some Sequence<UInt8>) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  /// Waits until the server has read all that was sent, so that the next bytes come apart from it.
  func settle() {
    let outgoing: UInt = 0x5411  // SIOCOUTQ
    var left: Int32 = 1
    for _ in 0..<1_000_000 where left > 0 {
      guard ioctl(descriptor, outgoing, &left) == 0 else { return }
      sched_yield()
    }
  }

  /// The next answer, whole; one with status 0 when the connection ends before.
  func answer() -> Answer {
    var bytes: [UInt8] = []
    while true {
      if let answer = Self.whole(&bytes) {
        if answer.status == 100 { continue }
        return answer
      }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let got = recv(descriptor, &chunk, chunk.count, 0)
      guard got > 0 else {
        return Answer(status: 0, head: "", body: String(decoding: bytes, as: UTF8.self))
      }
      bytes += chunk.prefix(got)
    }
  }

  private static func whole(_ bytes: inout [UInt8]) -> Answer? {
    let mark = Array("\r\n\r\n".utf8)
    let ends = bytes.indices.dropLast(3)
    guard let end = ends.first(where: { bytes[$0..<($0 + 4)].elementsEqual(mark) }) else {
      return nil
    }
    let head = String(decoding: bytes[..<end], as: UTF8.self)
    let words = head.split(separator: " ")
    let status = words.count > 1 ? Int(words[1]) ?? 0 : 0
    let length = head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }
    let count = length.flatMap { Int($0.dropFirst("Content-Length: ".count)) } ?? 0
    guard bytes.count >= end + 4 + count else { return nil }
    let body = String(decoding: bytes[(end + 4)..<(end + 4 + count)], as: UTF8.self)
    bytes.removeFirst(end + 4 + count)
    return Answer(status: status, head: head, body: body)
  }
}
