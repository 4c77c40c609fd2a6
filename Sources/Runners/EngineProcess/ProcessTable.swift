import Glibc

/// The kernel's word on processes, read from /proc.
enum ProcessTable {
  /// The first 64 KiB of a small file; nil when it can't be read.
  static func text(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 65_536 {
      let count = read(file, &buffer, buffer.count)
      guard count >= 0 else { return nil }
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A line of /proc/PID/stat (proc(5)), as far as it matters here.
  struct Entry: Hashable {
    var process: pid_t
    /// `R`, `S`, `T` (stopped), `Z` (ended and not yet waited for), …
    var state: Character
    var group: pid_t
    /// In clock ticks since the machine started: with the number it names a process for good.
    var start: Int64

    var isOver: Bool { state == "Z" || state == "X" }
  }

  static func entry(_ process: pid_t) -> Entry? {
    guard let line = text("/proc/\(process)/stat"), let end = line.lastIndex(of: ")") else {
      return nil
    }
    // What comes after the program's name, which may hold anything: state, parent, group, …
    let fields = line[line.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let state = fields[0].first, let group = pid_t(fields[2]),
      let start = Int64(fields[19])
    else { return nil }
    return Entry(process: process, state: state, group: group, start: start)
  }

  /// All processes that can be seen, by number.
  static func entries() -> [Entry] {
    let numbers = Folder.names("/proc").compactMap { pid_t($0) }
    return numbers.sorted().compactMap(entry)
  }

  /// Whether the environment that a process was started with holds `mark`; false where it may not
  /// be read.
  static func environment(of process: pid_t, holds mark: String) -> Bool {
    text("/proc/\(process)/environ")?.split(separator: "\0").contains { $0 == mark } ?? false
  }

  /// Names this run of the machine; nil where a sandbox shows of /proc nothing but processes.
  static func boot() -> String? {
    let name = text("/proc/sys/kernel/random/boot_id")?.prefix { !$0.isWhitespace } ?? ""
    return name.isEmpty ? nil : String(name)
  }
}
