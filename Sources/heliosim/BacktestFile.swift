import Glibc

/// What a backtest reads from the system: a household's file, and its own memory.
enum BacktestFile {
  /// The most that a file may hold: ten years of minutes.
  private static let limit = 512 << 20

  /// A whole file.
  static func read(_ path: String) throws(StreetError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw StreetError("\(path): \(StreetSystem.errorText())") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw StreetError("\(path): \(StreetSystem.errorText())") }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
      guard bytes.count <= limit else { throw StreetError("\(path): larger than 512 MB") }
    }
  }

  /// A line of /proc/self/status in kilobytes, such as VmRSS or VmHWM; nil where there is none.
  static func memoryKilobytes(_ name: String) -> Int64? {
    guard let bytes = try? read("/proc/self/status") else { return nil }
    let line = bytes.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: name.utf8) }
    let digits = line?.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    return digits.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
  }

  /// What this process has had of the processor so far.
  static func processorMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
