import Ledger
import Sealing

/// One line of results: which request, how many tokens, and what an engine answered.
package struct WorkResult {
  /// Results may be longer than requests, as an answer is bounded by `EngineLimits`.
  static let maximumBytes = 16 << 20

  package let index: Int64
  package let tokens: Int64
  /// `status_code`, `request_id` and `body`, as in a Batch API's output.
  let response: JSONValue

  /// Reads a line, of a neighbour's; nil for anything else.
  package init?(_ bytes: [UInt8]) {
    guard let value = try? JSONParser.parse(bytes), let index = value["index"]?.integer, index >= 0,
      let tokens = value["tokens"]?.integer, (0...WorkLine.maximumTokens).contains(tokens),
      let response = value["response"], response["body"]?.isObject == true,
      let status = response["status_code"]?.integer, (200..<300).contains(status)
    else { return nil }
    self.index = index
    self.tokens = tokens
    self.response = response
  }

  /// Makes the result of a line of a job's `output.jsonl`; nil for what is no answer.
  ///
  /// - Parameter limit: what the answer to the request of this index may be long.
  package init?(output bytes: [UInt8], limit: (Int64) -> Int64?) {
    guard let value = try? JSONParser.parse(bytes), let response = value["response"],
      response["body"]?.isObject == true,
      let index = value["custom_id"]?.text.flatMap({ Int64($0) }), let most = limit(index)
    else { return nil }
    self.index = index
    self.response = response
    // What the engine did not count can't be shown to anyone, so nothing is claimed for it.
    let counted = response["body"]?["usage"]?["completion_tokens"]?.integer
    tokens = counted.map { min(max($0, 0), most) } ?? 0
  }

  /// The line, without the line feed.
  package var bytes: [UInt8] {
    JSONValue.members([
      "index": .integer(index), "tokens": .integer(tokens), "response": response,
    ]).bytes
  }

  /// What the engine wrote: the answer and, where it shows it, the reasoning before it.
  package var text: String { Self.text(of: response["body"]) }

  /// Whether the engine shows what it thought before it answered.
  var hasReasoning: Bool {
    let message = response["body"]?["choices"]?.elements?.first?["message"]
    return message?["reasoning_content"]?.text?.isEmpty == false
  }

  static func text(of body: JSONValue?) -> String {
    let choice = body?["choices"]?.elements?.first
    let message = choice?["message"]
    let thought = message?["reasoning_content"]?.text ?? ""
    return thought + (message?["content"]?.text ?? choice?["text"]?.text ?? "")
  }

  /// The line of the household's own `output.jsonl`.
  func output(customID: String) -> [UInt8] {
    JSONValue.members([
      "id": response["request_id"] ?? .string("neighbour-\(index)"),
      "custom_id": .string(customID), "response": response, "error": .null,
    ]).bytes
  }
}

/// Makes the results of what a neighbour's job has answered.
enum WorkResults {
  /// What a COMMIT says of a results file.
  struct Sum: Hashable {
    var root: Digest
    var answered: Int64
    var tokens: Int64
  }

  /// Writes the results, in order of index, from a job's output in the order in which it came.
  ///
  /// - Parameter limits: what each request's answer may be long, by index.
  static func gather(
    from output: String?, to file: String, limits: [Int64]
  ) throws(RunnerError) -> Sum {
    var leaves: [Digest] = []
    var sum = Sum(root: .zero, answered: 0, tokens: 0)
    let results = try AppendOnlyFile(path: file, length: 0)
    if let output {
      func limit(_ index: Int64) -> Int64? {
        limits.indices.contains(Int(clamping: index)) ? limits[Int(index)] : nil
      }
      let reader = try LineReader(path: output, maximumLineBytes: 64 << 20)
      var places: [Int64: (offset: Int64, count: Int)] = [:]
      while let line = try reader.next(), line.isWhole {
        guard let result = WorkResult(output: line.bytes, limit: limit),
          result.bytes.count <= WorkResult.maximumBytes
        else { continue }
        places[result.index] = (line.offset, line.bytes.count)
      }
      for (index, place) in places.sorted(by: { $0.key < $1.key }) {
        let line = try reader.read(at: place.offset, count: place.count)
        guard let result = WorkResult(output: line, limit: limit) else { continue }
        let bytes = result.bytes
        leaves.append(ResultTree.leaf(index: index, tokens: result.tokens, line: bytes))
        sum.answered += 1
        sum.tokens += result.tokens
        try results.extend(bytes + [0x0A])
      }
    }
    try results.synchronise()
    sum.root = ResultTree.root(of: leaves)
    return sum
  }
}
