import HeliographCore

/// For whoever tries every durable point in turn, where a plan's own crashes try some.
///
/// A neighbourhood is a value: run it to a commit, copy it, and let the copy lose power there.
extension Neighbourhood {
  /// Lets the next thing happen, and more until a node is about to commit records of its own; its
  /// number, nil when that happens no more before the quiet end.
  public mutating func runToOwnCommit() throws(BrokenInvariant) -> Int? {
    while let at = queue.next, at < plan.quietFrom {
      try step()
      if let node = nextOwnCommit { return node }
    }
    return nil
  }

  private var nextOwnCommit: Int? {
    guard case .commit(let node, let life) = queue.first, nodes[node].life == life else {
      return nil
    }
    let own = nodes[node].keys.publicKey
    let isOwn = nodes[node].waiting.contains { effect in
      if case .store(.record(let record)) = effect { record.author == own } else { false }
    }
    return isOwn ? node : nil
  }

  /// The node will lose power within its next commit; then it starts again by itself.
  ///
  /// - Parameter fault: how its disk breaks its promise from now on.
  public mutating func cutPower(
    of node: Int, at point: SimulatedNode.CrashPoint, on fault: SimulatedStore.Fault? = nil
  ) {
    nodes[node].crashAtCommit = point
    if let fault { nodes[node].store.fault = fault }
  }
}
