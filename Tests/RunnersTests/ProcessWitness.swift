import Glibc
import Runners
import Synchronization

/// What an engine's process told, to be waited for; and the kernel's word on processes.
final class ProcessWitness: Sendable {
  private let events = Mutex<[EngineProcess.Event]>([])

  var all: [EngineProcess.Event] { events.withLock { $0 } }

  func add(_ event: EngineProcess.Event) { events.withLock { $0.append(event) } }

  /// The reasons of the endings and failures.
  var reasons: [String] {
    all.compactMap { event in
      switch event {
      case .ended(let reason, _), .failed(let reason): reason
      default: nil
      }
    }
  }

  /// Waits until `condition` holds; false when a minute was not enough.
  static func wait(until condition: () -> Bool) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(60)
    while !condition() {
      guard clock.now < deadline else { return false }
      try await Task.sleep(for: .milliseconds(2))
    }
    return true
  }

  func wait(for event: EngineProcess.Event) async throws -> Bool {
    try await Self.wait { all.contains(event) }
  }

  /// Waits for as many events as these, and says whether they are these.
  func wait(for expected: [EngineProcess.Event]) async throws -> Bool {
    _ = try await Self.wait { all.count >= expected.count }
    return all == expected
  }

  /// The processes whose command line holds `word`, with their state in /proc/PID/stat.
  static func processes(with word: String) -> [(number: Int32, state: Character)] {
    ScratchFolder.names("/proc").compactMap { name in
      guard let number = Int32(name), text("/proc/\(name)/cmdline").contains(word) else {
        return nil
      }
      let line = text("/proc/\(name)/stat")
      guard let end = line.lastIndex(of: ")") else { return nil }
      let state = line[end...].dropFirst(2).first ?? "?"
      return state == "Z" ? nil : (number, state)
    }
  }

  static func text(_ path: String) -> String {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
  }
}
