/// How a request's body is framed (RFC 9112 §6): by its length or in chunks, taken out as it comes.
struct HTTPBody: Hashable {
  private enum State: Hashable {
    case counted(left: Int64)
    /// In the line that tells a chunk's size.
    case size
    case chunk(left: Int64)
    /// In the line's end behind a chunk.
    case chunkEnd
    /// In the lines behind the last chunk.
    case trailer
    case done
  }

  private static let maximumLineBytes = 1024
  private static let maximumTrailerBytes = 8 << 10

  private var state: State
  private var line: [UInt8] = []
  private var trailerBytes = 0

  /// The framing that the head asks for; the status to refuse it with otherwise.
  ///
  /// Two lengths, or a length beside chunks, could be read differently by others: refused.
  init(_ head: HTTPRequest) throws(HTTPRefusal) {
    let lengths = head.fields.filter { $0.name == "content-length" }.map(\.value)
    let codings = head.fields.filter { $0.name == "transfer-encoding" }.map(\.value)
    guard codings.isEmpty || lengths.isEmpty, codings.count <= 1, Set(lengths).count <= 1 else {
      throw HTTPRefusal(.refusal(400, "the body's length is said in more than one way"))
    }
    if let coding = codings.first {
      guard coding.lowercased() == "chunked" else {
        throw HTTPRefusal(.refusal(501, "transfer-encoding: expected chunked"))
      }
      state = .size
      return
    }
    let digits = lengths.first ?? "0"
    guard digits.utf8.count <= 15, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let count = Int64(digits)
    else { throw HTTPRefusal(.refusal(400, "content-length: expected a number of bytes")) }
    state = count > 0 ? .counted(left: count) : .done
  }

  var isDone: Bool { state == .done }

  /// How many bytes are announced beyond what came; nil in chunks.
  var announced: Int64? {
    switch state {
    case .counted(let left): left
    case .done: 0
    default: nil
    }
  }

  /// Takes what of `bytes` belongs to the body and hands the content on; how many bytes that were.
  mutating func take(
    _ bytes: ArraySlice<UInt8>, _ content: (ArraySlice<UInt8>) throws(HTTPRefusal) -> Void
  ) throws(HTTPRefusal) -> Int {
    var rest = bytes
    while !rest.isEmpty, !isDone {
      switch state {
      case .counted(let left):
        let piece = rest.prefix(Int(min(left, Int64(rest.count))))
        rest = rest.dropFirst(piece.count)
        state = left > piece.count ? .counted(left: left - Int64(piece.count)) : .done
        try content(piece)
      case .chunk(let left):
        let piece = rest.prefix(Int(min(left, Int64(rest.count))))
        rest = rest.dropFirst(piece.count)
        state = left > piece.count ? .chunk(left: left - Int64(piece.count)) : .chunkEnd
        try content(piece)
      case .size, .chunkEnd, .trailer:
        guard let whole = try takeLine(&rest) else { continue }
        try advance(past: whole)
      case .done: break
      }
    }
    return bytes.count - rest.count
  }

  /// The line up to its end; nil while it goes on.
  private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(HTTPRefusal) -> [UInt8]? {
    let end = rest.firstIndex(of: 0x0A)
    line += rest[..<(end ?? rest.endIndex)]
    guard line.count <= Self.maximumLineBytes else {
      throw HTTPRefusal(.refusal(400, "a chunk's line is too long"))
    }
    guard let end else {
      rest = []
      return nil
    }
    rest = rest[(end + 1)...]
    defer { line.removeAll(keepingCapacity: true) }
    return line.last == 0x0D ? line.dropLast() : line
  }

  private mutating func advance(past line: [UInt8]) throws(HTTPRefusal) {
    switch state {
    case .size:
      let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 && $0 != 0x09 }
      guard (1...15).contains(digits.count), digits.allSatisfy(Self.isHexadecimal),
        let size = Int64(String(decoding: digits, as: UTF8.self), radix: 16)
      else { throw HTTPRefusal(.refusal(400, "a chunk's size is not hexadecimal")) }
      state = size > 0 ? .chunk(left: size) : .trailer
    case .chunkEnd:
      guard line.isEmpty else {
        throw HTTPRefusal(.refusal(400, "a chunk is longer than its size says"))
      }
      state = .size
    case .trailer:
      trailerBytes += line.count
      guard trailerBytes <= Self.maximumTrailerBytes else {
        throw HTTPRefusal(.refusal(431, "the fields behind the body are too long"))
      }
      if line.isEmpty { state = .done }
    case .counted, .chunk, .done: break
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}
