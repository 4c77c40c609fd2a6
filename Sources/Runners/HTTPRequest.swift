/// An HTTP/1.1 request that came in whole (RFC 9112).
struct HTTPRequest: Hashable, Sendable {
  var method: String
  /// Without the query.
  var path: String
  /// Field names in lower case, in the order in which they came.
  var fields: [Field]
  var body: [UInt8]

  struct Field: Hashable, Sendable {
    var name: String
    var value: String
  }

  /// The first field of this name (lower case).
  subscript(field name: String) -> String? { fields.first { $0.name == name }?.value }

  var wantsClose: Bool { self[field: "connection"]?.lowercased() == "close" }

  static let maximumHeadBytes = 16 << 10
  static let maximumBodyBytes = 8 << 20

  enum Reading: Hashable {
    /// More bytes have to come; `wantsContinue` where the client waits for a go-ahead.
    case partial(wantsContinue: Bool)
    case whole(HTTPRequest, length: Int)
    /// Can't be served: answered with this status, then closed.
    case refused(status: Int)
  }

  /// Reads the request at the start of `buffer`.
  static func read(_ buffer: [UInt8]) -> Reading {
    guard let end = headEnd(buffer) else {
      return buffer.count > maximumHeadBytes
        ? .refused(status: 431) : .partial(wantsContinue: false)
    }
    guard let text = String(validating: buffer[..<end], as: UTF8.self) else {
      return .refused(status: 400)
    }
    // "\r\n" is one Character in Swift.
    var lines = text.split(omittingEmptySubsequences: false) { $0 == "\r\n" || $0 == "\n" }
    let start = lines.removeFirst().split(separator: " ")
    guard start.count == 3, start[2].hasPrefix("HTTP/1.") else { return .refused(status: 400) }
    var fields: [Field] = []
    for line in lines where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), fields.count < 100 else {
        return .refused(status: 400)
      }
      let value = line[line.index(after: colon)...]
      fields.append(
        Field(name: line[..<colon].lowercased(), value: trimmed(value)))
    }
    let path = start[1].split(separator: "?", omittingEmptySubsequences: false)
    var request = HTTPRequest(
      method: String(start[0]), path: path.first.map(String.init) ?? "/", fields: fields, body: [])
    guard request[field: "transfer-encoding"] == nil else { return .refused(status: 411) }
    let given = request[field: "content-length"] ?? "0"
    guard let count = Int(given), count >= 0 else { return .refused(status: 400) }
    guard count <= maximumBodyBytes else { return .refused(status: 413) }
    let bodyStart = end + 4
    guard buffer.count >= bodyStart + count else {
      let expects = request[field: "expect"]?.lowercased() == "100-continue"
      return .partial(wantsContinue: expects && buffer.count == bodyStart)
    }
    request.body = Array(buffer[bodyStart..<(bodyStart + count)])
    return .whole(request, length: bodyStart + count)
  }

  /// Where the empty line after the fields begins.
  private static func headEnd(_ buffer: [UInt8]) -> Int? {
    let mark: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
    let limit = min(buffer.count, maximumHeadBytes + mark.count)
    guard limit >= mark.count else { return nil }
    return (0...(limit - mark.count)).first { start in
      buffer[start] == 0x0D && buffer[start..<(start + mark.count)].elementsEqual(mark)
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    let front = text.drop { $0 == " " || $0 == "\t" }
    var end = front.endIndex
    while end > front.startIndex, " \t".contains(front[front.index(before: end)]) {
      end = front.index(before: end)
    }
    return String(front[..<end])
  }
}
