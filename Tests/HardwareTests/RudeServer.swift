import Dispatch
import Glibc
import Synchronization

/// A device with bad manners: for each request it does the next thing of its list, then behaves.
///
/// When it behaves, every register holds 7.
final class RudeServer: Sendable {
  enum Behaviour: Sendable {
    case junk, wrongTransaction, halfFrame, silence, hangUp, tooManyWords, tooFewWords
    case otherFunction, otherUnit, twice
  }

  let port: UInt16
  private let listener: Int32
  private let script: Mutex<[Behaviour]>
  private let client = Mutex<Int32>(-1)
  private let ended = DispatchSemaphore(value: 0)

  init(_ script: [Behaviour]) throws {
    self.script = Mutex(script)
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 4) == 0
          && getsockname(listener, $0, &size) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard bound else { throw POSIXFailure(code: errno) }
    DispatchQueue(label: "rude server").async { [self] in
      serve()
      ended.signal()
    }
  }

  struct POSIXFailure: Error { let code: Int32 }

  /// Appends to its list.
  func misbehave(_ behaviour: Behaviour) { script.withLock { $0.append(behaviour) } }

  /// Sends `bytes` to its client of the moment, unasked.
  func say(_ bytes: [UInt8]) {
    let client = client.withLock { $0 }
    _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Ends its thread; its client has to be gone.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    ended.wait()
    close(listener)
  }

  private func serve() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { return }
      self.client.withLock { $0 = client }
      while converse(client) {}
      // Hung up for certain: a program that another test has started may have inherited the socket,
      // and then closing ours alone would tell the bus nothing.
      shutdown(client, Int32(SHUT_RDWR))
      close(client)
    }
  }

  /// Answers one request; false when the connection is over.
  private func converse(_ client: Int32) -> Bool {
    var request = [UInt8](repeating: 0, count: 12)
    var filled = 0
    while filled < request.count {
      let count = request[filled...].withUnsafeMutableBytes {
        recv(client, $0.baseAddress, $0.count, 0)
      }
      guard count > 0 else { return false }
      filled += count
    }
    let behaviour = script.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    let words = Int(request[11])
    var answer = request[0..<4] + [0, UInt8(3 + 2 * words), request[6], request[7]]
    answer += [UInt8(2 * words)]
    for _ in 0..<words { answer += [0, 7] }
    switch behaviour {
    case nil: break
    case .junk: answer = ArraySlice(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
    case .wrongTransaction: answer[1] &+= 1
    case .halfFrame: answer = answer.prefix(answer.count / 2)
    case .silence: return true
    case .hangUp: return false
    case .tooManyWords:
      answer[5] &+= 2
      answer[8] &+= 2
      answer += [0, 9]
    case .tooFewWords:
      answer[5] &-= 2
      answer[8] &-= 2
      answer = answer.dropLast(2)
    case .otherFunction: answer[7] = 6
    case .otherUnit: answer[6] &+= 1
    case .twice: answer += answer
    }
    let bytes = Array(answer)
    return send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }
}
