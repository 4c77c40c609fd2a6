/// What an `HTTPServer` serves; asked on the server's thread, which it must not hold up.
protocol HTTPService: Sendable {
  /// Where the body of a request goes whose head has come in.
  func intake(for head: HTTPRequest) -> HTTPIntake

  /// Answers a request that was taken into memory: at once, or later from any thread.
  func answer(_ request: HTTPRequest, _ reply: @escaping HTTPReply)
}

/// Takes the one answer to a request; safe to call from any thread, also when the client has gone.
typealias HTTPReply = @Sendable (HTTPResponse) -> Void

/// Where a request's body goes while it comes in.
enum HTTPIntake {
  /// Into memory, at most so many bytes; then the service answers it.
  case memory(limit: Int)
  /// Piece by piece into a sink, which answers it.
  case sink(any HTTPBodySink)
  /// Nowhere: this is the answer.
  case refused(HTTPResponse)
}

/// Takes a body piece by piece on the server's thread; let go of when its client breaks off.
protocol HTTPBodySink: AnyObject {
  func take(_ bytes: ArraySlice<UInt8>) throws(HTTPRefusal)
  /// The body is whole: answers, at once or later from any thread.
  func finish(_ reply: @escaping HTTPReply)
}

/// A request can't be served; this is what its client is told.
struct HTTPRefusal: Error {
  let response: HTTPResponse

  init(_ response: HTTPResponse) { self.response = response }
}

/// A service that keeps every body in memory and answers at once.
struct PlainService: HTTPService {
  let handler: @Sendable (HTTPRequest) -> HTTPResponse

  func intake(for head: HTTPRequest) -> HTTPIntake { .memory(limit: HTTPRequest.maximumBodyBytes) }

  func answer(_ request: HTTPRequest, _ reply: @escaping HTTPReply) { reply(handler(request)) }
}
