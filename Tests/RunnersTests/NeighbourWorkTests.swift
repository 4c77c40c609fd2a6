import Glibc
import Ledger
import Planning
import Quantities
import Runners
import Sealing
import Testing
import Texting

/// The files of computing with and for neighbours, both sides on one disk.
struct NeighbourWorkTests {
  static let model = Digest(of: [1])
  static let contract = Digest(of: [7])
  static let folder = WorkOrder.folder(of: contract)

  let scratch: ScratchFolder
  let buyerKeys: KeyPair
  let providerKeys: KeyPair
  let buyer: NeighbourWork
  let provider: NeighbourWork

  init() throws {
    scratch = try ScratchFolder()
    buyerKeys = try #require(KeyPair(seed: [UInt8](repeating: 1, count: 32)))
    providerKeys = try #require(KeyPair(seed: [UInt8](repeating: 2, count: 32)))
    buyer = NeighbourWork(keys: buyerKeys, settings: Self.settings(scratch.path + "/a"))
    provider = NeighbourWork(keys: providerKeys, settings: Self.settings(scratch.path + "/b"))
    for name in ["a", "b"] { mkdir(scratch.path + "/" + name, 0o750) }
  }

  static func settings(_ path: String, engine: String? = nil) -> NeighbourWork.Settings {
    NeighbourWork.Settings(
      jobsDirectory: path, power: Power(watts: 5),
      models: [NeighbourWork.Model(name: "stand-in", digest: model)], mostLength: 1_000_000,
      engine: engine)
  }

  static func line(_ id: String, _ content: String = "Hello", more: String = "") -> String {
    """
    {"custom_id":"\(id)","method":"POST","url":"/v1/chat/completions","body":{"model":"stand-in",\
    "messages":[{"role":"user","content":"\(content)"}],"max_tokens":8\(more)}}
    """
  }

  func stage(_ lines: [String]) throws -> StagedWork {
    try scratch.write(lines.map { $0 + "\n" }.joined(), to: "photos.jsonl")
    return try buyer.stage(
      BatchRequest(file: scratch.path + "/photos.jsonl"), deadline: Instant(rawValue: 5_000_000))
  }

  static func terms(_ work: StagedWork) -> ComputingTerms {
    ComputingTerms(
      model: work.model, work: work.work, requests: Int64(work.batch.requests),
      tokens: work.tokens, price: TokenPrice(creditsPerMillionTokens: 3),
      deadline: Instant(rawValue: 5_000_000))
  }

  /// Hands a parcel over, part by part; what the receiver says last.
  func handOver(
    _ parcel: WorkParcel, from: NeighbourWork, in source: String, to: NeighbourWork,
    keys: PublicKey, into target: String
  ) throws -> WorkOutcome? {
    var part: Int64 = 0
    while true {
      let (sealed, count) = try #require(
        from.part(part, of: parcel, contract: Self.contract, folder: source, to: keys))
      let outcome = try to.perform(
        .take(
          contract: Self.contract, parcel, folder: target, part: part, count: count,
          sealed: sealed))
      part += 1
      if part == count { return outcome }
    }
  }

  func sendWork(_ work: StagedWork) throws {
    _ = try handOver(
      .work, from: buyer, in: work.batch.folder, to: provider, keys: providerKeys.publicKey,
      into: Self.folder)
  }

  func open(_ terms: ComputingTerms) throws -> WorkOutcome? {
    try provider.perform(
      .open(contract: Self.contract, folder: Self.folder, terms, model: "gemma"))
  }

  /// What an engine wrote for these requests, as the runner leaves it, last first.
  func answer(_ texts: [(index: Int, text: String, tokens: Int)]) throws {
    let lines = texts.reversed().map { answer in
      """
      {"id":"r","custom_id":"\(answer.index)","response":{"status_code":200,"request_id":"r",\
      "body":{"choices":[{"message":{"role":"assistant","content":"\(answer.text)"}}],\
      "usage":{"completion_tokens":\(answer.tokens)}}},"error":null}\n
      """
    }
    try scratch.write(lines.joined(), to: "b/\(Self.folder)-job/output.jsonl")
  }

  func commit() throws -> ContractState.Commitment {
    let outcome = try provider.perform(
      .gather(contract: Self.contract, folder: Self.folder + "-job"))
    guard case .gathered(_, let root, let answered, let tokens)? = outcome else {
      throw ScratchFolder.Failure(message: "nothing gathered: \(String(describing: outcome))")
    }
    return ContractState.Commitment(
      record: Self.contract, root: root, answered: answered, tokens: tokens)
  }

  func check(
    _ work: StagedWork, _ commitment: ContractState.Commitment, by desk: NeighbourWork? = nil
  ) throws -> ResultFindings {
    _ = try handOver(
      .results, from: provider, in: Self.folder, to: buyer, keys: buyerKeys.publicKey,
      into: work.batch.folder)
    let outcome = try (desk ?? buyer).perform(
      .check(
        contract: Self.contract, folder: work.batch.folder, commitment, audits: [0],
        Self.terms(work)))
    guard case .checked(_, let findings)? = outcome else {
      throw ScratchFolder.Failure(message: "nothing checked: \(String(describing: outcome))")
    }
    return findings
  }

  @Test("a batch goes out without its names and comes back with them")
  func roundTrip() throws {
    let work = try stage([
      Self.line("secret-a"), Self.line("secret-b", more: ",\"user\":\"me\",\"temperature\":0"),
    ])
    #expect(work.tokens == 16)
    let sent = try #require(scratch.read("a/\(work.batch.folder)/work.jsonl"))
    #expect(!sent.contains("secret"))
    #expect(!sent.contains("user\":\"me"))
    #expect(Int64(sent.utf8.count) == work.length)
    #expect(Digest(of: Array(sent.utf8)) == work.work)
    try sendWork(work)
    let opened = try open(Self.terms(work))
    guard case .opened(_, let batch)? = opened else {
      Issue.record("not opened: \(String(describing: opened))")
      return
    }
    #expect(batch.model == "gemma")
    #expect(batch.requests == 2)
    #expect(batch.expires)
    #expect(batch.deadline == Instant(rawValue: 4_940_000))
    try answer([(0, "one two", 2), (1, "three", 99)])
    let commitment = try commit()
    #expect(commitment.answered == 2)
    // An answer longer than its max_tokens can't be claimed.
    #expect(commitment.tokens == 2 + 8)
    let findings = try check(work, commitment)
    #expect(findings.areThoseCommitted)
    // "three" has five bytes.
    #expect(findings.tokens == 2 + 6)
    #expect(findings.auditsPassed + findings.auditsFailed == 0)
    let output = scratch.read("a/\(work.batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == ["secret-a", "secret-b"])
    _ = try provider.perform(.discard(contract: Self.contract, folder: Self.folder))
    #expect(scratch.names(in: "b").isEmpty)
    _ = try buyer.perform(.discard(contract: Self.contract, folder: work.batch.folder))
    #expect(!scratch.names(in: "a/\(work.batch.folder)").contains { $0.hasSuffix(".parcel") })
  }

  @Test("work of several parts is put together again, byte for byte")
  func severalParts() throws {
    let long = String(repeating: "sun ", count: 40_000)
    let work = try stage((0..<4).map { Self.line("r\($0)", long) })
    #expect(work.length > 2 * Int64(WorkParcel.partLength))
    try sendWork(work)
    guard case .opened(_, let batch)? = try open(Self.terms(work)) else {
      Issue.record("not opened")
      return
    }
    #expect(batch.requests == 4)
  }

  @Test("an unanswered request is in the errors, not in the results")
  func unanswered() throws {
    let work = try stage([Self.line("x"), Self.line("y"), Self.line("z")])
    try sendWork(work)
    _ = try open(Self.terms(work))
    try answer([(0, "one", 1), (2, "two", 1)])
    let findings = try check(work, try commit())
    #expect(findings.tokens == 2)
    #expect(BatchText.ids(in: scratch.read("a/\(work.batch.folder)/output.jsonl")) == ["x", "z"])
    #expect(BatchText.ids(in: scratch.read("a/\(work.batch.folder)/errors.jsonl")) == ["y"])
  }

  @Test(
    "results that are not those committed to are worth nothing",
    arguments: [
      ("\"tokens\":2", "\"tokens\":3"), ("one two", "one too"), ("\"index\":1", "\"index\":0"),
      ("\"index\":0", "\"index\":9"), ("{", "["), ("\n", ""),
    ])
  func forged(from: String, to: String) throws {
    let work = try stage([Self.line("x"), Self.line("y")])
    try sendWork(work)
    _ = try open(Self.terms(work))
    try answer([(0, "one two", 2), (1, "three", 1)])
    let commitment = try commit()
    let file = "b/\(Self.folder)/results.jsonl"
    var text = try #require(scratch.read(file))
    let range = try #require(text.firstRange(of: from))
    text.replaceSubrange(range, with: to)
    try scratch.write(text, to: file)
    let findings = try check(work, commitment)
    #expect(!findings.areThoseCommitted)
    #expect(findings.tokens == 0)
    #expect(findings.file == nil)
    #expect(!scratch.names(in: "a/\(work.batch.folder)").contains("output.jsonl"))
  }

  @Test(
    "work that is not what was agreed is not opened",
    arguments: [
      ("Hello", "Hullo", "not the one"), ("max_tokens\":8", "max_tokens\":9", "not the one"),
      ("sha256:", "sha255:", "body.model"),
      ("\"custom_id\":\"0\"", "\"custom_id\":\"../0\"", "custom_id"),
    ])
  func otherWork(from: String, to: String, reason: String) throws {
    let work = try stage([Self.line("x")])
    let file = "a/\(work.batch.folder)/work.jsonl"
    var text = try #require(scratch.read(file))
    let range = try #require(text.firstRange(of: from))
    text.replaceSubrange(range, with: to)
    try scratch.write(text, to: file)
    try sendWork(work)
    guard case .unusable(_, .work, let said)? = try open(Self.terms(work)) else {
      Issue.record("it was opened")
      return
    }
    #expect(said.contains(reason))
    #expect(!scratch.names(in: "b").contains(Self.folder + "-job"))
  }

  @Test("a sum of tokens or requests other than agreed is refused, whatever the digest says")
  func otherSums() throws {
    let work = try stage([Self.line("x")])
    try sendWork(work)
    var terms = Self.terms(work)
    terms = ComputingTerms(
      model: terms.model, work: terms.work, requests: 1, tokens: 7, price: terms.price,
      deadline: terms.deadline)
    guard case .unusable(_, .work, let reason)? = try open(terms) else {
      Issue.record("it was opened")
      return
    }
    #expect(reason.contains("8 tokens"))
  }

  @Test("opening again after a crash gives the same job once more")
  func openedTwice() throws {
    let work = try stage([Self.line("x")])
    try sendWork(work)
    for _ in 0..<2 {
      guard case .opened(_, let batch)? = try open(Self.terms(work)) else {
        Issue.record("not opened")
        return
      }
      #expect(batch.folder == Self.folder + "-job")
    }
  }

  @Test(
    "an order never leaves the jobs folder",
    arguments: ["", "..", ".hidden", "a/b", "../outside", "a\0b"])
  func folders(folder: String) throws {
    try scratch.write("keep", to: "outside")
    #expect(
      try provider.perform(.look(contract: Self.contract, .work, folder: folder)) == nil)
    let sealed = try #require(SealedBox.seal([1], to: providerKeys.publicKey))
    #expect(
      try provider.perform(
        .take(
          contract: Self.contract, .work, folder: folder, part: 0, count: 1, sealed: sealed))
        == nil)
    _ = try provider.perform(.discard(contract: Self.contract, folder: folder))
    #expect(scratch.names(in: "b").isEmpty)
    #expect(scratch.read("outside") == "keep")
  }

  @Test("the household's own batch is staged only for a model that has a digest, and bounded lines")
  func stagingRefusals() throws {
    func refusal(_ line: String) -> String {
      do {
        _ = try stage([Self.line("x"), line])
        return ""
      } catch { return "\(error)" }
    }
    let noLimit = Self.line("y").replacing(",\"max_tokens\":8", with: "")
    #expect(refusal(noLimit).contains("line 2: body.max_tokens: missing"))
    #expect(refusal(Self.line("y", more: ",\"tools\":[]")).contains("line 2: body.tools"))
    let others = Self.line("x").replacing("stand-in", with: "other")
    try scratch.write(others + "\n", to: "other.jsonl")
    #expect(throws: RunnerError.self) {
      try buyer.stage(BatchRequest(file: scratch.path + "/other.jsonl"), deadline: nil)
    }
    // What was refused leaves nothing behind.
    #expect(scratch.names(in: "a").isEmpty)
  }
}
