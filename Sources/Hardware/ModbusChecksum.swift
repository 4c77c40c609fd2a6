/// The checksum at the end of each frame on a serial line.
///
/// Source: MODBUS over Serial Line 1.02, §6.2.2: CRC-16, polynomial 0xA001 reflected, start 0xFFFF,
/// the low byte sent first.
public enum ModbusChecksum {
  private static let table: [UInt16] = (0..<256).map { index in
    (0..<8).reduce(UInt16(index)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0xA001 : value >> 1
    }
  }

  /// The checksum of `bytes`.
  public static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    let table = table
    return bytes.reduce(0xFFFF) { crc, byte in
      crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
    }
  }

  /// `bytes` with their checksum behind them, as they go over the line.
  public static func framed(_ bytes: [UInt8]) -> [UInt8] {
    let crc = crc16(bytes)
    return bytes + [UInt8(truncatingIfNeeded: crc), UInt8(truncatingIfNeeded: crc >> 8)]
  }

  /// Whether `frame` ends in the checksum of what stands before it.
  public static func isWhole(_ frame: ArraySlice<UInt8>) -> Bool {
    frame.count >= 4
      && crc16(frame.dropLast(2)) == UInt16(frame[frame.endIndex - 1]) << 8
        | UInt16(frame[frame.endIndex - 2])
  }
}
