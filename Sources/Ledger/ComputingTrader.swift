import Market
import Planning
import Quantities
import Sealing

/// Lets neighbours compute what this household wants, and computes what they want, for credits.
///
/// The buyer asks its neighbours, takes the best quote after some seconds, sends the work sealed,
/// checks the results against what was committed to, and pays for the tokens that it counts again.
/// The provider runs nothing but listed models, within its limits; see `ComputingTrader+Providing`
/// and `ComputingTrader+Buying`. Files are the edge's: `WorkOrder` says what it is to do.
public struct ComputingTrader: Sendable {
  /// What the trader wants done; records are in the ledger already.
  public enum Action: Hashable, Sendable {
    /// Store and spread an own record.
    case record(Record)
    /// Send a REQUEST or a QUOTE to one neighbour.
    case request(to: PublicKey, bytes: [UInt8])
    case quote(to: PublicKey, bytes: [UInt8])
    /// Ask a neighbour for a part of a parcel.
    case fetch(from: PublicKey, contract: Digest, WorkParcel, part: Int64)
    case work(WorkOrder)
    /// A neighbour's job that is to be queued; `queued` says its number.
    case enqueue(StagedBatch, contract: Digest)
    /// A batch of the household's own that no neighbour computed: its copy is not needed.
    case abandon(folder: String)
    case store(KeyedValue)
    /// A line for people: what and why.
    case say(String)
  }

  /// How long quotes are waited for.
  static let quotePatience = TimeSpan(seconds: 20)
  /// How long a quote stands.
  static let quoteLife = TimeSpan(minutes: 10)
  /// When neighbours are asked again after none offered.
  static let askAgain = TimeSpan(minutes: 10)
  /// A part that does not come is asked for again after so long.
  static let partPatience = TimeSpan(seconds: 30)
  /// How often the trader is to be woken while it has to do something.
  public static let interval = TimeSpan(seconds: 5)
  /// The most wanted jobs, and quotes given, at a time.
  static let maximumWanted = 16
  static let maximumQuotes = 64
  /// And of those the most to one neighbour: nobody is to use up what the others would get.
  static let maximumQuotesToOne = 4
  /// How long a settled claim without results is waited on before it is disputed.
  static let resultPatience = TimeSpan.day

  /// A round of asking for one wanted job; not kept over a restart.
  struct Asking: Sendable {
    let request: WorkRequest
    let since: Instant
    var quotes: [WorkQuote] = []
  }

  /// A parcel that is being fetched, or gone through once it is here.
  struct Fetching: Sendable {
    /// In place of a number of parts: the edge has it, to look at or to go through.
    static let atTheEdge: Int64 = -1

    let parcel: WorkParcel
    var parts: Int64
    var askedAt: Instant
  }

  public var policy: ComputingPolicy
  let community: Community
  let keys: KeyPair
  let names: [PublicKey: String]
  let claimsAtMost: Credits
  var wanted: [Int64: WantedWork] = [:]
  var taken: [Digest: TakenWork] = [:]
  var experience = ExperienceBook()
  var askings: [Int64: Asking] = [:]
  var askAgainAt: [Int64: Instant] = [:]
  /// Providers that failed a job, until when they get no other: one that confirms and gives back
  /// without end costs a record each time.
  var shunned: [PublicKey: Instant] = [:]
  /// Quotes given that may still be accepted, with what they answer.
  var given: [Digest: (quote: WorkQuote, request: WorkRequest)] = [:]
  var fetching: [Digest: Fetching] = [:]
  /// Contracts whose results are being made.
  var gathering: Set<Digest> = []
  /// Contracts whose outcome was said.
  var said: Set<Digest> = []
  /// Buyers whose work did not come: how often in a row, and until when they get no quotes.
  var absences: [PublicKey: (count: Int, until: Instant)] = [:]
  var nextNumber: Int64 = 1
  var refusals = TradeRefusals()

  /// - Parameter claimsAtMost: what all neighbours together may come to owe, for energy and
  ///   computing.
  public init(
    policy: ComputingPolicy, community: Community, keys: KeyPair, names: [PublicKey: String],
    claimsAtMost: Credits
  ) {
    self.claimsAtMost = claimsAtMost
    self.policy = policy
    self.community = community
    self.keys = keys
    self.names = names
  }

  var ownKey: PublicKey { keys.publicKey }

  func name(of key: PublicKey) -> String { names[key] ?? key.short }

  /// Whether anything is under way that the clock may make due.
  public var isBusy: Bool { !wanted.isEmpty || !taken.isEmpty || !given.isEmpty }

  /// How soon to wake it again: each minute where all that is under way waits for others' records,
  /// which are answered as they come, or for a time-out of hours.
  public var wait: TimeSpan {
    let waits =
      fetching.isEmpty && gathering.isEmpty && wanted.values.allSatisfy { $0.contract != nil }
      && taken.values.allSatisfy { $0.commitment != nil }
    return waits ? .minute : Self.interval
  }

  /// The wanted job that a contract is under way for.
  func wantedWork(by contract: Digest) -> WantedWork? {
    for number in wanted.keys.sorted() where wanted[number]?.contract == contract {
      return wanted[number]
    }
    return nil
  }

  /// The numbers of neighbours' jobs whose results are to be made once they have ended.
  public var awaitedJobs: Set<Int64> {
    Set(
      taken.values.compactMap { work in
        work.commitment == nil && work.trouble == nil ? work.job : nil
      })
  }

  /// The neighbour's job that has become this one of the queue.
  func takenWork(as job: JobNumber) -> TakenWork? {
    for contract in taken.keys.sorted() where taken[contract]?.job == job.value {
      return taken[contract]
    }
    return nil
  }

  /// The contract of this identifier, if it is for computing and this household's.
  func contract(_ identifier: Digest, _ ledger: CommunityLedger) -> ComputingContract? {
    ledger.accounts.contract(identifier).flatMap(ComputingContract.init)
  }

  /// Answers a contract that a record has just moved, if it is for computing and this household's.
  public mutating func answer(
    _ moved: Contract, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard let contract = contract(moved.identifier, ledger) else { return [] }
    if contract.seller == ownKey { return provide(contract, &ledger, at: now) }
    return contract.buyer == ownKey ? buy(contract, &ledger, at: now) : []
  }

  /// Whatever the clock makes due.
  public mutating func wake(
    _ ledger: inout CommunityLedger, linked: [PublicKey], at now: Instant
  ) -> [Action] {
    var actions: [Action] = []
    for number in wanted.keys.sorted() {
      actions += pursue(number, &ledger, linked: linked, at: now)
    }
    for identifier in taken.keys.sorted() { actions += serve(identifier, &ledger, at: now) }
    given = given.filter { $0.value.quote.until > now }
    return actions + refetch(ledger, linked: linked, at: now)
  }

  /// Writes the next record of `contract`.
  mutating func step(
    _ kind: Record.Kind, _ contract: ComputingContract, body: [CBORValue] = [],
    _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard let other = contract.counterpart(of: ownKey),
      let written = ledger.write(kind, peer: other, link: contract.last, body: body, at: now)
    else { return [] }
    return [.record(written.record)]
  }

  // MARK: Parcels

  /// Begins to fetch a parcel: first it is looked what of it is here.
  mutating func begin(
    _ parcel: WorkParcel, of contract: Digest, into folder: String, at now: Instant
  ) -> [Action] {
    guard fetching[contract]?.parcel != parcel else { return [] }
    fetching[contract] = Fetching(
      parcel: parcel, parts: Fetching.atTheEdge, askedAt: now)
    return [.work(.look(contract: contract, parcel, folder: folder))]
  }

  /// So many parts are here: asks for the next, or goes on with the whole.
  mutating func stored(
    _ identifier: Digest, _ parcel: WorkParcel, parts: Int64, count: Int64?,
    _ ledger: CommunityLedger, at now: Instant
  ) -> [Action] {
    guard let contract = contract(identifier, ledger), fetching[identifier]?.parcel == parcel,
      let peer = contract.counterpart(of: ownKey)
    else { return [] }
    if let count, parts >= count {
      // Kept until the edge has gone through it, or each waking would have it done once more.
      fetching[identifier]?.parts = Fetching.atTheEdge
      return arrived(contract, parcel)
    }
    fetching[identifier] = Fetching(parcel: parcel, parts: parts, askedAt: now)
    return [.fetch(from: peer, contract: identifier, parcel, part: parts)]
  }

  /// Asks again for parts that did not come.
  private mutating func refetch(
    _ ledger: CommunityLedger, linked: [PublicKey], at now: Instant
  ) -> [Action] {
    var actions: [Action] = []
    for (identifier, fetch) in fetching.sorted(by: { $0.key < $1.key })
    where fetch.parts >= 0 && now.since(fetch.askedAt) >= Self.partPatience {
      guard let peer = contract(identifier, ledger)?.counterpart(of: ownKey),
        linked.contains(peer)
      else { continue }
      fetching[identifier]?.askedAt = now
      actions.append(
        .fetch(from: peer, contract: identifier, fetch.parcel, part: fetch.parts))
    }
    return actions
  }

  /// A neighbour asks for a part: it gets it if the contract entitles it to.
  public func serve(
    _ parcel: WorkParcel, of identifier: Digest, part: Int64, to peer: PublicKey,
    _ ledger: CommunityLedger
  ) -> [Action] {
    guard let contract = contract(identifier, ledger), contract.counterpart(of: ownKey) == peer,
      (0..<WorkParcel.maximumParts).contains(part)
    else { return [] }
    let folder: String?
    switch parcel {
    case .work where contract.buyer == ownKey && contract.stage == .confirmed:
      folder = wantedWork(by: identifier)?.folder
    case .results
    where contract.seller == ownKey && [.picked, .settled, .disputed].contains(contract.stage):
      folder = taken[identifier]?.folder
    default: folder = nil
    }
    guard let folder else { return [] }
    return [.work(.send(contract: identifier, parcel, folder: folder, part: part, to: peer))]
  }

  /// A part that was asked for has come.
  public func take(
    _ parcel: WorkParcel, of identifier: Digest, part: Int64, count: Int64, sealed: [UInt8],
    from peer: PublicKey, _ ledger: CommunityLedger
  ) -> [Action] {
    guard let contract = contract(identifier, ledger), contract.counterpart(of: ownKey) == peer,
      let fetch = fetching[identifier], fetch.parcel == parcel, fetch.parts == part,
      (1...WorkParcel.maximumParts).contains(count), part < count,
      parcel != .work || isAsAsked(part, of: count, sealed: sealed.count, identifier),
      let folder = folder(of: contract)
    else { return [] }
    return [
      .work(
        .take(
          contract: identifier, parcel, folder: folder, part: part, count: count, sealed: sealed))
    ]
  }

  /// Whether a part of a neighbour's work is as long as its request said: the quote, and how long
  /// the engine is taken, go by that.
  private func isAsAsked(_ part: Int64, of count: Int64, sealed: Int, _ contract: Digest) -> Bool {
    guard let length = taken[contract]?.length else { return false }
    let most = Int64(WorkParcel.partLength)
    let expected = min(most, length - part * most)
    return count == (length + most - 1) / most && Int64(sealed - SealedBox.overhead) == expected
  }

  /// Where this household keeps the contract's files.
  func folder(of contract: ComputingContract) -> String? {
    contract.seller == ownKey
      ? taken[contract.identifier]?.folder
      : wantedWork(by: contract.identifier)?.folder
  }

  /// A parcel is here whole.
  private func arrived(_ contract: ComputingContract, _ parcel: WorkParcel) -> [Action] {
    guard let folder = folder(of: contract) else { return [] }
    switch parcel {
    case .work:
      guard let model = policy.model(contract.model) else { return [] }
      return [
        .work(
          .open(
            contract: contract.identifier, folder: folder, contract.terms, model: model.name))
      ]
    case .results:
      guard let commitment = contract.state.commitment, let pick = contract.state.pick else {
        return []
      }
      let audits = ResultTree.audits(by: pick, among: commitment.answered)
      return [
        .work(
          .check(
            contract: contract.identifier, folder: folder, commitment, audits: audits,
            contract.terms))
      ]
    }
  }

  /// What became of an order.
  public mutating func take(
    _ outcome: WorkOutcome, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    switch outcome {
    case .stored(let contract, let parcel, let parts, let count):
      return stored(contract, parcel, parts: parts, count: count, ledger, at: now)
    case .opened(let contract, let batch):
      fetching[contract] = nil
      guard let work = taken[contract], work.job == nil,
        let buyer = self.contract(contract, ledger)?.buyer,
        self.contract(contract, ledger)?.stage == .confirmed
      else { return [] }
      absences[buyer] = nil
      return [.enqueue(batch, contract: contract)]
    case .gathered(let contract, let root, let answered, let tokens):
      return gathered(contract, root: root, answered: answered, tokens: tokens, &ledger, at: now)
    case .checked(let contract, let findings):
      fetching[contract] = nil
      return checked(contract, findings, &ledger, at: now)
    case .unusable(let contract, let parcel, let reason):
      fetching[contract] = nil
      gathering.remove(contract)
      return unusable(contract, parcel, reason, &ledger, at: now)
    }
  }

  // MARK: Storage

  /// Takes back what an earlier run stored; keys of others are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    experience.restore(key: key, value: value)
    if key.hasPrefix("wanted/"), let work = WantedWork(decoding: value) {
      wanted[work.number] = work
      nextNumber = max(nextNumber, work.number + 1)
    }
    if key.hasPrefix("taken/"), let work = TakenWork(decoding: value) {
      taken[work.contract] = work
    }
  }

  func save(_ work: WantedWork) -> Action {
    .store(KeyedValue(key: WantedWork.key(of: work.number), value: work.encoded))
  }

  func save(_ work: TakenWork) -> Action {
    .store(KeyedValue(key: TakenWork.key(of: work.contract), value: work.encoded))
  }
}
