import Glibc
import Ledger
import Sealing

/// A file of signed records that both sides of the benchmark read: length (4 bytes, big-endian)
/// and bytes of each.
enum RecordFile {
  /// Writes the first `count` records of a street's contracts.
  static func make(_ path: String, count: Int) throws {
    var street = ContractStreet()
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Complaint("\(path): errno \(errno)") }
    defer { close(file) }
    var made = 0
    while made < count {
      var bytes: [UInt8] = []
      for record in street.nextContract().prefix(count - made) {
        made += 1
        let length = record.bytes.count
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        bytes.append(contentsOf: record.bytes)
      }
      var written = 0
      while written < bytes.count {
        let sent = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard sent > 0 else { throw Complaint("\(path): errno \(errno)") }
        written += sent
      }
    }
  }

  /// The records of a file, in order.
  static func read(_ path: String) throws -> [[UInt8]] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Complaint("\(path): errno \(errno)") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    var records: [[UInt8]] = []
    var offset = 0
    while offset + 4 <= bytes.count {
      let count = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      guard offset + 4 + count <= bytes.count else { throw Complaint("\(path) is cut off") }
      records.append(Array(bytes[offset + 4..<offset + 4 + count]))
      offset += 4 + count
    }
    return records
  }
}

/// Why the benchmark can't go on.
struct Complaint: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
