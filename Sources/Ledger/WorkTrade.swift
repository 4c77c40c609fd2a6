import Market
import Quantities
import Sealing

/// A job of the household's that a neighbour is to compute.
struct WantedWork: Hashable, Sendable {
  /// The household's number for it: 1, 2, 3…
  let number: Int64
  let name: String
  let folder: String
  let model: Digest
  let work: Digest
  let requests: Int64
  let length: Int64
  let tokens: Int64
  let priceLimit: TokenPrice
  let deadline: Instant
  /// The contract that is under way for it.
  var contract: Digest?
  /// What was found in its results, once they are here.
  var findings: ResultFindings?

  /// What all of it may cost at most.
  var worth: Credits { priceLimit.cost(ofTokens: tokens) }

  static func key(of number: Int64) -> String { "wanted/\(number)" }

  /// For the store.
  var encoded: [UInt8] {
    let none = CBORValue.bytes([])
    let found: CBORValue =
      findings.map {
        .array([
          .integer($0.areThoseCommitted ? 1 : 0), .integer($0.tokens), .integer($0.auditsPassed),
          .integer($0.auditsFailed), $0.file.map { .text($0) } ?? none,
        ])
      } ?? none
    return CBORValue.array([
      .integer(number), .text(name), .text(folder), .bytes(model.bytes), .bytes(work.bytes),
      .integer(requests), .integer(length), .integer(tokens), .integer(priceLimit.rawValue),
      .integer(deadline.rawValue), contract.map { .bytes($0.bytes) } ?? none, found,
    ]).encoded
  }

  init(
    number: Int64, staged: StagedWork, priceLimit: TokenPrice, deadline: Instant
  ) {
    self.number = number
    name = staged.batch.name
    folder = staged.batch.folder
    model = staged.model
    work = staged.work
    requests = Int64(staged.batch.requests)
    length = staged.length
    tokens = staged.tokens
    self.priceLimit = priceLimit
    self.deadline = deadline
  }

  init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array, fields.count == 12,
      let number = fields[0].integer, let name = fields[1].text, let folder = fields[2].text,
      let model = fields[3].bytes.flatMap(Digest.init),
      let work = fields[4].bytes.flatMap(Digest.init), let requests = fields[5].integer,
      let length = fields[6].integer, let tokens = fields[7].integer,
      let price = fields[8].integer, let deadline = fields[9].integer,
      let contract = fields[10].bytes
    else { return nil }
    self.number = number
    self.name = name
    self.folder = folder
    self.model = model
    self.work = work
    self.requests = requests
    self.length = length
    self.tokens = tokens
    priceLimit = TokenPrice(rawValue: price)
    self.deadline = Instant(rawValue: deadline)
    self.contract = Digest(contract)
    if let found = fields[11].array, found.count == 5, let committed = found[0].integer,
      let counted = found[1].integer, let passed = found[2].integer, let failed = found[3].integer
    {
      findings = ResultFindings(
        areThoseCommitted: committed == 1, tokens: counted, auditsPassed: passed,
        auditsFailed: failed, file: found[4].text)
    }
  }
}

/// A neighbour's job that this household computes.
struct TakenWork: Hashable, Sendable {
  /// Identity of the contract's ACCEPT.
  let contract: Digest
  /// What its request said of its work, in bytes.
  let length: Int64
  /// When it was confirmed.
  let since: Instant
  /// Number of the job that it became.
  var job: Int64?
  /// What a COMMIT is to say, once the job is done.
  var commitment: ContractState.Commitment?
  /// Why it can't be done.
  var trouble: String?

  /// Below the jobs folder.
  var folder: String { WorkOrder.folder(of: contract) }

  static func key(of contract: Digest) -> String { "taken/" + contract.hexadecimal }

  /// For the store.
  var encoded: [UInt8] {
    let none = CBORValue.bytes([])
    return CBORValue.array([
      .bytes(contract.bytes), job.map { .integer($0) } ?? none,
      commitment.map { .array($0.body) } ?? none, .text(trouble ?? ""), .integer(length),
      .integer(since.rawValue),
    ]).encoded
  }

  init(contract: Digest, length: Int64, since: Instant) {
    self.contract = contract
    self.length = length
    self.since = since
  }

  init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array, fields.count == 6,
      let contract = fields[0].bytes.flatMap(Digest.init), let trouble = fields[3].text,
      let length = fields[4].integer, let since = fields[5].integer
    else { return nil }
    self.contract = contract
    self.length = length
    self.since = Instant(rawValue: since)
    job = fields[1].integer
    if let body = fields[2].array, body.count == 3,
      let root = body[0].bytes.flatMap(Digest.init), let answered = body[1].integer,
      let tokens = body[2].integer
    {
      commitment = ContractState.Commitment(
        record: contract, root: root, answered: answered, tokens: tokens)
    }
    self.trouble = trouble.isEmpty ? nil : trouble
  }
}
