import HeliographCore
import Ledger
import Planning
import Quantities
import Sealing

/// The files of a node's computing trade: work and results in memory, sealed and checked for real.
///
/// Answers are made up, each request's from its own bytes and the model, so that whoever computes
/// a request again gets the same. A workshop may lie, for tests that must find it.
public struct SimulatedWorkshop: Sendable {
  /// How a provider cheats.
  public enum Lie: Hashable, Sendable {
    /// Claims twice the tokens that its answers hold.
    case inflatesTokens
    /// Answers with another model than was agreed.
    case usesAnotherModel
    /// Sends other results than it committed to.
    case changesResults
    /// Sends nothing.
    case withholdsResults
  }

  private struct Place: Hashable, Sendable {
    let contract: Digest
    let parcel: WorkParcel
  }

  /// A part on its way to a neighbour.
  public struct Delivery: Sendable {
    public let to: PublicKey
    public let contract: Digest
    public let parcel: WorkParcel
    public let part: Int64
    public let count: Int64
    public let sealed: [UInt8]
  }

  public var lie: Lie?
  private let keys: KeyPair
  /// The household's own batches, by folder.
  private var staged: [String: [UInt8]] = [:]
  private var parcels: [Place: [UInt8]] = [:]
  private var counts: [Place: Int64] = [:]
  /// Whose folder a contract's is: what is left must not be a neighbour's.
  private var terms: [Digest: ComputingTerms] = [:]

  /// How many tokens the results of each checked contract truly hold.
  public private(set) var held: [Digest: Int64] = [:]

  public init(keys: KeyPair) { self.keys = keys }

  /// Contracts of which anything that a neighbour sent is still here, in order.
  public var kept: [Digest] { Set(parcels.keys.map(\.contract)).sorted() }

  /// A batch of the household's as the edge would make it ready: each request a line of `length`
  /// bytes whose answer may be of `tokens` tokens.
  public mutating func stage(
    name: String, model: Digest, requests: Int, length: Int, tokens: Int64, deadline: Instant?
  ) -> StagedWork {
    var file: [UInt8] = []
    for index in 0..<requests {
      let head = Array("\(name) \(index) ".utf8)
      file += head + [UInt8](repeating: 0x2E, count: max(0, length - head.count)) + [0x0A]
    }
    let folder = "wanted-\(name)"
    staged[folder] = file
    return StagedWork(
      batch: StagedBatch(
        folder: folder, name: name, model: "simulated", requests: requests, power: .zero,
        deadline: deadline),
      model: model, work: Digest(of: file), length: Int64(file.count),
      tokens: tokens * Int64(requests))
  }

  /// Does what an order says.
  public mutating func perform(_ order: WorkOrder) -> (outcomes: [WorkOutcome], Delivery?) {
    switch order {
    case .look(let contract, let parcel, _):
      let place = Place(contract: contract, parcel: parcel)
      let length = parcels[place]?.count ?? 0
      let parts = Int64((length + WorkParcel.partLength - 1) / WorkParcel.partLength)
      return ([.stored(contract: contract, parcel, parts: parts, count: counts[place])], nil)
    case .send(let contract, let parcel, let folder, let part, let peer):
      return ([], delivery(contract, parcel, folder, part, to: peer))
    case .take(let contract, let parcel, _, let part, let count, let sealed):
      return ([take(contract, parcel, part, count, sealed)], nil)
    case .open(let contract, let folder, let terms, let model):
      return ([open(contract, folder, terms, model)], nil)
    case .gather(let contract, _): return ([gather(contract)], nil)
    case .check(let contract, _, let commitment, let audits, let terms):
      held[contract] = tokensHeld(contract)
      let findings = check(contract, commitment, audits, terms)
      return ([.checked(contract: contract, findings)], nil)
    case .discard(let contract, _):
      for parcel in [WorkParcel.work, .results] {
        parcels[Place(contract: contract, parcel: parcel)] = nil
        counts[Place(contract: contract, parcel: parcel)] = nil
      }
      terms[contract] = nil
      return ([], nil)
    }
  }

  private func delivery(
    _ contract: Digest, _ parcel: WorkParcel, _ folder: String, _ part: Int64, to peer: PublicKey
  ) -> Delivery? {
    if parcel == .results, lie == .withholdsResults { return nil }
    let whole = staged[folder] ?? parcels[Place(contract: contract, parcel: parcel)]
    guard var bytes = whole else { return nil }
    if parcel == .results, lie == .changesResults, !bytes.isEmpty { bytes[bytes.count / 2] ^= 1 }
    let length = WorkParcel.partLength
    let count = Int64((bytes.count + length - 1) / length)
    guard part < count else { return nil }
    let start = Int(part) * length
    let piece = Array(bytes[start..<min(bytes.count, start + length)])
    guard let sealed = SealedBox.seal(piece, to: peer) else { return nil }
    return Delivery(
      to: peer, contract: contract, parcel: parcel, part: part, count: count, sealed: sealed)
  }

  private mutating func take(
    _ contract: Digest, _ parcel: WorkParcel, _ part: Int64, _ count: Int64, _ sealed: [UInt8]
  ) -> WorkOutcome {
    let place = Place(contract: contract, parcel: parcel)
    guard let piece = keys.open(sealed) else {
      return .unusable(contract: contract, parcel, reason: "a part is not sealed to this node")
    }
    let here = Int64((parcels[place]?.count ?? 0) / WorkParcel.partLength)
    if here == part { parcels[place, default: []] += piece }
    counts[place] = count
    return .stored(contract: contract, parcel, parts: part + 1, count: count)
  }

  private mutating func open(
    _ contract: Digest, _ folder: String, _ terms: ComputingTerms, _ model: String
  ) -> WorkOutcome {
    let work = parcels[Place(contract: contract, parcel: .work)] ?? []
    guard Digest(of: work) == terms.work else {
      return .unusable(contract: contract, .work, reason: "it is not the work that was agreed")
    }
    self.terms[contract] = terms
    return .opened(
      contract: contract,
      StagedBatch(
        folder: folder, name: "work", model: model, requests: Int(terms.requests),
        power: Power(watts: 60), deadline: terms.deadline))
  }

  private mutating func gather(_ contract: Digest) -> WorkOutcome {
    guard let terms = terms[contract] else {
      return .unusable(contract: contract, .results, reason: "the work is gone")
    }
    let work = parcels[Place(contract: contract, parcel: .work)] ?? []
    let model = lie == .usesAnotherModel ? Digest(of: terms.model.bytes) : terms.model
    var file: [UInt8] = []
    var leaves: [Digest] = []
    var tokens: Int64 = 0
    for (index, line) in work.split(separator: 0x0A).enumerated() {
      var result = Self.result(index: Int64(index), of: Array(line), model: model, terms)
      if lie == .inflatesTokens { result.tokens = min(2 * result.tokens, terms.mostOfOne) }
      leaves.append(
        ResultTree.leaf(index: Int64(index), tokens: result.tokens, line: result.line))
      tokens += result.tokens
      file += result.line + [0x20] + Array("\(result.tokens)".utf8) + [0x0A]
    }
    parcels[Place(contract: contract, parcel: .results)] = file
    return .gathered(
      contract: contract, root: ResultTree.root(of: leaves), answered: Int64(leaves.count),
      tokens: tokens)
  }

  /// The answer that this model gives to a request: words, one a token.
  private static func result(
    index: Int64, of request: [UInt8], model: Digest, _ terms: ComputingTerms
  ) -> (line: [UInt8], tokens: Int64) {
    let digest = Digest(of: model.bytes + request)
    let tokens = 1 + Int64(digest.words.first % UInt64(max(1, terms.mostOfOne / 2)))
    var line = Array("\(index)".utf8)
    for word in 0..<tokens {
      line += [0x2D] + Array("\((digest.words.second &+ UInt64(word)) % 1000)".utf8)
    }
    return (line, tokens)
  }

  private func tokensHeld(_ contract: Digest) -> Int64 {
    let results = parcels[Place(contract: contract, parcel: .results)] ?? []
    return Int64(results.count { $0 == 0x2D })
  }

  private func check(
    _ contract: Digest, _ commitment: ContractState.Commitment, _ audits: [Int64],
    _ terms: ComputingTerms
  ) -> ResultFindings {
    let results = parcels[Place(contract: contract, parcel: .results)] ?? []
    let own = staged.values.sorted { $0.count < $1.count }.first { Digest(of: $0) == terms.work }
    let requests = own?.split(separator: 0x0A).map { Array($0) } ?? []
    var findings = ResultFindings(areThoseCommitted: false, tokens: 0)
    var leaves: [Digest] = []
    for (index, row) in results.split(separator: 0x0A).enumerated() {
      let parts = row.split(separator: 0x20)
      guard parts.count == 2, let claimed = Int64(String(decoding: parts[1], as: UTF8.self)) else {
        return findings
      }
      let line = Array(parts[0])
      leaves.append(ResultTree.leaf(index: Int64(index), tokens: claimed, line: line))
      findings.tokens += min(claimed, Int64(line.filter { $0 == 0x2D }.count))
      guard audits.contains(Int64(index)), requests.indices.contains(index) else { continue }
      let again = Self.result(
        index: Int64(index), of: requests[index], model: terms.model, terms)
      if again.line == line { findings.auditsPassed += 1 } else { findings.auditsFailed += 1 }
    }
    findings.areThoseCommitted = ResultTree.root(of: leaves) == commitment.root
    findings.file = "output.jsonl"
    return findings
  }
}

extension ComputingTerms {
  /// What one answer may be long when all may be alike.
  fileprivate var mostOfOne: Int64 { max(2, tokens / requests) }
}
