import Ledger
import Sealing

/// A buyer's look at results: are they those committed to, how many tokens are they, and does the
/// model say the same when it is asked again.
struct ResultCheck {
  /// Where the batch was staged.
  let folder: String
  /// The file of results that came.
  let results: String
  let commitment: ContractState.Commitment
  /// Places among the results.
  let audits: [Int64]
  let terms: ComputingTerms
  /// Nil where the household has no engine with this model.
  let engine: AuditEngine?

  /// What is known of the results once each line was looked at.
  private struct Sighting {
    var tokens: Int64 = 0
    /// Those to be computed again.
    var picked: [WorkResult] = []
  }

  /// Looks through the results, and writes the answers where the household finds them.
  func run() throws(RunnerError) -> ResultFindings {
    var limits: [Int64] = []
    try readWork { limits.append($0.tokens) }
    guard let sighting = try readResults(limits) else {
      return ResultFindings(areThoseCommitted: false, tokens: 0)
    }
    let (passed, failed) = try audit(sighting.picked)
    return ResultFindings(
      areThoseCommitted: true, tokens: sighting.tokens, auditsPassed: passed,
      auditsFailed: failed, file: try writeAnswers())
  }

  private func readWork(_ each: (WorkLine) -> Void) throws(RunnerError) {
    let file = folder + "/" + NeighbourWork.workName
    _ = try WorkFile.read(file, model: terms.model) { line throws(RunnerError) in each(line) }
  }

  /// Reads every line; nil when they are not those that were committed to, or not what was asked.
  private func readResults(_ limits: [Int64]) throws(RunnerError) -> Sighting? {
    let reader = try LineReader(path: results, maximumLineBytes: WorkResult.maximumBytes)
    var sighting = Sighting()
    var leaves: [Digest] = []
    var last: Int64 = -1
    var claimed: Int64 = 0
    while let line = try next(reader) {
      guard line.isWhole, let result = WorkResult(line.bytes), result.index > last,
        result.index < Int64(limits.count), result.tokens <= limits[Int(result.index)],
        Int64(leaves.count) < commitment.answered
      else { return nil }
      last = result.index
      claimed += result.tokens
      if audits.contains(Int64(leaves.count)) { sighting.picked.append(result) }
      leaves.append(
        ResultTree.leaf(index: result.index, tokens: result.tokens, line: line.bytes))
      sighting.tokens += count(result)
    }
    guard Int64(leaves.count) == commitment.answered, claimed == commitment.tokens,
      ResultTree.root(of: leaves) == commitment.root
    else { return nil }
    return sighting
  }

  /// A line that is too long is a neighbour's doing, not the disk's.
  private func next(_ reader: LineReader) throws(RunnerError) -> LineReader.Line? {
    do throws(RunnerError) { return try reader.next() } catch {
      guard error.code == .invalidBatch else { throw error }
      return LineReader.Line(offset: 0, bytes: [], isWhole: false)
    }
  }

  /// A result's tokens, counted again; never more than its line says.
  ///
  /// Of a model's tokenizer as many as it finds, a sixteenth more, since a model does not always
  /// write a word in the tokens that a tokenizer would choose, and one for the end, which has no
  /// text. Without a tokenizer as many as there are bytes, and one: no token of text is less than
  /// a byte.
  private func count(_ result: WorkResult) -> Int64 {
    let text = result.text
    let most: Int64
    // Almost all texts are plainly short enough, or the engine is asked.
    if let counted = engine?.count(text) {
      most = counted + counted / 16 + 1
    } else {
      most = Int64(text.utf8.count) + 1
    }
    return min(result.tokens, most)
  }

  /// Computes the picked requests again, those whose answer does not hang on chance.
  private func audit(
    _ picked: [WorkResult]
  ) throws(RunnerError) -> (passed: Int64, failed: Int64) {
    guard let engine, !picked.isEmpty else { return (0, 0) }
    var requests: [Int64: WorkLine] = [:]
    let wanted = Set(picked.map(\.index))
    try readWork { line in
      if line.isDeterministic, wanted.contains(line.index) { requests[line.index] = line }
    }
    var (passed, failed): (Int64, Int64) = (0, 0)
    for result in picked {
      guard let request = requests[result.index],
        let verdict = engine.verdict(request, on: result)
      else { continue }
      switch verdict {
      case .passed: passed += 1
      case .failed: failed += 1
      case .undecided: break
      }
    }
    return (passed, failed)
  }

  /// Writes `output.jsonl`, and `errors.jsonl` for what has no answer, with the household's own
  /// names of the requests; where the answers are.
  private func writeAnswers() throws(RunnerError) -> String {
    let input = try LineReader(
      path: folder + "/input.jsonl", maximumLineBytes: BatchLine.maximumBytes)
    let answers = try LineReader(path: results, maximumLineBytes: WorkResult.maximumBytes)
    let output = try AppendOnlyFile(path: folder + "/output.partial.jsonl", length: 0)
    let errors = try AppendOnlyFile(path: folder + "/errors.partial.jsonl", length: 0)
    var answer = try answers.next().flatMap { WorkResult($0.bytes) }
    var index: Int64 = 0
    while let line = try input.next() {
      let customID = try BatchLine(line.bytes).customID
      if let found = answer, found.index == index {
        try output.extend(found.output(customID: customID) + [0x0A])
        answer = try answers.next().flatMap { WorkResult($0.bytes) }
      } else {
        try errors.extend(Self.missing(customID) + [0x0A])
      }
      index += 1
    }
    try output.synchronise()
    try errors.synchronise()
    if errors.length > 0 {
      try Folder.rename("errors.partial.jsonl", to: "errors.jsonl", in: folder)
    } else {
      Folder.remove(folder + "/errors.partial.jsonl")
    }
    try Folder.rename("output.partial.jsonl", to: "output.jsonl", in: folder)
    return folder + "/output.jsonl"
  }

  private static func missing(_ customID: String) -> [UInt8] {
    let error = JSONValue.members([
      "code": .string("not_answered"), "message": .string("the neighbour has no answer to it"),
    ])
    return JSONValue.members([
      "id": .string("neighbour"), "custom_id": .string(customID), "response": .null,
      "error": error,
    ]).bytes
  }
}
