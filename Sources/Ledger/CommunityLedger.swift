import Market
import Quantities
import Sealing

/// The chains of a community as one node knows them, and the accounts that follow from them.
public struct CommunityLedger: Sendable {
  public let community: Community
  private let keys: KeyPair
  private var chains: [PublicKey: Chain] = [:]
  public private(set) var accounts = Accounts()
  /// How long this node's own chain is proved to be, by its head marker or its own signature.
  private var ownLengthSeen: Int64 = 0
  private var claims = OwnChainClaims()

  /// The most authors whose chains are kept.
  public static let maximumAuthors = 1000
  /// The most bytes of one author's records, unless it is this node: some 70,000 records, years of
  /// trade. Whoever writes more without end must not fill memory and disk.
  public static let maximumAuthorBytes = 16 << 20
  /// The most bytes of all records of authors that the household has not listed.
  public static let maximumStrangersBytes = 32 << 20

  private let listed: Set<PublicKey>
  private var strangersBytes = 0

  /// - Parameter listed: the household's neighbours; every other author is a stranger.
  public init(community: Community, keys: KeyPair, listed: Set<PublicKey> = []) {
    self.community = community
    self.keys = keys
    self.listed = listed
  }

  public var ownKey: PublicKey { keys.publicKey }

  /// What receiving a record came to.
  public enum Receipt: Sendable {
    /// New and taken; with the contracts it moved.
    case taken(Record, moved: [Contract])
    case duplicate
    /// The author's earlier records are missing here.
    case gap(author: PublicKey)
    /// New proof that an author forked; its second record is to be kept and spread.
    case forked(Fork)
    case refused(reason: String)
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
    do {
      record = try Record(decoding: bytes, verifying: false)
    } catch { return .refused(reason: error.text) }
    guard stored == nil || stored == record.identity else {
      return .refused(reason: "it is damaged in the store")
    }
    guard record.community == community.identifier else {
      return .refused(reason: "it belongs to another community than \(community.name)")
    }
    if chains[record.author]?.identity(at: record.sequence) == record.identity {
      return .duplicate
    }
    guard stored != nil || record.isGenuine else {
      return .refused(reason: SealedContentError.badSignature(author: record.author).text)
    }
    if chains[record.author] == nil {
      guard chains.count < Self.maximumAuthors else {
        return .refused(reason: "\(Self.maximumAuthors) authors are known already")
      }
      guard record.sequence == 0 else {
        if record.author == ownKey { sawOwnLength(record.sequence + 1) }
        return .gap(author: record.author)
      }
    }
    let isStranger = record.author != ownKey && !listed.contains(record.author)
    if let reason = noRoom(for: record, isStranger: isStranger) { return .refused(reason: reason) }
    let hadFork = chains[record.author]?.fork != nil
    // In place: a chain copied out of the dictionary would be copied whole when it grows.
    switch chains[record.author, default: Chain(author: record.author)].take(record) {
    case .appended:
      if isStranger { strangersBytes += bytes.count }
      return .taken(record, moved: accounts.apply(record))
    case .duplicate: return .duplicate
    case .gap:
      // Signed by this node itself: whoever sent it has proved how long the chain was.
      if record.author == ownKey { sawOwnLength(record.sequence + 1) }
      return .gap(author: record.author)
    case .forked(let fork): return hadFork ? .duplicate : .forked(fork)
    case .refused:
      return .refused(
        reason: "record \(record.sequence) of \(record.author.short) does not follow its chain")
    }
  }

  /// Why a record can't be kept for its length; a proof of a fork always can.
  private func noRoom(for record: Record, isStranger: Bool) -> String? {
    guard record.author != ownKey else { return nil }
    let chain = chains[record.author]
    guard record.sequence >= chain?.count ?? 0 else { return nil }
    if (chain?.byteCount ?? 0) + record.bytes.count > Self.maximumAuthorBytes {
      return "\(record.author.short) has written \(Self.maximumAuthorBytes >> 20) MiB already"
    }
    if isStranger, strangersBytes + record.bytes.count > Self.maximumStrangersBytes {
      return "authors that are not listed have written \(Self.maximumStrangersBytes >> 20) MiB"
    }
    return nil
  }

  /// Whether this node may sign: its own chain is as long as it is known to have been.
  ///
  /// A restored backup is shorter; signing then would fork. The missing records come from the
  /// neighbours, and signing goes on by itself.
  public var maySign: Bool { ownCount >= max(ownLengthSeen, claims.longest) }

  /// It is certain (by the head marker, by a signature) that this node has signed `count` records.
  public mutating func sawOwnLength(_ count: Int64) { ownLengthSeen = max(ownLengthSeen, count) }

  /// A neighbour says that it knows `count` records of this node; it is believed for a while.
  public mutating func heardOwnLength(_ count: Int64, from peer: PublicKey, at now: Instant) {
    claims.hear(count, from: peer, whileHaving: ownCount, at: now)
  }

  /// Gives up on claims that were not borne out by records; returns who made them, by key.
  public mutating func doubtClaims(at now: Instant) -> [PublicKey] {
    claims.doubt(having: ownCount, at: now)
  }

  public var ownCount: Int64 { chains[ownKey]?.count ?? 0 }

  /// Writes, signs and applies the next record of the own chain; nil while `maySign` is false.
  public mutating func write(
    _ kind: Record.Kind, peer: PublicKey?, link: Digest? = nil, body: [CBORValue] = [],
    at now: Instant
  ) -> (record: Record, moved: [Contract])? {
    guard maySign, chains[ownKey]?.fork == nil else { return nil }
    let record = Record(
      community: community.identifier, keys: keys, sequence: ownCount,
      previous: chains[ownKey]?.head, time: now, kind: kind, peer: peer, link: link, body: body)
    let outcome = chains[record.author, default: Chain(author: record.author)].take(record)
    precondition(outcome == .appended, "the own chain's next record always follows it")
    return (record, accounts.apply(record))
  }

  /// How far each author's chain is known here, by author.
  public var frontier: [(author: PublicKey, count: Int64, head: Digest)] {
    chains.values.sorted { $0.author < $1.author }.compactMap { chain in
      chain.head.map { (chain.author, chain.count, $0) }
    }
  }

  /// What is known of an author's chain.
  public func chain(of author: PublicKey) -> Chain? { chains[author] }

  /// The authors who are proved to have forked, by key.
  public var forks: [Fork] {
    chains.values.compactMap(\.fork).sorted { $0.author < $1.author }
  }

  /// Whether an author is proved to have forked.
  public func hasForked(_ author: PublicKey) -> Bool { chains[author]?.fork != nil }

  /// What `buyer` may still take on with `seller`: nothing for who forked.
  public func credit(seller: PublicKey, buyer: PublicKey, at now: Instant) -> Credits {
    if chains[buyer]?.fork != nil || chains[seller]?.fork != nil { return .zero }
    return accounts.credit(seller: seller, buyer: buyer, at: now)
  }

  /// Every `credit(seller:buyer:at:)` above zero, by seller and buyer: what clearing goes by.
  public func creditLimits(at now: Instant) -> [CreditLimit] {
    accounts.creditLimits(at: now).filter {
      chains[$0.buyer]?.fork == nil && chains[$0.seller]?.fork == nil
    }
  }

  /// Sets aside what is over, so that credit is computed from live contracts only.
  public mutating func retire(at now: Instant) { accounts.retire(at: now) }

  /// Accounts computed anew from the records of all chains; equal to `accounts` always.
  public func recomputedAccounts() -> Accounts {
    var result = Accounts()
    for chain in chains.values.sorted(by: { $0.author < $1.author }) {
      for bytes in chain.records(from: 0, limit: Chain.capacity) {
        guard let record = try? Record(decoding: bytes, verifying: false) else { continue }
        _ = result.apply(record)
      }
    }
    return result
  }
}
