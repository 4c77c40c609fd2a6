import Sealing

/// Room for authors that the household has not listed.
///
/// Anybody can make up keys by the thousand, so what these write takes none of the others' room.
extension CommunityLedger {
  /// The most branches of strangers, where each author takes up the room of two: those that prove a
  /// fork.
  ///
  /// So 800 of them are kept, and the ends of all branches fit in one frontier with those of four
  /// hundred listed authors; what does not would be sent again and again in the place of what is
  /// new.
  public static let maximumStrangersBranches = 1600

  /// Whether an author is neither this node nor listed by its household.
  public func isStranger(_ author: PublicKey) -> Bool {
    author != ownKey && !listed.contains(author)
  }

  func hasRoomForStrangers(_ branches: Int) -> Bool {
    strangersBranches + branches <= Self.maximumStrangersBranches
  }

  /// Two are as good a proof as all; more of a stranger's are kept where there is room.
  func mostBranches(of author: PublicKey) -> Int {
    !hasRoomForStrangers(1) && isStranger(author)
      ? Chain.provingBranches : Chain.maximumBranches
  }

  mutating func noteBranches(of author: PublicKey, before: Int) {
    let count = chain(of: author)?.branches.count ?? 0
    guard count != before, isStranger(author) else { return }
    strangersBranches += Self.room(forBranches: count) - Self.room(forBranches: before)
  }

  private static func room(forBranches count: Int) -> Int {
    count == 0 ? 0 : max(count, Chain.provingBranches)
  }
}
