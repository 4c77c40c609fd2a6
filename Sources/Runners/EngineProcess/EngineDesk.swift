import Synchronization

/// What is wanted of an engine and what is so, between the node and the engine's thread.
final class EngineDesk: Sendable {
  /// Where the engine is to be brought.
  enum Goal: Hashable, Sendable { case running, frozen, stopped }

  private struct Content {
    var state = EngineProcess.State.unknown
    /// Nil while nothing was ordered: it is left as it is.
    var goal: Goal?
    /// Counts the orders, so that a goal is given up only if no new order has come.
    var orders = 0
    var isClosed = false
  }

  private let content = Mutex(Content())

  var state: EngineProcess.State {
    get { content.withLock { $0.state } }
    set { content.withLock { $0.state = newValue } }
  }

  /// Changes the goal: to stand still is asked of what is to run, to go on of what is to stand.
  func order(_ goal: Goal, from earlier: Goal? = nil) {
    content.withLock { content in
      if let earlier, content.goal != earlier { return }
      content.goal = goal
      content.orders += 1
    }
  }

  /// The goal, and the count by which it is given up.
  func goal() -> (goal: Goal?, orders: Int) { content.withLock { ($0.goal, $0.orders) } }

  /// Takes what is for the goal, unless another order has come since.
  func settle(_ goal: Goal?, orders: Int) {
    content.withLock { if $0.orders == orders { $0.goal = goal } }
  }

  /// Asks for the end; true the first time.
  func close() -> Bool {
    content.withLock { content in
      defer { content.isClosed = true }
      return !content.isClosed
    }
  }

  var isClosed: Bool { content.withLock { $0.isClosed } }
}
