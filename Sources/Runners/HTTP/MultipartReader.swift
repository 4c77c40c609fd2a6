/// Takes a multipart/form-data body (RFC 7578) apart while it comes in, in flat memory.
///
/// Bounded: 16 parts, 4 KiB of fields before each, a boundary of 70 characters. What a part holds
/// is handed on in pieces.
struct MultipartReader {
  enum Event: Equatable {
    /// A part begins; `fileName` where it is a file.
    case part(name: String, fileName: String?)
    case content(ArraySlice<UInt8>)
    case partEnd
  }

  private enum State {
    /// Before the first boundary.
    case preamble
    /// Behind a boundary: a new line starts a part, two hyphens end the body.
    case boundary
    case fields
    case content
    case end
  }

  static let maximumParts = 16
  static let maximumFieldBytes = 4 << 10
  static let maximumBoundary = 70

  /// What stands between two parts.
  private let delimiter: [UInt8]
  private var state = State.preamble
  /// What came and is not decided on yet.
  private var buffer: [UInt8] = [0x0D, 0x0A]
  private var parts = 0

  /// Reads what the content type announces.
  init(contentType: String) throws(HTTPRefusal) {
    let pieces = contentType.split(separator: ";").map { $0.drop { $0 == " " } }
    guard pieces.first?.lowercased().hasPrefix("multipart/form-data") == true else {
      throw HTTPRefusal(form: "content-type: expected multipart/form-data")
    }
    let value = pieces.dropFirst().first { $0.lowercased().hasPrefix("boundary=") }
    var boundary = value.map { $0.dropFirst("boundary=".count) } ?? ""
    if boundary.hasPrefix("\""), boundary.hasSuffix("\""), boundary.count > 1 {
      boundary = boundary.dropFirst().dropLast()
    }
    guard (1...Self.maximumBoundary).contains(boundary.utf8.count),
      boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else {
      throw HTTPRefusal(
        form: "content-type: expected a boundary of 1 to \(Self.maximumBoundary) characters")
    }
    delimiter = Array("\r\n--".utf8) + boundary.utf8
  }

  /// Takes the next bytes of the body; what they complete is told in order.
  mutating func take(
    _ bytes: ArraySlice<UInt8>, _ event: (Event) throws(HTTPRefusal) -> Void
  ) throws(HTTPRefusal) {
    buffer += bytes
    var start = 0
    defer { buffer.removeFirst(start) }
    while try advance(&start, event) {}
  }

  /// The body is over: it must have been whole.
  func finish() throws(HTTPRefusal) {
    guard case .end = state else {
      throw HTTPRefusal(form: "the form ends before its last boundary")
    }
  }

  /// Decides on what begins at `start`; false when more has to come.
  private mutating func advance(
    _ start: inout Int, _ event: (Event) throws(HTTPRefusal) -> Void
  ) throws(HTTPRefusal) -> Bool {
    switch state {
    case .preamble:
      guard let found = find(delimiter, from: start) else {
        guard buffer.count - start <= Self.maximumFieldBytes else {
          throw HTTPRefusal(form: "the form does not begin with its boundary")
        }
        return false
      }
      start = found + delimiter.count
      state = .boundary
    case .boundary:
      guard buffer.count - start >= 2 else { return false }
      let mark = (buffer[start], buffer[start + 1])
      switch mark {
      // The new line stays: where no fields follow, it is the empty line's first half.
      case (0x0D, 0x0A): state = .fields
      case (0x2D, 0x2D): state = .end
      default: throw HTTPRefusal(form: "a boundary of the form is not followed by a new line")
      }
    case .fields: return try takeFields(&start, event)
    case .content: return try takeContent(&start, event)
    case .end:
      // Whatever follows the last boundary means nothing.
      start = buffer.count
      return false
    }
    return true
  }

  private mutating func takeFields(
    _ start: inout Int, _ event: (Event) throws(HTTPRefusal) -> Void
  ) throws(HTTPRefusal) -> Bool {
    guard let end = find([0x0D, 0x0A, 0x0D, 0x0A], from: start) else {
      guard buffer.count - start <= Self.maximumFieldBytes else {
        throw HTTPRefusal(form: "a part of the form has fields of more than 4 KiB")
      }
      return false
    }
    parts += 1
    guard parts <= Self.maximumParts, end - start <= Self.maximumFieldBytes else {
      throw HTTPRefusal(form: "the form has more than \(Self.maximumParts) parts or long fields")
    }
    let part = try Self.part(buffer[start..<end])
    start = end + 4
    state = .content
    try event(part)
    return true
  }

  private mutating func takeContent(
    _ start: inout Int, _ event: (Event) throws(HTTPRefusal) -> Void
  ) throws(HTTPRefusal) -> Bool {
    guard let end = find(delimiter, from: start) else {
      // The end of what is here may be the start of a boundary.
      let sure = max(start, buffer.count - delimiter.count + 1)
      if sure > start { try event(.content(buffer[start..<sure])) }
      start = sure
      return false
    }
    if end > start { try event(.content(buffer[start..<end])) }
    start = end + delimiter.count
    state = .boundary
    try event(.partEnd)
    return true
  }

  private func find(_ mark: [UInt8], from start: Int) -> Int? {
    buffer.withUnsafeBufferPointer { bytes in
      mark.withUnsafeBufferPointer { mark in
        guard bytes.count - start >= mark.count else { return nil }
        var position = start
        let last = bytes.count - mark.count
        while position <= last {
          if bytes[position] == mark[0] {
            var length = 1
            while length < mark.count, bytes[position + length] == mark[length] { length += 1 }
            if length == mark.count { return position }
          }
          position += 1
        }
        return nil
      }
    }
  }

  /// What the fields before a part say of it.
  private static func part(_ fields: ArraySlice<UInt8>) throws(HTTPRefusal) -> Event {
    guard let text = String(validating: fields, as: UTF8.self) else {
      throw HTTPRefusal(form: "the fields of a part of the form are not UTF-8")
    }
    for line in text.split(whereSeparator: { $0 == "\r\n" || $0 == "\n" }) {
      guard line.lowercased().hasPrefix("content-disposition:") else { continue }
      guard let name = parameter("name", in: line) else { break }
      return .part(name: name, fileName: parameter("filename", in: line))
    }
    throw HTTPRefusal(form: "a part of the form has no content-disposition with a name")
  }

  /// The value of `; key="value"` in a line; browsers and clients write a quote in it as `%22` or
  /// `\"`.
  private static func parameter(_ key: String, in line: Substring) -> String? {
    var rest = line[...]
    while let semicolon = rest.firstIndex(of: ";") {
      rest = rest[rest.index(after: semicolon)...].drop { $0 == " " || $0 == "\t" }
      guard rest.lowercased().hasPrefix(key + "=") else { continue }
      var value = rest.dropFirst(key.count + 1)
      guard value.first == "\"" else { return String(value.prefix { $0 != ";" && $0 != " " }) }
      value = value.dropFirst()
      var result = ""
      while let character = value.popFirst(), character != "\"" {
        result.append(character == "\\" ? value.popFirst() ?? "\\" : character)
      }
      return result
    }
    return nil
  }
}

extension HTTPRefusal {
  fileprivate init(form message: String) { self.init(.refusal(400, message)) }
}
