import Ledger
import Quantities
import Sealing

/// Spreads records, orders and frontiers among linked neighbours, store and forward.
///
/// Whenever a link comes up, and again every few minutes, both sides send their frontiers; each
/// answers with what the other lacks, which is read from the store. What is new is passed on to
/// every other link at once, so records cross partitions and several hops. The ledger decides what
/// is valid; gossip never does.
public struct Gossip: Sendable {
  /// Records in one frame: about 300 kB as people's trades make them…
  public static let batch = 1000
  /// …and never more than this many bytes: half of what a frame may hold.
  public static let batchBytes = 1 << 19
  /// A frontier is sent to a neighbour at most this often when gaps ask for it.
  public static let askInterval = TimeSpan(seconds: 2)

  /// The most authors that are asked for in one frame, and searched for at once.
  public static let maximumQuestions = 16
  static let maximumSearches = 64

  private var allowances: [PublicKey: AnswerAllowance] = [:]
  /// The last frontier of each neighbour that had to wait for its answer.
  private var unanswered: [PublicKey: [FrontierEntry]] = [:]
  /// What each linked neighbour was answered last.
  private var answers: [PublicKey: RepeatedAnswer] = [:]

  /// How far back what leads to another branch was asked for.
  private struct Search: Sendable {
    var from: Int64
    var step: Int64
  }

  private var searches: [PublicKey: Search] = [:]
  private var askedAt: [PublicKey: Instant] = [:]

  /// A link that is up.
  private struct Link: Sendable {
    let peer: PublicKey
    var heardAt: Instant
  }

  /// In order of key; few enough to be looked through faster than a key is hashed.
  private var links: [Link] = []
  /// When neighbours that have no link now were last heard.
  private var heardLast: [PublicKey: Instant] = [:]

  public init() {}

  /// Something for one neighbour.
  public struct Sending: Hashable, Sendable {
    public enum Content: Hashable, Sendable {
      case frame(Frame)
      /// Records of the store.
      case records(RecordRequest)
    }

    public let to: PublicKey
    public let content: Content

    init(to key: PublicKey, _ frame: Frame) {
      to = key
      content = .frame(frame)
    }

    init(to key: PublicKey, _ request: RecordRequest) {
      to = key
      content = .records(request)
    }
  }

  /// In order of key.
  public var linkedNeighbours: [PublicKey] { links.map(\.peer) }

  /// Whether a link with this neighbour is up.
  public func isLinked(_ key: PublicKey) -> Bool { place(of: key) != nil }

  /// When this neighbour was last heard.
  public func lastSeen(_ key: PublicKey) -> Instant? {
    place(of: key).map { links[$0].heardAt } ?? heardLast[key]
  }

  private func place(of key: PublicKey) -> Int? { links.firstIndex { $0.peer == key } }

  /// A link is up: says what is known here and which orders are open.
  public mutating func linkUp(
    _ key: PublicKey, ledger: CommunityLedger, orders: [[UInt8]], at now: Instant
  ) -> [Sending] {
    if !hears(key, at: now) {
      let next = links.firstIndex { key < $0.peer } ?? links.count
      links.insert(Link(peer: key, heardAt: now), at: next)
      heardLast[key] = nil
    }
    askedAt[key] = now
    // A new link may come before the old one is known to be gone.
    answers[key] = nil
    var sendings = [Sending(to: key, frontier(of: ledger))]
    if !orders.isEmpty {
      sendings.append(Sending(to: key, .orders(Array(orders.prefix(Frame.maximumItems)))))
    }
    return sendings
  }

  /// The link is gone.
  public mutating func linkDown(_ key: PublicKey) {
    if let place = place(of: key) { heardLast[key] = links.remove(at: place).heardAt }
    askedAt[key] = nil
    unanswered[key] = nil
    answers[key] = nil
  }

  /// Something came from this neighbour; false if no link with it is up.
  public mutating func hears(_ key: PublicKey, at now: Instant) -> Bool {
    guard let place = place(of: key) else { return false }
    links[place].heardAt = now
    return true
  }

  /// The frontier for every link: compared again now and then, in case anything was missed.
  public mutating func frontiers(of ledger: CommunityLedger) -> [Sending] {
    searches = [:]
    let frontier = frontier(of: ledger)
    return linkedNeighbours.map { Sending(to: $0, frontier) }
  }

  /// The ends of all branches, by author; those of strangers as far as there is room beside the own
  /// and the listed ones: who is not named is taken to be unknown here.
  private func frontier(of ledger: CommunityLedger) -> Frame {
    let chains = ledger.sortedChains
    let familiar = chains.filter { !ledger.isStranger($0.author) }
    var room = Frame.maximumItems - familiar.reduce(0) { $0 + $1.branches.count }
    var entries: [FrontierEntry] = []
    for chain in chains {
      if ledger.isStranger(chain.author) {
        guard chain.branches.count <= room else { continue }
        room -= chain.branches.count
      }
      for branch in chain.branches {
        entries.append(
          FrontierEntry(author: chain.author, count: branch.count, head: branch.head))
      }
    }
    return .frontier(Array(entries.prefix(Frame.maximumItems)))
  }

  /// Answers a neighbour's frontier, at once or, where it sends one after the other, with the next
  /// `waitingAnswers`: a few bytes have a thousand records read, and must not keep a node from all
  /// else. What it was sent and lacks all the same it is sent ever less often.
  public mutating func answer(
    _ entries: [FrontierEntry], from key: PublicKey, ledger: CommunityLedger, at now: Instant
  ) -> [Sending] {
    guard allowances[key, default: AnswerAllowance(at: now)].take(at: now) else {
      unanswered[key] = entries
      return []
    }
    unanswered[key] = nil
    guard let request = lacking(entries, ledger) else {
      answers[key] = nil
      return []
    }
    guard answers[key]?.takes(request, at: now) != false else { return [] }
    if answers[key] == nil { answers[key] = RepeatedAnswer(request, at: now) }
    return [Sending(to: key, request)]
  }

  /// What neighbours had to wait for, as far as they may have it by now.
  public mutating func waitingAnswers(ledger: CommunityLedger, at now: Instant) -> [Sending] {
    unanswered.sorted { $0.key < $1.key }.flatMap { key, entries in
      answer(entries, from: key, ledger: ledger, at: now)
    }
  }

  /// What a neighbour with this frontier lacks, proofs of forks first; nil when it has all.
  ///
  /// The neighbour learns of what *we* lack from our own frontier, which it gets as well.
  private func lacking(
    _ entries: [FrontierEntry], _ ledger: CommunityLedger
  ) -> RecordRequest? {
    // By author, those of one author in their order; an honest frontier is in order already.
    let isSorted = zip(entries, entries.dropFirst()).allSatisfy { $0.author <= $1.author }
    let ordered = isSorted ? entries : entries.sorted { $0.author < $1.author }
    var place = 0
    var request = RecordRequest(community: ledger.community.identifier)
    for chain in ledger.sortedChains {
      while place < ordered.count, ordered[place].author < chain.author { place += 1 }
      let known = ordered[place...].prefix { $0.author == chain.author }
      if known.count < 2, let sequence = chain.forkedAt {
        // Of a proof with a loose half, the other half is in the store.
        request.proofs.append(
          RecordRequest.Span(author: chain.author, from: sequence, sequences: 1))
        if let loose = chain.looseProof { request.loose.append(loose.bytes) }
      }
      guard let from = Self.firstMissing(of: chain, knowing: known, ledger) else { continue }
      request.spans.append(RecordRequest.Span(author: chain.author, from: from))
    }
    return request.isEmpty ? nil : request
  }

  /// The lowest sequence of which a neighbour may lack a record of `chain`; nil when it has all.
  private static func firstMissing(
    of chain: Chain, knowing entries: ArraySlice<FrontierEntry>, _ ledger: CommunityLedger
  ) -> Int64? {
    if entries.isEmpty { return 0 }
    // Nearly always they have the end of its only branch.
    if chain.branches.allSatisfy({ branch in entries.contains { $0.head == branch.head } }) {
      return nil
    }
    let shortest = entries.reduce(.max) { min($0, $1.count) }
    // Ends of theirs that are known here, the last of each branch: with each they have all that
    // leads there. A frame may name two thousand on one.
    var known: [Int: Int64] = [:]
    for entry in entries {
      let sequence = entry.count - 1
      guard let branch = ledger.place(of: entry.head, of: chain.author, at: sequence) else {
        continue
      }
      known[branch] = max(known[branch] ?? sequence, sequence)
    }
    var first: Int64?
    for (number, branch) in chain.branches.enumerated() {
      if entries.contains(where: { $0.head == branch.head }) { continue }
      // Any order: the greatest is taken.
      let shared = known.map { chain.shared(number, with: $0.key, at: $0.value) }
      // None is known here: they are on another branch. Our record at the place of theirs proves
      // it to them, and lets them ask for what leads there.
      let from = shared.max().map { $0 + 1 } ?? min(shortest, branch.count) - 1
      // The whole of this branch lies on the way to an end of theirs.
      if from < branch.count { first = min(first ?? from, from) }
    }
    return first
  }

  /// A neighbour asks for what leads to a record that it can't place; it will again, where it asks
  /// too often.
  public mutating func answer(
    _ questions: [RecordQuestion], from key: PublicKey, ledger: CommunityLedger, at now: Instant
  ) -> [Sending] {
    guard allowances[key, default: AnswerAllowance(at: now)].take(at: now) else { return [] }
    var request = RecordRequest(community: ledger.community.identifier)
    for question in questions.prefix(Self.maximumQuestions)
    where question.from < ledger.chain(of: question.author)?.count ?? 0 {
      request.spans.append(
        RecordRequest.Span(author: question.author, from: question.from))
    }
    return request.isEmpty ? [] : [Sending(to: key, request)]
  }

  /// Whether the sender of these records stopped because a frame was full, and has more.
  ///
  /// - Parameters:
  ///   - records: how many they are.
  ///   - bytes: how many bytes they take up together.
  public static func isFull(records: Int, bytes: Int) -> Bool {
    records >= batch || bytes > batchBytes - FoldedRun.maximumBytes
  }

  /// After a full batch, or a record whose predecessors are missing: asks for the rest.
  public mutating func ask(
    _ key: PublicKey, ledger: CommunityLedger, at now: Instant, afterFullBatch: Bool
  ) -> [Sending] {
    guard isLinked(key) else { return [] }
    if !afterFullBatch, let last = askedAt[key], now.since(last) < Self.askInterval { return [] }
    askedAt[key] = now
    return [Sending(to: key, frontier(of: ledger))]
  }

  /// Records of another branch came and what leads to them is missing: asks for it, going back by
  /// doubling, as nobody knows where the branches part.
  ///
  /// - Parameter gaps: the lowest sequence of each author that could not be placed.
  public mutating func search(
    _ key: PublicKey, for gaps: [(author: PublicKey, sequence: Int64)]
  ) -> [Sending] {
    guard isLinked(key) else { return [] }
    var questions: [RecordQuestion] = []
    for gap in gaps.prefix(Self.maximumQuestions) {
      var search = searches[gap.author] ?? Search(from: gap.sequence, step: 1)
      // Once the beginning was asked for, nothing more can be found before the next comparison.
      guard search.from > 0, searches[gap.author] != nil || searches.count < Self.maximumSearches
      else { continue }
      search.from = max(0, min(search.from, gap.sequence) - search.step)
      search.step *= 2
      searches[gap.author] = search
      questions.append(RecordQuestion(author: gap.author, from: search.from))
    }
    return questions.isEmpty ? [] : [Sending(to: key, .ask(questions))]
  }

  /// A full frame of records that are all known came of a search: what is searched for comes later
  /// in the chain.
  public mutating func searchOn(
    _ key: PublicKey, for author: PublicKey, after sequence: Int64
  ) -> [Sending] {
    guard isLinked(key), searches[author] != nil else { return [] }
    return [Sending(to: key, .ask([RecordQuestion(author: author, from: sequence + 1)]))]
  }

  /// Asks for an author's records from a place on, known ones too.
  public func question(_ key: PublicKey, for author: PublicKey, from sequence: Int64) -> [Sending] {
    guard isLinked(key) else { return [] }
    return [Sending(to: key, .ask([RecordQuestion(author: author, from: sequence)]))]
  }

  /// What leads to a branch of `author` was found.
  public mutating func endSearch(for author: PublicKey) { searches[author] = nil }

  /// Passes `frame` on to every link but the one it came from.
  public func spread(_ frame: Frame, except source: PublicKey?) -> [Sending] {
    links.lazy.map(\.peer).filter { $0 != source }.map { Sending(to: $0, frame) }
  }
}
