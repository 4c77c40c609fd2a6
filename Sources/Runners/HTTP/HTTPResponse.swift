/// An HTTP response whose parts may come one after another, each when its time is there.
struct HTTPResponse: Sendable {
  /// Bytes of the body and how long after the request they are due.
  struct Part: Hashable, Sendable {
    var afterMilliseconds: Int64
    var bytes: [UInt8]
  }

  var status: Int
  var contentType: String
  var parts: [Part]
  /// Whether the parts are sent as chunks as they come due; otherwise all at once after the last.
  var isStreamed: Bool
  /// Further fields.
  var fields: [HTTPRequest.Field] = []
  /// A file that is the body, instead of parts.
  var file: ServedFile?

  /// A body that is there at once, or after a wait.
  static func json(
    _ value: JSONValue, status: Int = 200, afterMilliseconds: Int64 = 0
  ) -> HTTPResponse {
    let part = Part(afterMilliseconds: afterMilliseconds, bytes: value.bytes)
    return HTTPResponse(
      status: status, contentType: "application/json", parts: [part], isStreamed: false)
  }

  /// A file, read while it is sent.
  static func file(_ file: ServedFile) -> HTTPResponse {
    HTTPResponse(
      status: 200, contentType: "application/octet-stream", parts: [], isStreamed: false,
      file: file)
  }

  /// An error in the words of the OpenAI API.
  static func error(_ status: Int, _ message: String) -> HTTPResponse {
    let error = JSONValue.members([
      "code": .integer(status), "message": .string(message), "type": .string("invalid_request"),
    ])
    return json(.members(["error": error]), status: status)
  }

  /// Status line and fields.
  func head(closing: Bool) -> [UInt8] {
    let count = file?.length ?? Int64(parts.reduce(0) { $0 + $1.bytes.count })
    let length = isStreamed ? "Transfer-Encoding: chunked" : "Content-Length: \(count)"
    let further = fields.map { "\($0.name): \($0.value)\r\n" }.joined()
    return Array(
      """
      HTTP/1.1 \(status) \(Self.reason(status))\r
      Content-Type: \(contentType)\r
      \(length)\r
      \(further)Connection: \(closing ? "close" : "keep-alive")\r
      \r\n
      """.utf8)
  }

  /// One chunk (RFC 9112 §7.1); none for no bytes, as an empty chunk is the end.
  static func chunk(_ bytes: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    return Array((String(bytes.count, radix: 16) + "\r\n").utf8) + bytes + [0x0D, 0x0A]
  }

  static let lastChunk = Array("0\r\n\r\n".utf8)

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 411: "Length Required"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 507: "Insufficient Storage"
    default: "Error"
    }
  }
}
