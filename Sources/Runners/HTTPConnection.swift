import Glibc

/// One client of an `HTTPServer`: what came in, and what is due to go out.
struct HTTPConnection {
  let descriptor: Int32
  private(set) var isOver = false
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var sent = 0
  private var response: HTTPResponse?
  private var nextPart = 0
  private var requestedAt: Int64 = 0
  private var isClosing = false
  private var lastActiveAt: Int64

  static let idleMilliseconds: Int64 = 60_000

  init(descriptor: Int32, at now: Int64) {
    self.descriptor = descriptor
    lastActiveAt = now
  }

  /// What to poll for. Nothing is read while a response is on its way.
  var interest: Int16 {
    Int16(sent < output.count ? POLLOUT : 0) | Int16(response == nil ? POLLIN : 0)
  }

  /// When this connection needs a look although nothing came in.
  var dueMilliseconds: Int64 {
    guard let response, nextPart < response.parts.count else {
      return lastActiveAt + Self.idleMilliseconds
    }
    let part = response.isStreamed ? response.parts[nextPart] : response.parts.last
    return requestedAt + (part?.afterMilliseconds ?? 0)
  }

  /// The client is gone.
  mutating func hangUp() { isOver = true }

  /// Reads what is there, and answers a request that is whole.
  mutating func receive(at now: Int64, _ handler: (HTTPRequest) -> HTTPResponse) {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let got = recv(descriptor, &chunk, chunk.count, 0)
    guard got > 0 else {
      if got == 0 || (errno != EAGAIN && errno != EINTR) { isOver = true }
      return
    }
    lastActiveAt = now
    input += chunk.prefix(got)
    answer(at: now, handler)
  }

  private mutating func answer(at now: Int64, _ handler: (HTTPRequest) -> HTTPResponse) {
    guard response == nil else { return }
    switch HTTPRequest.read(input) {
    case .partial(let wantsContinue):
      if wantsContinue { output += "HTTP/1.1 100 Continue\r\n\r\n".utf8 }
    case .refused(let status):
      isClosing = true
      begin(.error(status, "the request can't be served"), at: now)
    case .whole(let request, let length):
      input.removeFirst(length)
      isClosing = request.wantsClose
      begin(handler(request), at: now)
    }
  }

  private mutating func begin(_ answer: HTTPResponse, at now: Int64) {
    response = answer
    nextPart = 0
    requestedAt = now
    if answer.isStreamed { output += answer.head(closing: isClosing) }
  }

  /// Moves on what is due and sends what the client takes.
  mutating func advance(at now: Int64, _ handler: (HTTPRequest) -> HTTPResponse) {
    if let response {
      while nextPart < response.parts.count, dueMilliseconds <= now {
        if response.isStreamed {
          output += HTTPResponse.chunk(response.parts[nextPart].bytes)
          nextPart += 1
        } else {
          output += response.head(closing: isClosing)
          output += response.parts.flatMap(\.bytes)
          nextPart = response.parts.count
        }
        lastActiveAt = now
      }
      if nextPart == response.parts.count {
        if response.isStreamed { output += HTTPResponse.lastChunk }
        self.response = nil
        // A request may have come in behind the one that was just answered.
        if !isClosing { answer(at: now, handler) }
      }
    }
    send(at: now)
    let isIdle = response == nil && lastActiveAt + Self.idleMilliseconds <= now
    if isIdle || (isClosing && response == nil && output.isEmpty) { isOver = true }
  }

  private mutating func send(at now: Int64) {
    while sent < output.count {
      let wrote = output.withUnsafeBytes { raw in
        Glibc.send(
          descriptor, raw.baseAddress.map { $0 + sent }, output.count - sent,
          Int32(MSG_NOSIGNAL))
      }
      if wrote < 0, errno == EINTR { continue }
      guard wrote > 0 else {
        if errno != EAGAIN { isOver = true }
        return
      }
      sent += wrote
      lastActiveAt = now
    }
    output.removeAll(keepingCapacity: true)
    sent = 0
  }
}
