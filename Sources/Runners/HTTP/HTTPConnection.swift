import Glibc

/// One client of an `HTTPServer`: what came in, and what is due to go out.
///
/// Everything it may take is bounded: a head 20 s from its first byte, a body 4 KiB in each minute,
/// a response a minute without progress, silence between two requests a minute.
struct HTTPConnection {
  /// Who serves it, and how an answer that comes later finds back.
  struct Host {
    let service: any HTTPService
    /// Takes an answer to the exchange with this serial.
    let deliver: @Sendable (_ serial: Int, HTTPResponse) -> Void
  }

  private enum Phase {
    case head
    case body(HTTPRequest, HTTPBody, HTTPIntake)
    /// The service thinks.
    case waiting
    case responding(HTTPResponse)
    /// Was refused before its body was read: the rest is read and dropped, so that the client sees
    /// the answer and not a broken connection.
    case lingering(until: Int64)
  }

  static let idleMilliseconds: Int64 = 60_000
  static let headMilliseconds: Int64 = 20_000
  static let bodyBytesAMinute = 4096
  static let lingerMilliseconds: Int64 = 10_000
  /// How long one may be silent where others wait for its place.
  static let patienceMilliseconds: Int64 = 5000
  private static let pieceBytes = 65_536
  private static let piecesATurn = 16

  let descriptor: Int32
  let arrival: HTTPRequest.Arrival
  private(set) var isOver = false
  /// Which exchange is under way; never the same again, in no connection.
  private(set) var serial: Int
  private var phase = Phase.head
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var sent = 0
  private var nextPart = 0
  private var fileOffset: Int64 = 0
  private var requestedAt: Int64 = 0
  private var isClosing = false
  private var lastActiveAt: Int64
  /// Since when the bytes of this head or this minute's body come in, and how many did.
  private var periodStart: Int64
  private var periodBytes = 0

  init(descriptor: Int32, arrival: HTTPRequest.Arrival, serial: Int, at now: Int64) {
    self.descriptor = descriptor
    self.arrival = arrival
    self.serial = serial
    lastActiveAt = now
    periodStart = now
  }

  /// What to poll for. Nothing is read while a response is on its way.
  var interest: Int16 {
    Int16(sent < output.count || hasFileLeft ? POLLOUT : 0) | Int16(isReading ? POLLIN : 0)
  }

  private var isReading: Bool {
    switch phase {
    case .head, .body, .lingering: true
    case .waiting, .responding: false
    }
  }

  private var hasFileLeft: Bool {
    if case .responding(let response) = phase, let file = response.file {
      return fileOffset < file.length
    }
    return false
  }

  /// When this connection needs a look although nothing came in.
  var dueMilliseconds: Int64 {
    switch phase {
    case .head:
      input.isEmpty ? lastActiveAt + Self.idleMilliseconds : periodStart + Self.headMilliseconds
    case .body: periodStart + Self.idleMilliseconds
    case .waiting: .max
    case .responding(let response):
      nextPart < response.parts.count
        ? requestedAt + Self.partDelay(response, nextPart) : lastActiveAt + Self.idleMilliseconds
    case .lingering(let until): until
    }
  }

  /// How willingly it gives its place to another: since when the client itself is silent; nil while
  /// it is not its turn.
  func silentSince(at now: Int64) -> Int64? {
    switch phase {
    case .head where input.isEmpty: return lastActiveAt
    // A head comes at once, or its client is in no hurry: bytes now and then keep no place.
    case .head: return now - periodStart >= 1000 ? periodStart : nil
    case .body: break
    case .waiting: return nil
    case .responding(let response):
      guard nextPart == response.parts.count else { return nil }
    case .lingering: return lastActiveAt
    }
    return now - lastActiveAt >= Self.patienceMilliseconds ? lastActiveAt : nil
  }

  /// The client is gone.
  mutating func hangUp() { isOver = true }

  /// Reads what is there and takes in what is whole.
  mutating func receive(at now: Int64, _ host: Host) {
    var chunk = [UInt8](repeating: 0, count: Self.pieceBytes)
    let got = recv(descriptor, &chunk, chunk.count, 0)
    guard got > 0 else {
      if got == 0 || (errno != EAGAIN && errno != EINTR) { isOver = true }
      return
    }
    if case .lingering = phase { return }
    if case .head = phase, input.isEmpty { periodStart = now }
    lastActiveAt = now
    periodBytes += got
    input += chunk.prefix(got)
    takeIn(at: now, host)
  }

  private mutating func takeIn(at now: Int64, _ host: Host) {
    if case .head = phase { takeHead(at: now, host) }
    guard case .body(var request, var body, let intake) = phase else { return }
    // Out of the enum, so that a body in memory grows in place.
    phase = .waiting
    do throws(HTTPRefusal) {
      let count = try body.take(input[...]) { piece throws(HTTPRefusal) in
        try Self.put(piece, of: &request, intake)
      }
      input.removeFirst(count)
    } catch {
      return refuse(error.response, at: now)
    }
    guard body.isDone else {
      phase = .body(request, body, intake)
      return
    }
    let exchange = serial
    let deliver = host.deliver
    switch intake {
    case .sink(let sink): sink.finish { deliver(exchange, $0) }
    case .memory, .refused: host.service.answer(request) { deliver(exchange, $0) }
    }
  }

  private static func put(
    _ piece: ArraySlice<UInt8>, of request: inout HTTPRequest, _ intake: HTTPIntake
  ) throws(HTTPRefusal) {
    switch intake {
    case .sink(let sink): try sink.take(piece)
    case .memory(let limit):
      guard request.body.count + piece.count <= limit else {
        throw HTTPRefusal(.refusal(413, "the body has more than \(limit) bytes"))
      }
      request.body += piece
    case .refused: break
    }
  }

  private mutating func takeHead(at now: Int64, _ host: Host) {
    switch HTTPRequest.read(input) {
    case .partial: return
    case .refused(let status):
      refuse(.refusal(status, "the request can't be served"), at: now)
    case .whole(var head, let length):
      input.removeFirst(length)
      head.arrival = arrival
      isClosing = head.wantsClose
      do throws(HTTPRefusal) {
        let body = try HTTPBody(head)
        let intake = host.service.intake(for: head)
        if case .refused(let response) = intake { throw HTTPRefusal(response) }
        if case .memory(let limit) = intake, let announced = body.announced, announced > limit {
          throw HTTPRefusal(.refusal(413, "the body has more than \(limit) bytes"))
        }
        if head.expectsContinue, !body.isDone, input.isEmpty {
          output += "HTTP/1.1 100 Continue\r\n\r\n".utf8
        }
        periodStart = now
        periodBytes = 0
        phase = .body(head, body, intake)
      } catch {
        refuse(error.response, at: now)
      }
    }
  }

  /// Answers at once and takes nothing more of this client.
  private mutating func refuse(_ response: HTTPResponse, at now: Int64) {
    isClosing = true
    input.removeAll()
    respond(response, at: now)
  }

  /// Takes the service's answer; a second one to the same request is dropped.
  mutating func take(_ response: HTTPResponse, at now: Int64) {
    guard case .waiting = phase else { return }
    respond(response, at: now)
  }

  private mutating func respond(_ response: HTTPResponse, at now: Int64) {
    phase = .responding(response)
    nextPart = 0
    fileOffset = 0
    requestedAt = now
    lastActiveAt = now
    if response.isStreamed || response.file != nil { output += response.head(closing: isClosing) }
  }

  private static func partDelay(_ response: HTTPResponse, _ next: Int) -> Int64 {
    let part = response.isStreamed ? response.parts[next] : response.parts.last
    return part?.afterMilliseconds ?? 0
  }

  /// Moves on what is due and sends what the client takes; `serials` numbers the next exchange.
  mutating func advance(at now: Int64, serials: inout Int, _ host: Host) {
    if case .responding(let response) = phase { moveOn(response, at: now) }
    send(at: now)
    if case .responding(let response) = phase, nextPart == response.parts.count, output.isEmpty,
      !hasFileLeft
    {
      serials += 1
      end(at: now, next: serials, host)
    }
    checkTime(at: now)
  }

  private mutating func moveOn(_ response: HTTPResponse, at now: Int64) {
    guard nextPart < response.parts.count else { return }
    while nextPart < response.parts.count,
      requestedAt + Self.partDelay(response, nextPart) <= now
    {
      if response.isStreamed {
        output += HTTPResponse.chunk(response.parts[nextPart].bytes)
        nextPart += 1
      } else {
        output += response.head(closing: isClosing)
        for part in response.parts { output += part.bytes }
        nextPart = response.parts.count
      }
      lastActiveAt = now
    }
    if nextPart == response.parts.count, response.isStreamed { output += HTTPResponse.lastChunk }
  }

  private mutating func end(at now: Int64, next: Int, _ host: Host) {
    guard !isClosing else {
      shutdown(descriptor, Int32(SHUT_WR))
      phase = .lingering(until: now + Self.lingerMilliseconds)
      return
    }
    serial = next
    phase = .head
    lastActiveAt = now
    periodStart = now
    // A request may have come in behind the one that was just answered.
    if !input.isEmpty { takeIn(at: now, host) }
  }

  private mutating func checkTime(at now: Int64) {
    switch phase {
    case .head:
      if dueMilliseconds <= now { isOver = true }
    case .body:
      guard dueMilliseconds <= now else { return }
      guard periodBytes >= Self.bodyBytesAMinute else {
        return refuse(.refusal(408, "the body comes too slowly"), at: now)
      }
      periodStart = now
      periodBytes = 0
    case .waiting: break
    case .responding(let response):
      if nextPart == response.parts.count, dueMilliseconds <= now { isOver = true }
    case .lingering(let until):
      if until <= now { isOver = true }
    }
  }

  private mutating func send(at now: Int64) {
    for _ in 0..<Self.piecesATurn {
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
      guard hasFileLeft, case .responding(let response) = phase, let file = response.file else {
        return
      }
      guard let bytes = file.bytes(at: fileOffset, atMost: Self.pieceBytes) else {
        // The length was announced: a client must not take what came for all of it.
        isOver = true
        return
      }
      output += bytes
      fileOffset += Int64(bytes.count)
    }
  }
}
