import Sites

/// A Modbus request as a server finds it, whatever wire it came by.
public struct ModbusRequest: Hashable, Sendable {
  /// The longest function with its data (1.1b3, §4.1).
  static let maximumBody = 253

  /// Told back in the answer, so that the client knows which request it belongs to; 0 on a serial
  /// line, which has no such number.
  public let transaction: UInt16
  public let unit: UInt8
  /// The function and its data, 1 to 253 bytes.
  public let body: [UInt8]

  /// Traps when `body` is empty or longer than 253 bytes.
  public init(transaction: UInt16 = 0, unit: UInt8, body: [UInt8]) {
    precondition((1...Self.maximumBody).contains(body.count), "a request has 1 to 253 bytes")
    self.transaction = transaction
    self.unit = unit
    self.body = body
  }

  public var function: UInt8 { body[0] }

  private func number(at index: Int) -> Int { Int(body[index]) << 8 | Int(body[index + 1]) }

  /// What it asks to read; nil unless it is a read of a sensible number of registers.
  public var span: RegisterSpan? {
    guard let table = RegisterTable(rawValue: function), body.count == 5 else { return nil }
    let address = number(at: 1)
    let count = number(at: 3)
    guard (1...RegisterSpan.maximumCount).contains(count), address + count <= 65536 else {
      return nil
    }
    return RegisterSpan(table: table, address: address, count: count)
  }

  /// What it asks to write to holding registers; nil unless it is a sensible write of one
  /// (function 6) or several (function 16).
  public var write: RegisterWrite? {
    guard body.count >= 5 else { return nil }
    let address = number(at: 1)
    switch function {
    case 6:
      guard body.count == 5 else { return nil }
      return RegisterWrite(address: address, words: [UInt16(number(at: 3))])
    case 16:
      let count = number(at: 3)
      guard (1...RegisterWrite.maximumCount).contains(count), address + count <= 65536,
        body.count == 6 + 2 * count, body[5] == 2 * count
      else { return nil }
      let words = (0..<count).map { UInt16(number(at: 6 + 2 * $0)) }
      return RegisterWrite(address: address, words: words)
    default: return nil
    }
  }

  /// The answer to a read of registers.
  public func reply(words: [UInt16]) -> [UInt8] {
    var reply = [function, UInt8(truncatingIfNeeded: 2 * words.count)]
    for word in words {
      reply.append(UInt8(truncatingIfNeeded: word >> 8))
      reply.append(UInt8(truncatingIfNeeded: word))
    }
    return reply
  }

  /// A refusal (1.1b3, §7).
  public func reply(exception: UInt8) -> [UInt8] { [function | 0x80, exception] }

  /// The answer to a write that was done: where, and what or how many.
  public func replyToWrite() -> [UInt8] { Array(body.prefix(5)) }

  /// `reply` as it goes back over TCP (MODBUS Messaging on TCP/IP 1.0b, §3.1.3).
  public func frame(_ reply: [UInt8]) -> [UInt8] {
    let length = UInt16(truncatingIfNeeded: reply.count + 1)
    return [
      UInt8(truncatingIfNeeded: transaction >> 8), UInt8(truncatingIfNeeded: transaction), 0, 0,
      UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length), unit,
    ] + reply
  }

  /// `reply` as it goes back over a serial line.
  public func serialFrame(_ reply: [UInt8]) -> [UInt8] { ModbusChecksum.framed([unit] + reply) }

  /// What the front of a TCP client's stream holds.
  enum Front {
    /// A request, and the bytes that it took.
    case request(ModbusRequest, Int)
    /// Only part of a frame so far.
    case incomplete
    /// No Modbus: the stream can't be followed any more.
    case garbage
  }

  static func front(of stream: [UInt8]) -> Front {
    guard stream.count >= 6 else { return .incomplete }
    let length = Int(stream[4]) << 8 | Int(stream[5])
    guard stream[2] == 0, stream[3] == 0, (2...maximumBody + 1).contains(length) else {
      return .garbage
    }
    guard stream.count >= 6 + length else { return .incomplete }
    let request = ModbusRequest(
      transaction: UInt16(stream[0]) << 8 | UInt16(stream[1]), unit: stream[6],
      body: Array(stream[7..<(6 + length)]))
    return .request(request, 6 + length)
  }
}
