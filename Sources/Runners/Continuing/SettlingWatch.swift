/// Waits until an engine works no more on what was broken off.
///
/// Closing the connection should end the work, and does not always (llama.cpp #13262): what is
/// still computed draws power, so it counts as in flight until the engine's slots say otherwise.
struct SettlingWatch {
  static let path = "/slots"
  static let intervalMilliseconds: Int64 = 200
  /// An engine that works longer than this on what nobody waits for is waited for no longer.
  static let longestMilliseconds: Int64 = 30_000

  var isAsking = false
  var nextMilliseconds: Int64
  private let since: Int64

  init(since now: Int64) {
    since = now
    nextMilliseconds = now
  }

  /// When to ask next; nil while a question is out.
  var dueMilliseconds: Int64? { isAsking ? nil : nextMilliseconds }

  func isDue(at now: Int64) -> Bool { !isAsking && nextMilliseconds <= now }

  func isOver(at now: Int64) -> Bool { now - since >= Self.longestMilliseconds }

  /// How many slots are at work; nil where the engine doesn't tell.
  static func busySlots(_ ending: TransferEnding) -> Int? {
    guard case .answer(200, let body, _) = ending,
      let slots = (try? JSONParser.parse(body))?.elements
    else { return nil }
    return slots.count { $0["is_processing"] == .bool(true) }
  }
}
