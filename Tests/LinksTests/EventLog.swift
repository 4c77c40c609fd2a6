import Links
import Sealing
import Synchronization

/// Everything that one hub told, with a way to wait for it.
final class EventLog: Sendable {
  private let events = Mutex<[LinkEvent]>([])

  func append(_ event: LinkEvent) { events.withLock { $0.append(event) } }

  var all: [LinkEvent] { events.withLock { $0 } }

  /// Waits for an event; false when none comes in a minute and a half: far longer than it takes.
  func waits(for isWanted: @Sendable (LinkEvent) -> Bool) async -> Bool {
    await eventually { self.all.contains(where: isWanted) }
  }

  func isUp(_ key: PublicKey) -> Bool {
    var isUp = false
    for event in all {
      if event == .up(key) { isUp = true }
      if case .down(key, _) = event { isUp = false }
    }
    return isUp
  }
}

/// Polls a condition with a generous deadline.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
  for _ in 0..<9000 {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return condition()
}
