import HeliographCore
import Quantities
import Synchronization
import Texting

/// Brings each answer of the station back to whoever asked: control socket, console or SMS.
public final class ReplyDesk: Sendable {
  /// The most questions that wait for an answer at once.
  public static let maximumWaiting = 64
  /// The longest that a question waits: the store may be failing, or a stranger gets silence.
  public static let patience = TimeSpan(seconds: 20)

  private struct Waiting {
    var next: Int64 = 1
    var answers: [TextMessage.Identifier: CheckedContinuation<String?, Never>] = [:]
    var callbacks: [TextMessage.Identifier: @Sendable (String?) -> Void] = [:]
  }

  private let queue: EventQueue
  private let waiting = Mutex(Waiting())

  public init(queue: EventQueue) { self.queue = queue }

  /// Puts a text before the station and waits for its answer; nil when none comes.
  public func ask(_ text: String, from origin: TextMessage.Origin) async -> String? {
    await withCheckedContinuation { continuation in
      let id = waiting.withLock { waiting -> TextMessage.Identifier? in
        guard waiting.answers.count < Self.maximumWaiting else { return nil }
        let id = TextMessage.Identifier(waiting.next)
        waiting.next += 1
        waiting.answers[id] = continuation
        return id
      }
      guard let id else {
        continuation.resume(returning: "Error: the node is busy. Ask again in a minute.")
        return
      }
      guard queue.offer(.text(TextMessage(id: id, origin: origin, text: text))) else {
        answer(id, "Error: the node is busy. Ask again in a minute.")
        return
      }
      Task {
        try? await Task.sleep(for: .milliseconds(Self.patience.milliseconds))
        answer(id, nil)
      }
    }
  }

  /// Puts an event before the station that is answered like a text; false when it is too busy.
  ///
  /// The answer is nil when none comes in time; the event may still be taken.
  func submit(
    _ event: (TextMessage.Identifier) -> Event, _ answer: @escaping @Sendable (String?) -> Void
  ) -> Bool {
    let id = waiting.withLock { waiting -> TextMessage.Identifier? in
      guard waiting.answers.count + waiting.callbacks.count < Self.maximumWaiting else {
        return nil
      }
      let id = TextMessage.Identifier(waiting.next)
      waiting.next += 1
      waiting.callbacks[id] = answer
      return id
    }
    guard let id else { return false }
    guard queue.offer(event(id)) else {
      waiting.withLock { _ = $0.callbacks.removeValue(forKey: id) }
      return false
    }
    Task {
      try? await Task.sleep(for: .milliseconds(Self.patience.milliseconds))
      self.answer(id, nil)
    }
    return true
  }

  /// Hands the station's answer over; one for a question that waits no more is dropped.
  func answer(_ id: TextMessage.Identifier, _ text: String?) {
    let (continuation, callback) = waiting.withLock { waiting in
      (waiting.answers.removeValue(forKey: id), waiting.callbacks.removeValue(forKey: id))
    }
    continuation?.resume(returning: text)
    callback?(text)
  }
}
