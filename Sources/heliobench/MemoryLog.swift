import Glibc
import Synchronization

/// Resident memory of this process as its work goes on, looked at each thousand lines.
final class MemoryLog: Sendable {
  struct Sample: Sendable {
    var lines: Int
    var kilobytes: Int
  }

  private static let interval = 1000

  private let samples = Mutex<[Sample]>([])

  var all: [Sample] { samples.withLock { $0 } }

  /// Takes a sample if enough lines were done since the last.
  func look(lines: Int) {
    samples.withLock { samples in
      guard lines >= (samples.last?.lines ?? 0) + Self.interval else { return }
      samples.append(Sample(lines: lines, kilobytes: Self.resident() ?? 0))
    }
  }

  /// What /proc/self/statm says, in kB.
  static func resident() -> Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return nil }
    let fields = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
    guard fields.count > 1 else { return nil }
    return Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) / 1024 }
  }
}
