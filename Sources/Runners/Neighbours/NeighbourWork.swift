import Glibc
import Ledger
import Planning
import Quantities
import Sealing
import Texting

/// The files of computing with and for neighbours: performs the orders of the computing trade.
///
/// A neighbour's bytes name no path, hold no option of the engine that `WorkLine` does not know,
/// and are bounded before they are kept. Blocks the calling thread, for minutes where results are
/// computed again; orders of one contract come one after another.
public final class NeighbourWork: Sendable {
  /// A model that is known by the digest of its file.
  public struct Model: Hashable, Sendable {
    public var name: String
    /// SHA-256.
    public var digest: Digest

    public init(name: String, digest: Digest) {
      self.name = name
      self.digest = digest
    }
  }

  public struct Settings: Hashable, Sendable {
    /// Where jobs and results lie.
    public var jobsDirectory: String
    /// What the engine's machine draws where a request does not say.
    public var power: Power
    public var models: [Model]
    /// The most bytes of work that are taken from a neighbour.
    public var mostLength: Int64
    /// The household's own engine; nil where it has none, and nothing is audited.
    public var engine: String?

    public init(
      jobsDirectory: String, power: Power, models: [Model], mostLength: Int64,
      engine: String? = nil
    ) {
      self.jobsDirectory = jobsDirectory
      self.power = power
      self.models = models
      self.mostLength = mostLength
      self.engine = engine
    }
  }

  static let workName = "work.jsonl"
  static let resultsName = "results.jsonl"

  private let keys: KeyPair
  private let settings: Settings
  private let staging: BatchStaging

  /// - Parameter keys: the node's own: parts are sealed to them. They stay in memory.
  public init(keys: KeyPair, settings: Settings) {
    self.keys = keys
    self.settings = settings
    staging = BatchStaging(
      jobsDirectory: settings.jobsDirectory, inboxDirectory: settings.jobsDirectory + "/inbox")
  }

  // MARK: The household's own work

  /// Checks and copies a batch file, and makes of it what a neighbour gets; errors name line and
  /// field.
  public func stage(
    _ request: BatchRequest, deadline: Instant?
  ) throws(RunnerError) -> StagedWork {
    let batch = try staging.stage(
      request, power: request.power ?? settings.power, terms: BatchTerms(deadline: deadline))
    let path = settings.jobsDirectory + "/" + batch.folder
    do throws(RunnerError) {
      guard let model = settings.models.first(where: { $0.name == batch.model }) else {
        let shown = SystemText.printable(batch.model, limit: 40)
        throw RunnerError(
          .invalidBatch,
          "model \(shown) has no digest in market.computing.models, so no neighbour can be asked")
      }
      let sum = try WorkFile.make(
        from: path + "/input.jsonl", to: path + "/" + Self.workName, model: model.digest)
      try Folder.synchronise(path)
      return StagedWork(
        batch: batch, model: model.digest, work: sum.digest, length: sum.length,
        tokens: sum.tokens)
    } catch {
      discard(folder: batch.folder)
      throw error
    }
  }

  /// Whether a batch was staged here for neighbours.
  public func holds(folder: String) -> Bool {
    place(of: folder).map { Folder.exists($0 + "/" + Self.workName) } ?? false
  }

  /// Removes a batch that was staged for neighbours and of which nothing came.
  public func discard(folder: String) {
    guard let path = place(of: folder), !Folder.exists(path + "/output.jsonl") else { return }
    for name in Folder.names(in: path) where name.hasSuffix(".parcel") || name.hasSuffix(".parts") {
      Folder.remove(path + "/" + name)
    }
    Folder.remove(path + "/" + Self.workName)
    staging.discard(folder)
  }

  // MARK: Orders

  /// Does what an order wants; nil where nothing is to be said of it.
  ///
  /// Throws when the household's own disk refuses: that is no fault of the neighbour's, so the
  /// order is to be given again later.
  public func perform(_ order: WorkOrder) throws(RunnerError) -> WorkOutcome? {
    switch order {
    case .look(let contract, let parcel, let folder):
      guard let state = file(parcel, contract, folder)?.look() else { return nil }
      return .stored(contract: contract, parcel, parts: state.parts, count: state.count)
    case .take(let contract, let parcel, let folder, let part, let count, let sealed):
      return try guarded(contract, parcel) { () throws(RunnerError) in
        try take(contract, parcel, folder, part: part, of: count, sealed)
      }
    case .open(let contract, let folder, let terms, let model):
      return try guarded(contract, .work) { () throws(RunnerError) in
        try open(contract, folder, terms, model: model)
      }
    case .gather(let contract, let folder): return try gather(contract, folder)
    case .check(let contract, let folder, let commitment, let audits, let terms):
      return try guarded(contract, .results) { () throws(RunnerError) in
        try check(contract, folder, commitment, audits, terms)
      }
    case .discard(let contract, let folder):
      discard(contract, folder)
      return nil
    case .send: return nil
    }
  }

  /// A part of what is here, sealed to a neighbour, and of how many; nil where it is not here.
  public func part(
    _ part: Int64, of parcel: WorkParcel, contract: Digest, folder: String, to peer: PublicKey
  ) -> (sealed: [UInt8], count: Int64)? {
    guard let path = place(of: folder) else { return nil }
    let name = parcel == .work ? Self.workName : Self.resultsName
    guard let (bytes, count) = ParcelFile.part(part, of: path + "/" + name) else { return nil }
    return SealedBox.seal(bytes, to: peer).map { ($0, count) }
  }

  /// Turns what is wrong with a neighbour's bytes into an answer.
  private func guarded(
    _ contract: Digest, _ parcel: WorkParcel,
    _ body: () throws(RunnerError) -> WorkOutcome?
  ) throws(RunnerError) -> WorkOutcome? {
    do throws(RunnerError) { return try body() } catch {
      guard error.code == .invalidBatch else { throw error }
      return .unusable(contract: contract, parcel, reason: error.message)
    }
  }

  private func take(
    _ contract: Digest, _ parcel: WorkParcel, _ folder: String, part: Int64, of count: Int64,
    _ sealed: [UInt8]
  ) throws(RunnerError) -> WorkOutcome? {
    guard let file = file(parcel, contract, folder) else { return nil }
    let most = count.multipliedReportingOverflow(by: Int64(WorkParcel.partLength))
    guard (1...WorkParcel.maximumParts).contains(count), !most.overflow else {
      throw RunnerError(.invalidBatch, "a parcel of \(count) parts")
    }
    // What was agreed is not longer than the household lets any neighbour's work be.
    if parcel == .work, most.partialValue > settings.mostLength + Int64(WorkParcel.partLength) {
      throw RunnerError(.invalidBatch, "the work is longer than was agreed")
    }
    if part == 0, let free = Folder.free(settings.jobsDirectory), free / 3 < most.partialValue {
      throw RunnerError(.diskFull, "no room left for a neighbour's \(count) parts of 256 KiB")
    }
    guard let bytes = keys.open(sealed) else {
      throw RunnerError(.invalidBatch, "part \(part + 1) can't be opened with this node's key")
    }
    let state = try file.append(bytes, part: part, of: count)
    return .stored(contract: contract, parcel, parts: state.parts, count: state.count)
  }

  /// How long before the contract's end its job is over, so that a COMMIT is in time.
  private static let commitMargin = TimeSpan.minute

  private func open(
    _ contract: Digest, _ folder: String, _ terms: ComputingTerms, model: String
  ) throws(RunnerError) -> WorkOutcome? {
    guard let path = place(of: folder), let file = file(.work, contract, folder) else { return nil }
    let batch = path + "/batch.jsonl"
    let job: String = Self.jobFolder(of: folder)
    defer { Folder.remove(batch) }
    try WorkFile.open(file.path, against: terms, model: model, into: batch)
    // It is asked for only as long as no job has come of it: what is there is half a staging.
    empty(job)
    let staged = try staging.stage(
      BatchRequest(file: batch, model: model), power: settings.power,
      terms: BatchTerms(
        deadline: terms.deadline - Self.commitMargin, expires: true, folder: job,
        name: "neighbour"))
    return .opened(contract: contract, staged)
  }

  private func gather(_ contract: Digest, _ job: String) throws(RunnerError) -> WorkOutcome? {
    let folder = WorkOrder.folder(of: contract)
    guard let path = place(of: folder), let jobPath = place(of: job),
      job == Self.jobFolder(of: folder)
    else { return nil }
    var limits: [Int64] = []
    let input = try LineReader(
      path: jobPath + "/input.jsonl", maximumLineBytes: BatchLine.maximumBytes)
    while let line = try input.next() {
      limits.append(try BatchLine(line.bytes).tokenLimit ?? 0)
    }
    // A job that was cancelled may not have closed its files yet.
    let output = ["output.jsonl", "output.partial.jsonl"].map { jobPath + "/" + $0 }
      .first { Folder.exists($0) }
    let sum = try WorkResults.gather(
      from: output, to: path + "/" + Self.resultsName, limits: limits)
    try Folder.synchronise(path)
    return .gathered(
      contract: contract, root: sum.root, answered: sum.answered, tokens: sum.tokens)
  }

  private func check(
    _ contract: Digest, _ folder: String, _ commitment: ContractState.Commitment,
    _ audits: [Int64], _ terms: ComputingTerms
  ) throws(RunnerError) -> WorkOutcome? {
    guard let path = place(of: folder), let file = file(.results, contract, folder) else {
      return nil
    }
    let model = settings.models.first { $0.digest == terms.model }
    let engine = settings.engine.flatMap { address in
      model.flatMap { AuditEngine(address: address, model: $0.name) }
    }
    let check = ResultCheck(
      folder: path, results: file.path, commitment: commitment, audits: audits, terms: terms,
      engine: engine)
    return .checked(contract: contract, try check.run())
  }

  // MARK: Folders

  private func discard(_ contract: Digest, _ folder: String) {
    if folder == WorkOrder.folder(of: contract) {
      empty(Self.jobFolder(of: folder))
      empty(folder)
    } else {
      for parcel in [WorkParcel.work, .results] { file(parcel, contract, folder)?.remove() }
    }
  }

  private func empty(_ folder: String) {
    guard let path = place(of: folder) else { return }
    for name in Folder.names(in: path) { Folder.remove(path + "/" + name) }
    rmdir(path)
  }

  private static func jobFolder(of folder: String) -> String { folder + "-job" }

  private func file(
    _ parcel: WorkParcel, _ contract: Digest, _ folder: String
  ) -> ParcelFile? {
    let kind = parcel == .work ? "work" : "results"
    let name = "\(kind)-\(contract.hexadecimal.prefix(16)).parcel"
    return place(of: folder).map { ParcelFile(folder: $0, name: name) }
  }

  /// Nil for what is no folder's plain name.
  private func place(of folder: String) -> String? {
    let isPlain =
      !folder.isEmpty && !folder.hasPrefix(".") && folder.utf8.count <= 128
      && !folder.contains("/") && !folder.contains("\0")
    return isPlain ? settings.jobsDirectory + "/" + folder : nil
  }
}
