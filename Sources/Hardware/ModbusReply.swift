/// What the bytes that came back for a request are.
///
/// It is pure, so that any bytes can be tried on it: nothing that a wire brings may trap, and
/// nothing but the whole and matching answer is one.
public enum ModbusReply: Hashable, Sendable {
  /// The beginning of an answer; more has to come.
  case incomplete
  /// The answer: where its data lie, behind the function.
  case answer(Range<Int>)
  /// The device's refusal, with its exception code.
  case refusal(UInt8)
  /// Something else: a late answer, another's, or no Modbus at all.
  case foreign(Mismatch)

  /// In what it differs from the answer that is waited for.
  public enum Mismatch: Hashable, Sendable {
    case protocolIdentifier
    case length
    case unit(UInt8)
    case function(UInt8)
    /// An answer that is right but for its number.
    case transaction(UInt16)
    /// The frame is whole and something follows it.
    case trailing
  }

  /// Looks at what came over TCP since the request was sent (MODBUS Messaging on TCP/IP 1.0b,
  /// §3.1.3).
  ///
  /// - Parameter anyNumber: whether the transaction's number is left unchecked, for gateways that
  ///   number their answers on their own.
  public static func tcp(
    _ bytes: ArraySlice<UInt8>, to request: ModbusRequest, anyNumber: Bool = false
  ) -> ModbusReply {
    let start = bytes.startIndex
    guard bytes.count >= 6 else {
      // Junk is known by its third byte already.
      let isJunk = bytes.dropFirst(2).prefix(2).contains { $0 != 0 }
      return isJunk ? .foreign(.protocolIdentifier) : .incomplete
    }
    guard bytes[start + 2] == 0, bytes[start + 3] == 0 else { return .foreign(.protocolIdentifier) }
    let length = Int(bytes[start + 4]) << 8 | Int(bytes[start + 5])
    guard (3...ModbusRequest.maximumBody + 1).contains(length) else { return .foreign(.length) }
    guard bytes.count >= 6 + length else { return .incomplete }
    guard bytes.count == 6 + length else { return .foreign(.trailing) }
    guard bytes[start + 6] == request.unit else { return .foreign(.unit(bytes[start + 6])) }
    let reply = body(bytes[(start + 7)...], to: request)
    if case .foreign = reply { return reply }
    let transaction = UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1])
    guard anyNumber || transaction == request.transaction else {
      return .foreign(.transaction(transaction))
    }
    return reply
  }

  /// Looks at a whole answer without what the wire puts round it.
  static func body(_ body: ArraySlice<UInt8>, to request: ModbusRequest) -> ModbusReply {
    guard body.count >= 2 else { return .foreign(.length) }
    let start = body.startIndex
    let function = body[start]
    if function == request.function | 0x80, request.function < 0x80 {
      return body.count == 2 ? .refusal(body[start + 1]) : .foreign(.length)
    }
    guard function == request.function else { return .foreign(.function(function)) }
    let data = body.dropFirst()
    switch request.answerShape {
    case .counted(let count):
      guard data.count == 1 + count, data[start + 1] == UInt8(truncatingIfNeeded: count) else {
        return .foreign(.length)
      }
    case .echo(let expected):
      guard data.elementsEqual(expected) else { return .foreign(.length) }
    case .any: break
    }
    return .answer((start + 1)..<body.endIndex)
  }

  /// Looks for the answer in what came over a serial line since the request was sent.
  ///
  /// A line brings more than answers: the request itself from adapters that echo it, noise while
  /// the direction turns, other units' late answers. The answer is known by unit, function, byte
  /// count and checksum together; whatever stands before it is passed over, and until it is there
  /// whole, more is waited for.
  ///
  /// - Parameter isEchoed: whether the line is known to bring the request back. It matters for
  ///   writes of one register or coil, whose answer is the same as the request.
  public static func serial(
    _ bytes: ArraySlice<UInt8>, to request: ModbusRequest, isEchoed: Bool
  ) -> ModbusReply {
    let sent = ModbusChecksum.framed([request.unit] + request.body)
    var rest = bytes
    let isAnsweredAlike = request.function == 5 || request.function == 6
    if bytes.starts(with: sent), isEchoed || !isAnsweredAlike {
      rest = bytes.dropFirst(sent.count)
    }
    for start in rest.indices {
      if let reply = frame(rest[start...], to: request) { return reply }
    }
    return .incomplete
  }

  /// Nil unless an answer to the request begins here and is whole.
  private static func frame(
    _ bytes: ArraySlice<UInt8>, to request: ModbusRequest
  ) -> ModbusReply? {
    let start = bytes.startIndex
    guard bytes.count >= 5, bytes[start] == request.unit else { return nil }
    let isRefusal = bytes[start + 1] == request.function | 0x80
    guard isRefusal || bytes[start + 1] == request.function else { return nil }
    guard let length = isRefusal ? 2 : request.answerLength, bytes.count >= length + 3 else {
      return nil
    }
    let frame = bytes[start..<(start + length + 3)]
    guard ModbusChecksum.isWhole(frame) else { return nil }
    switch body(frame.dropFirst().dropLast(2), to: request) {
    case .answer(let range): return .answer(range)
    case .refusal(let code): return .refusal(code)
    case .foreign, .incomplete: return nil
    }
  }
}

extension ModbusRequest {
  /// What an answer to it looks like behind the function.
  enum AnswerShape {
    /// A byte count, and so many bytes.
    case counted(Int)
    /// The beginning of the request's own data.
    case echo(ArraySlice<UInt8>)
    case any
  }

  var answerShape: AnswerShape {
    guard body.count >= 5 else { return .any }
    let count = Int(body[3]) << 8 | Int(body[4])
    return switch function {
    case 1, 2: .counted((count + 7) / 8)
    case 3, 4: .counted(2 * count)
    case 5, 6, 15, 16: .echo(body[1..<5])
    default: .any
    }
  }

  /// Bytes of the answer from its function on; nil where the request does not tell.
  var answerLength: Int? {
    switch answerShape {
    case .counted(let count): 2 + count
    case .echo: 5
    case .any: nil
    }
  }
}
