import Sealing

/// The result files of one job: what is counted is on disk, and what is on disk is whole.
///
/// Lines go to `output.partial.jsonl` and `errors.partial.jsonl`; the end renames them. Those that
/// came together wait for the disk together. What a crash leaves of them is read up to the first
/// line that is torn or empty and cut off there; their requests are done again.
final class BatchResults {
  private enum Kind: String, CaseIterable {
    case errors, output
    var partialName: String { rawValue + ".partial.jsonl" }
    var finalName: String { rawValue + ".jsonl" }
  }

  /// Lines of results may be longer than requests, as an answer is bounded by `EngineLimits`.
  private static let maximumLineBytes = 64 << 20

  /// A line that is neither on disk nor counted yet.
  private struct Waiting {
    var kind: Kind
    var ticket: BatchJob.Ticket
    var bytes: [UInt8]
    var promptTokens: Int64 = 0
    var completionTokens: Int64 = 0
  }

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
  private var waiting: [Waiting] = []

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

  /// Whether lines wait for `commit`.
  var isWaiting: Bool { !waiting.isEmpty }

  /// Takes in the answer to a request: `commit` has to follow.
  func append(answer: JSONValue, status: Int, tokens: Int64?, for ticket: BatchJob.Ticket) {
    let isGood = (200..<300).contains(status)
    let response = JSONValue.members([
      "status_code": .integer(status), "request_id": .string(ticket.identifier), "body": answer,
    ])
    let bytes = Self.line(for: ticket, response: response, error: .null)
    waiting.append(
      Waiting(
        kind: isGood ? .output : .errors, ticket: ticket, bytes: bytes,
        promptTokens: Self.tokens("prompt_tokens", of: answer), completionTokens: tokens ?? 0))
  }

  /// Takes in that a request failed for good without an answer: `commit` has to follow.
  func append(failure: String, for ticket: BatchJob.Ticket) {
    let error = JSONValue.members(["code": .string("engine_failed"), "message": .string(failure)])
    let bytes = Self.line(for: ticket, response: .null, error: error)
    waiting.append(Waiting(kind: .errors, ticket: ticket, bytes: bytes))
  }

  /// Writes what was taken in, waits until it is on disk, counts it, and says whose lines they are.
  ///
  /// Where that fails, what is not on disk goes on waiting, uncounted: see `takeWaiting`.
  func commit() throws(RunnerError) -> [BatchJob.Ticket] {
    var written: [BatchJob.Ticket] = []
    for kind in Kind.allCases {
      let lines = waiting.filter { $0.kind == kind }
      if lines.isEmpty { continue }
      try file(kind).append(lines.dropFirst().reduce(into: lines[0].bytes) { $0 += $1.bytes })
      waiting.removeAll { $0.kind == kind }
      for line in lines {
        if kind == .output { completed += 1 } else { failed += 1 }
        promptTokens += line.promptTokens
        completionTokens += line.completionTokens
        written.append(line.ticket)
      }
    }
    return written
  }

  /// Gives up what could not be written; whose lines they were.
  func takeWaiting() -> [BatchJob.Ticket] {
    defer { waiting = [] }
    return waiting.map(\.ticket)
  }

  /// Writes that a request was not begun in time, without waiting for the disk: `synchronise` has
  /// to follow.
  func append(expired ticket: BatchJob.Ticket) throws(RunnerError) {
    let error = JSONValue.members([
      "code": .string("batch_expired"),
      "message": .string("not begun before the batch's time was over"),
    ])
    try file(.errors).extend(Self.line(for: ticket, response: .null, error: error))
    failed += 1
  }

  /// Waits until every line is on disk.
  func synchronise() throws(RunnerError) { try file(.errors).synchronise() }

  /// Gives the files their final names; errors only where there are any. The output's name comes
  /// last, so it stands for the whole job's end.
  func finish() throws(RunnerError) {
    guard !isFinished else { return }
    for kind in Kind.allCases { try file(kind).cutRoom() }
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

  private static func line(
    for ticket: BatchJob.Ticket, response: JSONValue, error: JSONValue
  ) -> [UInt8] {
    let line = JSONValue.members([
      "id": .string(ticket.identifier), "custom_id": .string(ticket.customID),
      "response": response, "error": error,
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
      files[kind] = try AppendOnlyFile(
        path: file, length: length, hasRoom: true, witness: witness)
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
