import Planning
import Synchronization

/// What the node wants of the runner, left for its thread; the last wish for a job counts.
final class Mailbox: Sendable {
  enum Wish: Hashable, Sendable {
    case start(folder: String)
    case pause(PauseKind)
    case close(folder: String, JobEnding)
  }

  private struct Content {
    var wishes: [JobNumber: Wish] = [:]
    var isStopping = false
    var wantsLook = false
    var wantsUnload = false
  }

  private let content = Mutex(Content())

  func put(_ wish: Wish, for job: JobNumber) { content.withLock { $0.wishes[job] = wish } }

  /// Asks for a look at the engine.
  func look() { content.withLock { $0.wantsLook = true } }

  /// Whether a look was asked for since the last time.
  func takeLook() -> Bool {
    content.withLock { content in
      defer { content.wantsLook = false }
      return content.wantsLook
    }
  }

  /// Asks for the engine's model to leave the memory.
  func unload() { content.withLock { $0.wantsUnload = true } }

  /// Whether that was asked for since the last time.
  func takeUnload() -> Bool {
    content.withLock { content in
      defer { content.wantsUnload = false }
      return content.wantsUnload
    }
  }

  /// Asks for the end; true the first time.
  func stop() -> Bool {
    content.withLock { content in
      defer { content.isStopping = true }
      return !content.isStopping
    }
  }

  /// Takes everything out, in the order of job numbers; nil once the end was asked for.
  func take() -> [(job: JobNumber, wish: Wish)]? {
    content.withLock { content in
      guard !content.isStopping else { return nil }
      defer { content.wishes.removeAll() }
      let ordered = content.wishes.sorted { $0.key < $1.key }
      return ordered.map { (job: $0.key, wish: $0.value) }
    }
  }
}
