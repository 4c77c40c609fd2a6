import Sites

/// A Modbus TCP request as a server finds it in a client's stream.
///
/// Source: MODBUS Messaging on TCP/IP Implementation Guide 1.0b, §3.1.3 (transaction 2, protocol 2,
/// length 2, unit 1, then function and data).
struct ModbusRequest {
  /// The longest frame: header 7, function and data 253.
  static let maximumBytes = 260

  /// The whole frame.
  let bytes: [UInt8]

  var unit: UInt8 { bytes[6] }
  var function: UInt8 { bytes[7] }

  /// What it asks to read; nil unless it is a read of a sensible number of registers.
  var span: RegisterSpan? {
    guard let table = RegisterTable(rawValue: function), bytes.count == 12 else { return nil }
    let address = Int(bytes[8]) << 8 | Int(bytes[9])
    let count = Int(bytes[10]) << 8 | Int(bytes[11])
    guard (1...RegisterSpan.maximumCount).contains(count), address + count <= 65536 else {
      return nil
    }
    return RegisterSpan(table: table, address: address, count: count)
  }

  /// What the front of a client's stream holds.
  enum Front {
    case request(ModbusRequest)
    /// Only part of a frame so far.
    case incomplete
    /// No Modbus: the stream can't be followed any more.
    case garbage
  }

  static func front(of stream: [UInt8]) -> Front {
    guard stream.count >= 6 else { return .incomplete }
    let length = Int(stream[4]) << 8 | Int(stream[5])
    guard stream[2] == 0, stream[3] == 0, (2...maximumBytes - 6).contains(length) else {
      return .garbage
    }
    guard stream.count >= 6 + length else { return .incomplete }
    return .request(ModbusRequest(bytes: Array(stream[..<(6 + length)])))
  }
}
