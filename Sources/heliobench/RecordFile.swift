import Glibc
import Ledger
import Market
import Quantities
import Sealing

/// A file of signed records that both sides of the benchmark read: length (4 bytes, big-endian)
/// and bytes of each.
enum RecordFile {
  /// Authors whose chains take turns: a street's worth.
  static let authors = 16
  static let community = Community(name: "bench")

  /// Writes `count` records as they travel: sixteen chains, LIMIT records of the usual size.
  static func make(_ path: String, count: Int) throws {
    var ledgers: [CommunityLedger] = []
    for author in 0..<authors {
      var seed = [UInt8](repeating: 7, count: 32)
      seed[0] = UInt8(author)
      guard let keys = KeyPair(seed: seed) else { throw Complaint("libsodium refused a seed") }
      ledgers.append(CommunityLedger(community: community, keys: keys))
    }
    var bytes: [UInt8] = []
    for number in 0..<count {
      let author = number % authors
      let peer = ledgers[(author + 1) % authors].ownKey
      let time = Instant(millisecondsSince1970: 1_782_000_000_000 + Int64(number) * 1000)
      // A link pads the record to the length of a contract's, about 230 bytes.
      let link = Digest(of: [UInt8(truncatingIfNeeded: number)])
      guard
        let written = ledgers[author].write(
          .receipt, peer: peer, link: link, body: [.integer(Int64(number + 1))], at: time)
      else { throw Complaint("record \(number) could not be signed") }
      let record = written.record.bytes
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: record.count >> shift)) }
      bytes.append(contentsOf: record)
    }
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Complaint("\(path): errno \(errno)") }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let sent = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard sent > 0 else { throw Complaint("\(path): errno \(errno)") }
      written += sent
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
