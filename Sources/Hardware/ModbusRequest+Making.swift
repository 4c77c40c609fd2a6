import Sites

/// A table of single bits that a Modbus device has; the raw value is the function that reads it.
public enum BitTable: UInt8, Hashable, Sendable, CaseIterable {
  case coil = 1
  case discrete = 2

  /// The most bits that one request may ask for (1.1b3, §6.1).
  public static let maximumCount = 2000
}

/// The requests that a client makes.
extension ModbusRequest {
  private static func body(_ function: UInt8, _ first: Int, _ second: Int) -> [UInt8] {
    [
      function, UInt8(truncatingIfNeeded: first >> 8), UInt8(truncatingIfNeeded: first),
      UInt8(truncatingIfNeeded: second >> 8), UInt8(truncatingIfNeeded: second),
    ]
  }

  /// Asks for the registers of `span`.
  public static func read(_ span: RegisterSpan, unit: UInt8) -> ModbusRequest {
    ModbusRequest(unit: unit, body: body(span.table.rawValue, span.address, span.count))
  }

  /// Asks for `count` bits, 1 to 2000; traps outside.
  public static func readBits(
    _ table: BitTable, at address: Int, count: Int, unit: UInt8
  ) -> ModbusRequest {
    precondition((1...BitTable.maximumCount).contains(count), "a read is of 1 to 2000 bits")
    precondition(address >= 0 && address + count <= 65536, "bits are numbered 0 to 65535")
    return ModbusRequest(unit: unit, body: body(table.rawValue, address, count))
  }

  /// Writes registers with function 16, or a single one with function 6 if `alone`.
  public static func write(_ write: RegisterWrite, unit: UInt8, alone: Bool) -> ModbusRequest {
    if alone, write.words.count == 1 {
      return ModbusRequest(unit: unit, body: body(6, write.address, Int(write.words[0])))
    }
    var body = body(16, write.address, write.words.count)
    body.append(UInt8(truncatingIfNeeded: 2 * write.words.count))
    for word in write.words {
      body.append(UInt8(truncatingIfNeeded: word >> 8))
      body.append(UInt8(truncatingIfNeeded: word))
    }
    return ModbusRequest(unit: unit, body: body)
  }

  /// Whether it changes something in the device, as far as is known: what is not known to read only
  /// may write.
  ///
  /// Function 43 is an envelope: only its type 14 reads, the device's identification; type 13
  /// carries CANopen's reads and writes alike (1.1b3, §6.19 to 6.21).
  public var isWrite: Bool {
    function == 43
      ? body.count < 2 || body[1] != 14
      : ![1, 2, 3, 4, 7, 11, 12, 17, 20, 24].contains(function)
  }

  /// What it does, for a message.
  var words: String {
    func first(_ index: Int) -> Int { Int(body[index]) << 8 | Int(body[index + 1]) }
    guard body.count >= 5 else { return "function \(function) of unit \(unit)" }
    let (address, count) = (first(1), first(3))
    return switch function {
    case 1: "\(count) coils at \(address) of unit \(unit)"
    case 2: "\(count) discrete inputs at \(address) of unit \(unit)"
    case 3: "\(count) holding registers at \(address) of unit \(unit)"
    case 4: "\(count) input registers at \(address) of unit \(unit)"
    case 5, 6: "the write at \(address) of unit \(unit)"
    case 15, 16: "the write of \(count) at \(address) of unit \(unit)"
    default: "function \(function) of unit \(unit)"
    }
  }
}
