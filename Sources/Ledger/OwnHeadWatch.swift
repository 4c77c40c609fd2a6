import Quantities
import Sealing

/// Whether this node has all that it ever signed, as far as anyone can tell.
///
/// A node that signs on from a restored backup, or from a database that lost its newest writes,
/// forks its own chain. So it asks before it signs: the marker that lies outside the database and
/// its backups, and the neighbours. What is proved (the marker, its own signature) stands for
/// ever; a neighbour's bare word is believed for a while.
struct OwnHeadWatch: Sendable {
  /// How long a node whose marker agrees waits for a neighbour's word after a start.
  static let question = TimeSpan(seconds: 30)
  /// After so long without a change a node that may not sign says why.
  static let patience = OwnChainClaims.patience

  /// How long the own chain is proved to be.
  var lengthSeen: Int64 = 0
  /// The marker's last record, until it is known here.
  var awaited: (sequence: Int64, head: Digest)?
  var claims = OwnChainClaims()
  /// Since when the neighbours are asked; nil when one has answered or none has to.
  fileprivate(set) var askingSince: Instant?
  fileprivate var markerAgrees = false
  /// When the own chain last grew while records of it were missing.
  fileprivate var still: (since: Instant, having: Int64)?
  fileprivate var saidWhy = false
}

/// Why a node has been reading only for ten minutes.
public enum ReadingOnly: Hashable, Sendable {
  /// Own records from this sequence on are missing, up to `count`, and nobody has sent them.
  case missing(from: Int64, count: Int64)
  /// There are own records, no marker to compare them with, and no neighbour was heard.
  case unanswered
  /// The own records are not those that the marker tells of, or there are two branches of them.
  case forked
}

extension CommunityLedger {
  /// Begins with what the marker outside the database tells; nil where there is none.
  ///
  /// Neighbours are asked for this node's own head first, unless it never signed anything.
  public mutating func begin(marker: (count: Int64, head: Digest)?, at now: Instant) {
    if let marker, marker.count > 0 {
      sawOwnLength(marker.count)
      ownHead.markerAgrees = knows(marker.head, of: ownKey, at: marker.count - 1)
      if !ownHead.markerAgrees { ownHead.awaited = (marker.count - 1, marker.head) }
    }
    if ownCount > 0 || ownHead.lengthSeen > 0 { ownHead.askingSince = now }
  }

  /// Whether this node may sign: its own chain is as long as it is known to have been.
  ///
  /// A restored backup is shorter; signing then would fork. The missing records come from the
  /// neighbours, and signing goes on by itself.
  public var maySign: Bool {
    ownHead.askingSince == nil && !lacksOwnRecords && chain(of: ownKey)?.isForked != true
  }

  /// Whether own records are known to be missing here.
  public var lacksOwnRecords: Bool {
    if let awaited = ownHead.awaited, !knows(awaited.head, of: ownKey, at: awaited.sequence) {
      return true
    }
    return ownCount < max(ownHead.lengthSeen, ownHead.claims.longest)
  }

  /// Whether a neighbour has still to say what it knows of this node.
  public var isAskingOwnHead: Bool { ownHead.askingSince != nil }

  /// A neighbour has said what it knows.
  public mutating func heardNeighbour() { ownHead.askingSince = nil }

  /// It is certain (by the head marker, by a signature) that this node has signed `count` records.
  public mutating func sawOwnLength(_ count: Int64) {
    ownHead.lengthSeen = max(ownHead.lengthSeen, count)
  }

  /// A neighbour says that it knows `count` records of this node; it is believed for a while.
  public mutating func heardOwnLength(_ count: Int64, from peer: PublicKey, at now: Instant) {
    ownHead.claims.hear(count, from: peer, whileHaving: ownCount, at: now)
  }

  /// Gives up on claims that were not borne out by records; returns who made them, by key.
  public mutating func doubtClaims(at now: Instant) -> [PublicKey] {
    ownHead.claims.doubt(having: ownCount, at: now)
  }

  /// Nobody has answered: with a marker that agrees, signing goes on without the neighbours' word.
  public mutating func endQuestion(at now: Instant) {
    guard let since = ownHead.askingSince, ownHead.markerAgrees,
      now.since(since) >= OwnHeadWatch.question
    else { return }
    ownHead.askingSince = nil
  }

  /// Why this node may not sign, said once when nothing has changed for ten minutes.
  public mutating func readingOnly(at now: Instant) -> ReadingOnly? {
    guard !maySign else {
      ownHead.still = nil
      ownHead.saidWhy = false
      return nil
    }
    guard let still = ownHead.still, still.having == ownCount else {
      ownHead.still = (now, ownCount)
      return nil
    }
    guard !ownHead.saidWhy, now.since(still.since) >= OwnHeadWatch.patience else { return nil }
    ownHead.saidWhy = true
    if chain(of: ownKey)?.isForked == true { return .forked }
    guard lacksOwnRecords else { return .unanswered }
    let known = max(ownHead.lengthSeen, ownHead.claims.longest)
    return known > ownCount ? .missing(from: ownCount, count: known) : .forked
  }
}
