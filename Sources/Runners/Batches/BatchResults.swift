import Sealing

/// The result files of one job: what is counted is on disk, and what is on disk is whole.
///
/// Lines go to `output.partial.jsonl` and `errors.partial.jsonl`; the end renames them. A crash
/// leaves at most one torn last line, which opening cuts off; its request is done again.
final class BatchResults {
  private enum Kind: String, CaseIterable {
    case errors, output
    var partialName: String { rawValue + ".partial.jsonl" }
    var finalName: String { rawValue + ".jsonl" }
  }

  /// Lines of results may be longer than requests, as an answer is bounded by `EngineLimits`.
  private static let maximumLineBytes = 64 << 20

  private(set) var completed = 0
  private(set) var failed = 0
  private(set) var promptTokens: Int64 = 0
  private(set) var completionTokens: Int64 = 0
  /// Whether the result files have their final names.
  private(set) var isFinished: Bool
  private let path: String
  private var done: Set<Digest> = []
  private var files: [Kind: AppendOnlyFile] = [:]
  private let witness: (any DiskWitness)?

  init(path: String, witness: (any DiskWitness)? = nil) throws(RunnerError) {
    self.path = path
    self.witness = witness
    isFinished = Folder.exists(path + "/" + Kind.output.finalName)
    if !isFinished, Folder.exists(path + "/" + Kind.errors.finalName) {
      // The end was interrupted between its two renames.
      try Folder.rename(
        Kind.errors.finalName, to: Kind.errors.partialName, in: path, witness: witness)
    }
    for kind in Kind.allCases { try open(kind) }
    if isFinished {
      removeLeftOver()
    } else {
      // Lines in a file whose name a power cut takes away would be gone with it.
      try Folder.synchronise(path, witness: witness)
    }
  }

  func isDone(_ customID: String) -> Bool { done.contains(Digest(of: Array(customID.utf8))) }

  /// Writes the answer to a request; on disk when this returns.
  func append(
    answer: JSONValue, status: Int, identifier: String, customID: String, tokens: Int64?
  ) throws(RunnerError) {
    let isGood = (200..<300).contains(status)
    let response = JSONValue.members([
      "status_code": .integer(status), "request_id": .string(identifier), "body": answer,
    ])
    try append(
      to: isGood ? .output : .errors, identifier: identifier, customID: customID,
      response: response, error: .null)
    if isGood { completed += 1 } else { failed += 1 }
    completionTokens += tokens ?? 0
    promptTokens += Self.tokens("prompt_tokens", of: answer)
  }

  /// Writes that a request failed for good without an answer; on disk when this returns.
  func append(failure: String, identifier: String, customID: String) throws(RunnerError) {
    let error = JSONValue.members(["code": .string("engine_failed"), "message": .string(failure)])
    try append(
      to: .errors, identifier: identifier, customID: customID, response: .null, error: error)
    failed += 1
  }

  /// Writes that a request was not begun in time, without waiting for the disk: `synchronise` has
  /// to follow.
  func append(expired ticket: BatchJob.Ticket) throws(RunnerError) {
    let error = JSONValue.members([
      "code": .string("batch_expired"),
      "message": .string("not begun before the batch's time was over"),
    ])
    let line = Self.line(
      identifier: ticket.identifier, customID: ticket.customID, response: .null, error: error)
    try file(.errors).extend(line)
    failed += 1
  }

  /// Waits until every line is on disk.
  func synchronise() throws(RunnerError) { try file(.errors).synchronise() }

  /// Gives the files their final names; errors only where there are any. The output's name comes
  /// last, so it stands for the whole job's end.
  func finish() throws(RunnerError) {
    guard !isFinished else { return }
    if failed > 0 {
      try Folder.rename(
        Kind.errors.partialName, to: Kind.errors.finalName, in: path, witness: witness)
    }
    try Folder.rename(
      Kind.output.partialName, to: Kind.output.finalName, in: path, witness: witness)
    removeLeftOver()
    files = [:]
    isFinished = true
  }

  /// A crash may leave the empty file of errors when the end needs none.
  private func removeLeftOver() {
    let file = path + "/" + Kind.errors.partialName
    if Folder.size(file) == 0 { Folder.remove(file, witness: witness) }
  }

  private func append(
    to kind: Kind, identifier: String, customID: String, response: JSONValue, error: JSONValue
  ) throws(RunnerError) {
    try file(kind).append(
      Self.line(identifier: identifier, customID: customID, response: response, error: error))
  }

  private static func line(
    identifier: String, customID: String, response: JSONValue, error: JSONValue
  ) -> [UInt8] {
    let line = JSONValue.members([
      "id": .string(identifier), "custom_id": .string(customID), "response": response,
      "error": error,
    ])
    return line.bytes + [0x0A]
  }

  private func file(_ kind: Kind) throws(RunnerError) -> AppendOnlyFile {
    guard let file = files[kind] else {
      throw RunnerError(.storage, "\(path) is finished: it takes no more results")
    }
    return file
  }

  private func open(_ kind: Kind) throws(RunnerError) {
    let file = path + "/" + (isFinished ? kind.finalName : kind.partialName)
    var length: Int64 = 0
    if Folder.exists(file) {
      let reader = try LineReader(path: file, maximumLineBytes: Self.maximumLineBytes)
      while let line = try reader.next(), line.isWhole,
        let result = try? JSONParser.parse(line.bytes), let customID = result["custom_id"]?.text
      {
        length = line.offset + Int64(line.bytes.count) + 1
        guard done.insert(Digest(of: Array(customID.utf8))).inserted else { continue }
        count(result, in: kind)
      }
    }
    if !isFinished {
      files[kind] = try AppendOnlyFile(path: file, length: length, witness: witness)
    }
  }

  private func count(_ result: JSONValue, in kind: Kind) {
    guard kind == .output else {
      failed += 1
      return
    }
    completed += 1
    // vLLM once wrote the answer itself where OpenAI writes it as the response's body.
    let response = result["response"]
    let answer = response?["body"] ?? response
    completionTokens += Self.tokens("completion_tokens", of: answer)
    promptTokens += Self.tokens("prompt_tokens", of: answer)
  }

  private static func tokens(_ kind: String, of answer: JSONValue?) -> Int64 {
    answer?["usage"]?[kind]?.integer.flatMap(RequestOutcome.plausible) ?? 0
  }
}
