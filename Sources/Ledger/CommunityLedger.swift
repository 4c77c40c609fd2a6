import Market
import Quantities
import Sealing

/// The chains of a community as one node knows them, and the accounts that follow from them.
///
/// Records' bytes are not here: the store has them, and answers neighbours from them.
public struct CommunityLedger: Sendable {
  public let community: Community
  private let keys: KeyPair
  let salt: TagSalt
  private var chains = ChainTable()
  public private(set) var accounts = Accounts()
  var ownHead = OwnHeadWatch()
  var doubt = RestoreDoubt()
  var storedDoubt: [UInt8]?

  /// The most bytes of one author's records, unless it is this node: some 70,000 records, years of
  /// trade. Whoever writes more without end must not fill memory and disk.
  public static let maximumAuthorBytes = 16 << 20
  /// The most bytes of all records of authors that the household has not listed. What these open
  /// stays in memory, and a unit has 256 MB: the worst of them take up seven times their bytes, and
  /// twelve for a moment while the index is written.
  public static let maximumStrangersBytes = 16 << 20

  /// The household's neighbours.
  let listed: Set<PublicKey>
  private var strangersBytes = 0
  var strangersBranches = 0
  /// Records that are known here, on all branches.
  public private(set) var recordCount = 0
  /// What came since the last index, and how large that was.
  private(set) var unindexedRecords = 0
  private(set) var unindexedBytes = 0
  private(set) var snapshotBytes = 0
  /// Whether the store's segments can be added to.
  private(set) var hasIndex = false

  /// - Parameter listed: the household's neighbours; every other author is a stranger.
  public init(community: Community, keys: KeyPair, listed: Set<PublicKey> = []) {
    self.community = community
    self.keys = keys
    self.listed = listed
    salt = TagSalt(keys: keys)
    accounts.regard(listed: listed, own: keys.publicKey)
  }

  public var ownKey: PublicKey { keys.publicKey }

  /// What receiving a record came to.
  public enum Receipt: Sendable {
    /// New and taken; with the contracts it moved. It `provesFork` when it is the first record of
    /// its author that contradicts another one.
    case taken(Record, moved: [Contract], provesFork: Bool)
    case duplicate
    /// The record before it is missing here.
    case gap(Gap)
    case refused(reason: String)
  }

  /// A record whose predecessor is missing.
  public struct Gap: Sendable {
    public let record: Record
    /// Whether another record of its sequence is known: then what is missing is another branch,
    /// and its author has forked.
    public let isOtherBranch: Bool
    /// Whether that was not known before; the record is to be kept and spread as the proof.
    public let provesFork: Bool
  }

  /// Checks and takes a record's bytes; a record known already costs a digest, no signature check.
  ///
  /// - Parameter stored: for bytes from this node's own store, verified before: the identity that
  ///   they were stored under. Bytes that have another by now are damaged and refused; the record
  ///   then comes back from the neighbours, and nobody is taken for a forger.
  public mutating func receive(
    _ bytes: [UInt8], storedAs stored: Digest? = nil
  ) -> Receipt {
    let record: Record
    let parts = FoldedRun.parts(of: bytes)
    do {
      record = try Record(decoding: parts?.record ?? bytes, verifying: false)
    } catch { return .refused(reason: error.text) }
    guard stored == nil || stored == record.identity else {
      return .refused(reason: "it is damaged in the store")
    }
    return receive(record, after: parts?.run, isGenuine: stored != nil)
  }

  /// Takes a record that was decoded already.
  ///
  /// - Parameters:
  ///   - run: what is left of the records before it, where they came folded.
  ///   - isGenuine: whether its signature was verified before, by this node.
  public mutating func receive(
    _ record: Record, after run: FoldedRun? = nil, isGenuine: Bool
  ) -> Receipt {
    guard record.community == community.identifier else {
      return .refused(reason: "it belongs to another community than \(community.name)")
    }
    let tag = salt.tag(record.identity)
    let place = chains[record.author]?.place(of: tag, at: record.sequence)
    if let place, !canFill(record, at: place, isGenuine: isGenuine) { return .duplicate }
    guard isGenuine || record.isGenuine else {
      return .refused(reason: SealedContentError.badSignature(author: record.author).text)
    }
    let isStranger = isStranger(record.author)
    if isStranger, chains[record.author] == nil, !hasRoomForStrangers(2) {
      return .refused(
        reason: "there is no room for another author that is not listed: list it to hear it")
    }
    if let reason = noRoom(for: record, isStranger: isStranger, isPlaced: place != nil) {
      return .refused(reason: reason)
    }
    guard run?.isFollowed(by: record) ?? true else {
      return .refused(reason: "it does not follow the folded records before it")
    }
    if let place { return fill(record, at: place, isStranger: isStranger) }
    let runProvesFork = run.map { take($0, of: record.author, isStranger: isStranger) } ?? false
    let outcome = take(record, tag: tag)
    switch outcome {
    case .appended(let provesFork):
      if isStranger { strangersBytes += record.bytes.count }
      return .taken(record, moved: count(record), provesFork: provesFork || runProvesFork)
    case .duplicate: return .duplicate
    case .gap, .otherBranch:
      // Signed by this node itself: whoever sent it has proved how long the chain was.
      if record.author == ownKey { sawOwnLength(record.sequence + 1) }
      return .gap(
        Gap(
          record: record, isOtherBranch: outcome != .gap,
          provesFork: outcome == .otherBranch(provesFork: true)))
    case .refused:
      return .refused(
        reason: "\(record.author.short) has written \(Chain.capacity) records or "
          + "\(mostBranches(of: record.author)) branches already")
    }
  }

  /// Whether a record is to take the place of its remainder. A node that has lost nothing has no
  /// use for it, and lets no neighbour fill its disk with what others have folded.
  private func canFill(_ record: Record, at branch: Int, isGenuine: Bool) -> Bool {
    guard isGenuine || doubt.isOpen else { return false }
    return chains[record.author]?.isHollow(record.sequence, of: branch) ?? false
  }

  /// The record itself takes the place of its remainder, and counts from now on.
  private mutating func fill(_ record: Record, at branch: Int, isStranger: Bool) -> Receipt {
    let length = record.bytes.count
    chains.change(record.author) { $0.fill(record.sequence, of: branch, length: length) }
    if isStranger { strangersBytes += length }
    // Its tag is known: only what it does is new.
    unindexedBytes += length
    return .taken(record, moved: accounts.apply(record), provesFork: false)
  }

  /// Takes what is not known of a run, when what is before that is; whether it proves a fork.
  private mutating func take(_ run: FoldedRun, of author: PublicKey, isStranger: Bool) -> Bool {
    var provesFork = false
    var previous = run.previous.map { salt.tag($0) }
    for (index, identity) in run.identities.enumerated() {
      let step = Chain.Step(
        sequence: run.first + Int64(index), identity: identity, tag: salt.tag(identity),
        length: FoldedRun.Remainder.length, isHollow: true)
      // Only where the chain begins with the run may there be nothing before.
      if chains[author] == nil, step.sequence > 0 { return false }
      let most = mostBranches(of: author)
      let before = chains[author]?.branches.count ?? 0
      let outcome = chains.change(author) {
        $0.take(step, previous: previous, mostBranches: most)
      }
      noteBranches(of: author, before: before)
      switch outcome {
      case .appended(let proves):
        provesFork = provesFork || proves
        recordCount += 1
        unindexedRecords += 1
        unindexedBytes += step.length
        if isStranger { strangersBytes += step.length }
      case .duplicate: break
      case .gap, .otherBranch, .refused: return provesFork
      }
      previous = step.tag
    }
    return provesFork
  }

  /// What is not known yet of a run before a record of `author`; nil when all of it is.
  public func unknown(of run: FoldedRun, by author: PublicKey) -> FoldedRun? {
    let identities = run.identities
    let known = identities.indices.first {
      !knows(identities[$0], of: author, at: run.first + Int64($0))
    }
    guard let first = known else { return nil }
    return FoldedRun(
      first: run.first + Int64(first), previous: first == 0 ? run.previous : identities[first - 1],
      remainders: Array(run.remainders[first...]))
  }

  /// Records of `author` were folded in the store and take up so many bytes less.
  public mutating func noteFolded(by author: PublicKey, bytes: Int) {
    if chains[author] != nil { chains.change(author) { $0.noteFolded(bytes: bytes) } }
    // The index says how long chains are: without a new one the next start would not know.
    unindexedBytes += bytes
    if isStranger(author) {
      strangersBytes = max(0, strangersBytes - bytes)
    }
  }

  private mutating func take(_ record: Record, tag: RecordTag) -> Chain.Outcome {
    if record.sequence > 0, chains[record.author] == nil { return .gap }
    // Nearly always the end of a branch, whose tag is known.
    let previous = record.previous.map {
      chains[record.author]?.tag(ofEnd: $0) ?? salt.tag($0)
    }
    let most = mostBranches(of: record.author)
    let before = chains[record.author]?.branches.count ?? 0
    let outcome = chains.change(record.author) {
      $0.take(record, tag: tag, previous: previous, mostBranches: most)
    }
    noteBranches(of: record.author, before: before)
    return outcome
  }

  private mutating func count(_ record: Record) -> [Contract] {
    recordCount += 1
    unindexedRecords += 1
    unindexedBytes += record.bytes.count
    return accounts.apply(record)
  }

  /// Why a record can't be kept for its length; the first proof of a fork always can.
  private func noRoom(for record: Record, isStranger: Bool, isPlaced: Bool) -> String? {
    guard record.author != ownKey else { return nil }
    let chain = chains[record.author]
    if let chain, !chain.isForked, !isPlaced, record.sequence < chain.count { return nil }
    // What fills places must leave an author room for what is new.
    let most = isPlaced ? Self.maximumAuthorBytes / 2 : Self.maximumAuthorBytes
    if (chain?.byteCount ?? 0) + record.bytes.count > most {
      return "\(record.author.short) has written \(most >> 20) MiB already"
    }
    if isStranger, strangersBytes + record.bytes.count > Self.maximumStrangersBytes {
      return "authors that are not listed have written \(Self.maximumStrangersBytes >> 20) MiB"
    }
    return nil
  }

  public var ownCount: Int64 { chains[ownKey]?.count ?? 0 }

  /// Writes, signs and applies the next record of the own chain; nil while `maySign` is false.
  public mutating func write(
    _ kind: Record.Kind, peer: PublicKey?, link: Digest? = nil, body: [CBORValue] = [],
    at now: Instant
  ) -> (record: Record, moved: [Contract])? {
    guard maySign else { return nil }
    if kind == .limit, let peer { doubt.trust(peer) }
    let record = Record(
      community: community.identifier, keys: keys, sequence: ownCount,
      previous: chains[ownKey]?.head, time: now, kind: kind, peer: peer, link: link, body: body)
    let outcome = take(record, tag: salt.tag(record.identity))
    precondition(
      outcome == .appended(provesFork: false), "the own chain's next record always follows it")
    return (record, count(record))
  }

  /// What is known of an author's chain.
  public func chain(of author: PublicKey) -> Chain? { chains[author] }

  /// All chains, by author.
  public var sortedChains: [Chain] { chains.sorted }

  /// Whether this very record is known; not only what is left of it, where it may be needed whole.
  public func holds(_ identity: Digest, of author: PublicKey, at sequence: Int64) -> Bool {
    guard doubt.isOpen else { return knows(identity, of: author, at: sequence) }
    guard let chain = chains[author], chain.reaches(sequence) else { return false }
    if chain.ends(with: identity, at: sequence) { return true }
    guard let branch = chain.place(of: salt.tag(identity), at: sequence) else { return false }
    return !chain.isHollow(sequence, of: branch)
  }

  /// Whether this very record is known, or what is left of it.
  public func knows(_ identity: Digest, of author: PublicKey, at sequence: Int64) -> Bool {
    // What is beyond its author's chain, or the end of it, costs no digest.
    guard let chain = chains[author], chain.reaches(sequence) else { return false }
    return chain.ends(with: identity, at: sequence)
      || chain.place(of: salt.tag(identity), at: sequence) != nil
  }

  /// The branch of an author's chain that has this record.
  public func place(of identity: Digest, of author: PublicKey, at sequence: Int64) -> Int? {
    chains[author]?.place(of: salt.tag(identity), at: sequence)
  }

  /// Sets aside what is over, so that credit is computed from live contracts only.
  public mutating func retire(at now: Instant) {
    // Of an old contract that comes back in several frames the first part must wait for the rest.
    accounts.retire(at: now, forgetting: doubted.isEmpty)
  }
}

// For `CommunityLedger+Index.swift`.
extension CommunityLedger {
  mutating func forEachChain(_ body: (inout Chain) -> Void) { chains.forEach(body) }

  /// How many tags the store's segments have.
  var indexedTags: Int { recordCount - unindexedRecords }

  mutating func noteIndex(snapshotBytes: Int) {
    hasIndex = true
    unindexedRecords = 0
    unindexedBytes = 0
    self.snapshotBytes = snapshotBytes
  }

  mutating func adopt(_ restored: [Chain], _ accounts: Accounts, snapshotBytes: Int) {
    self.accounts = accounts
    self.accounts.regard(listed: listed, own: ownKey)
    for chain in restored {
      chains.add(chain)
      recordCount += chain.branches.reduce(0) { $0 + $1.tags.count }
      if isStranger(chain.author) {
        strangersBytes += chain.byteCount
        noteBranches(of: chain.author, before: 0)
      }
    }
    noteIndex(snapshotBytes: snapshotBytes)
  }
}
