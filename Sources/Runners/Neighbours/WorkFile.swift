import Ledger
import Sealing

/// The work of a contract as one file: what is sent to a neighbour, and what is taken from one.
enum WorkFile {
  /// The longest; Protocol.md, "Computing".
  static let maximumLength: Int64 = 100_000_000

  /// What a work file was found to hold.
  struct Sum: Hashable {
    /// BLAKE2b-256 of the file.
    var digest: Digest
    /// In bytes.
    var length: Int64
    var requests: Int64
    /// The sum of what the answers may be long.
    var tokens: Int64
  }

  /// Makes the work file of a staged batch; errors name line and field.
  static func make(
    from input: String, to file: String, model: Digest
  ) throws(RunnerError) -> Sum {
    let reader = try LineReader(path: input, maximumLineBytes: BatchLine.maximumBytes)
    let output = try AppendOnlyFile(path: file, length: 0)
    let digest = DigestStream(.blake2b)
    var sum = Sum(digest: .zero, length: 0, requests: 0, tokens: 0)
    while let next = try reader.next() {
      let line: WorkLine
      do throws(RunnerError) {
        line = try WorkLine(BatchLine(next.bytes), index: sum.requests, model: model)
      } catch {
        throw RunnerError(
          .invalidBatch, "line \(sum.requests + 1): \(error.message)",
          line: Int(sum.requests + 1), field: BatchLine.field(in: error.message))
      }
      let bytes = line.bytes + [0x0A]
      sum.requests += 1
      sum.tokens += line.tokens
      sum.length += Int64(bytes.count)
      guard sum.length <= maximumLength, sum.tokens <= ComputingTerms.maximumTokens else {
        throw RunnerError(
          .invalidBatch, "more than 100 MB, or than a thousand million tokens: split the file")
      }
      digest.update(bytes)
      try output.extend(bytes)
    }
    try output.synchronise()
    sum.digest = digest.finish()
    return sum
  }

  /// Reads a file's requests one by one, each checked as a neighbour's.
  static func read(
    _ file: String, model: Digest, _ each: (WorkLine) throws(RunnerError) -> Void
  ) throws(RunnerError) -> Sum {
    let reader = try LineReader(path: file, maximumLineBytes: BatchLine.maximumBytes)
    let digest = DigestStream(.blake2b)
    var sum = Sum(digest: .zero, length: 0, requests: 0, tokens: 0)
    while let next = try reader.next() {
      let number = sum.requests + 1
      guard next.isWhole else { throw wrong(number, "torn") }
      guard number <= ComputingTerms.maximumRequests else { throw wrong(number, "too many") }
      let line: WorkLine
      do throws(RunnerError) {
        line = try WorkLine(neighbours: next.bytes, index: sum.requests, model: model)
      } catch { throw wrong(number, error.message) }
      digest.update(next.bytes + [0x0A])
      sum.requests += 1
      sum.tokens += line.tokens
      sum.length += Int64(next.bytes.count) + 1
      try each(line)
    }
    sum.digest = digest.finish()
    return sum
  }

  /// Checks a neighbour's file against what was agreed, and writes the batch file of it for an
  /// engine that calls the model `name`.
  static func open(
    _ file: String, against terms: ComputingTerms, model name: String, into batch: String
  ) throws(RunnerError) {
    let output = try AppendOnlyFile(path: batch, length: 0)
    let sum = try read(file, model: terms.model) { line throws(RunnerError) in
      try output.extend(line.bytes(model: name) + [0x0A])
    }
    try output.synchronise()
    guard sum.digest == terms.work else {
      throw RunnerError(.invalidBatch, "the work is not the one that was agreed")
    }
    guard sum.requests == terms.requests, sum.tokens == terms.tokens else {
      throw RunnerError(
        .invalidBatch,
        "the work has \(sum.requests) requests and \(sum.tokens) tokens: agreed were "
          + "\(terms.requests) and \(terms.tokens)")
    }
  }

  private static func wrong(_ number: Int64, _ message: String) -> RunnerError {
    RunnerError(
      .invalidBatch, "request \(number): \(SystemText.printable(message, limit: 120))")
  }
}
