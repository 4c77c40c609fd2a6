/// An HTTP/1.1 request (RFC 9112): its head, and its body where that is kept in memory.
struct HTTPRequest: Hashable, Sendable {
  var method: String
  /// Without the query.
  var path: String
  /// The query's parameters, percent-decoded, in the order in which they came.
  var query: [Field] = []
  /// Field names in lower case, in the order in which they came.
  var fields: [Field]
  var body: [UInt8]
  /// Which of the server's listeners it came to.
  var arrival = Arrival.loopback

  struct Field: Hashable, Sendable {
    var name: String
    var value: String
  }

  enum Arrival: Hashable, Sendable {
    case loopback
    case unixSocket
  }

  /// The first field of this name (lower case).
  subscript(field name: String) -> String? { fields.first { $0.name == name }?.value }

  /// The first parameter of this name.
  subscript(parameter name: String) -> String? { query.first { $0.name == name }?.value }

  var wantsClose: Bool { self[field: "connection"]?.lowercased() == "close" }

  /// Whether the client waits for a go-ahead before it sends the body.
  var expectsContinue: Bool { self[field: "expect"]?.lowercased() == "100-continue" }

  static let maximumHeadBytes = 16 << 10
  static let maximumFields = 100
  /// What a body that is kept in memory may have, unless said otherwise.
  static let maximumBodyBytes = 8 << 20

  enum Reading: Hashable {
    /// More bytes have to come.
    case partial
    /// The head, and how many bytes it took.
    case whole(HTTPRequest, length: Int)
    /// Can't be served: answered with this status, then closed.
    case refused(status: Int)
  }

  /// Reads the head at the start of `buffer`.
  static func read(_ buffer: [UInt8]) -> Reading {
    guard let end = headEnd(buffer) else {
      return buffer.count > maximumHeadBytes ? .refused(status: 431) : .partial
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
      guard let colon = line.firstIndex(of: ":"), fields.count < maximumFields,
        isToken(line[..<colon])
      else { return .refused(status: 400) }
      let value = line[line.index(after: colon)...]
      fields.append(Field(name: line[..<colon].lowercased(), value: trimmed(value)))
    }
    if start[2] == "HTTP/1.0", !fields.contains(where: { $0.name == "connection" }) {
      fields.append(Field(name: "connection", value: "close"))
    }
    let target = start[1].split(
      separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let request = HTTPRequest(
      method: String(start[0]), path: target.first.map(String.init) ?? "/",
      query: target.count > 1 ? parameters(target[1]) : [], fields: fields, body: [])
    return .whole(request, length: end + 4)
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

  /// Whether a field's name is one (RFC 9110 §5.6.2): a space before the colon, or a line folded
  /// under another, would be read differently by others.
  private static func isToken(_ name: Substring) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
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

  private static func parameters(_ query: Substring) -> [Field] {
    query.split(separator: "&").prefix(maximumFields).map { part in
      let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = halves.count > 1 ? decoded(halves[1]) : ""
      return Field(name: decoded(halves[0]), value: value)
    }
  }

  /// Percent-decoded; what is no escape stays as it is.
  private static func decoded(_ text: Substring) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "%"), position + 2 < bytes.count,
        let value = UInt8(
          String(decoding: bytes[(position + 1)...(position + 2)], as: UTF8.self), radix: 16)
      {
        result.append(value)
        position += 3
        continue
      }
      result.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      position += 1
    }
    return String(decoding: result, as: UTF8.self)
  }
}
