import Planning
import Quantities
import Runners
import Testing
import Texting

struct BatchStagingTests {
  let scratch: ScratchFolder
  let runner: BatchRunner

  init() throws {
    scratch = try ScratchFolder()
    // Nobody listens there: staging needs no engine.
    let engine = try InferenceEngine(address: scratch.path + "/no-engine.sock")
    runner = try BatchRunner(engine: engine, jobsDirectory: scratch.path + "/jobs") { _ in }
  }

  func stage(_ text: String, model: String? = nil) throws -> StagedBatch {
    try scratch.write(text, to: "file.jsonl")
    return try runner.stage(
      BatchRequest(file: scratch.path + "/file.jsonl", model: model), power: Power(watts: 5))
  }

  /// Why `text` is refused; empty where it isn't.
  func refusal(of text: String, model: String? = nil) -> String {
    do {
      _ = try stage(text, model: model)
      return ""
    } catch {
      return "\(error)"
    }
  }

  static let body = "\"body\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\"}]}"
  static let head = "\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\""

  static let wrong: [(text: String, says: String)] = [
    ("", "holds no requests"),
    ("\n \n", "holds no requests"),
    ("{", "line 1: not JSON: at byte 2"),
    ("{\(head),\(body)}\nnonsense", "line 2: not JSON"),
    ("[]", "line 1: expected an object"),
    ("{\"method\":\"POST\"}", "line 1: custom_id"),
    ("{\"custom_id\":7}", "line 1: custom_id"),
    ("{\"custom_id\":\"\(String(repeating: "x", count: 65))\"}", "line 1: custom_id"),
    ("{\"custom_id\":\"a\",\"method\":\"GET\"}", "line 1: method: expected \"POST\""),
    ("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/files\"}", "line 1: url"),
    ("{\(head)}", "line 1: body: expected an object"),
    ("{\(head),\"body\":{}}", "line 1: body.model"),
    ("{\(head),\"body\":{\"model\":\"m\"}}", "line 1: body.messages: missing"),
    ("{\(head),\"body\":{\"model\":\"m\",\"messages\":[]}}", "line 1: body.messages: expected"),
    ("{\(head),\(body)}\n\n{\(head),\(body)}", "line 3: custom_id: a is there twice"),
    ("{\(head),\"custom_id\":\"b\",\(body)}", "each key once"),
    ("{\(head),\"x\":\(String(repeating: "[", count: 100))", "at most 64 levels"),
    (
      "{\(head),\(body)}\n{\(head),\(body)}".replacing(last: "\"m\"", with: "\"other\"")
        .replacing(last: "\"a\"", with: "\"b\""), "line 2: body.model: other, expected m"
    ),
  ]

  @Test("names line and field of what is wrong", arguments: wrong)
  func names(text: String, says: String) {
    let refusal = refusal(of: text)
    #expect(refusal.contains(says), "\(refusal)")
    #expect(scratch.names(in: "jobs").isEmpty)
  }

  @Test("copies the requests as they are, byte by byte")
  func copies() throws {
    let text = """
      {"custom_id":"b","method":"POST","url":"/v1/completions","body":{"prompt":"\\u00e9é",\
      "model":"m","temperature":0.10,"seed":12345678901234567890}}
      {"custom_id":"é","method":"POST","url":"/v1/embeddings","body":{"model":"m","input":["x"]}}

      """
    let batch = try stage(text)
    #expect(batch.requests == 2)
    #expect(batch.interruptible)
    #expect(scratch.read("jobs/\(batch.folder)/input.jsonl") == text)
    #expect(scratch.names(in: "jobs/\(batch.folder)") == ["input.jsonl"])
  }

  @Test("gives two files of one name two folders")
  func folders() throws {
    #expect(try stage(BatchText.requests(1)).folder != stage(BatchText.requests(1)).folder)
  }

  @Test("takes the model that was asked for, and no other")
  func model() throws {
    #expect(try stage(BatchText.requests(2), model: "stand-in").model == "stand-in")
    let refusal = refusal(of: BatchText.requests(2), model: "x")
    #expect(refusal.contains("line 1: body.model: stand-in, expected x"))
  }

  @Test("refuses more than 50,000 requests")
  func tooMany() throws {
    let refusal = refusal(of: BatchText.requests(50_001))
    #expect(refusal.contains("line 50001: more than 50000 requests"))
  }

  @Test("finds a bare name in the inbox and refuses what is no file")
  func inbox() throws {
    #expect(throws: RunnerError.self) {
      try runner.stage(BatchRequest(file: "none.jsonl"), power: .zero)
    }
    #expect(throws: RunnerError.self) {
      try runner.stage(BatchRequest(file: scratch.path), power: .zero)
    }
    #expect(throws: RunnerError.self) {
      try runner.stage(BatchRequest(file: "/dev/zero"), power: .zero)
    }
  }
}

extension String {
  /// Replaces the last occurrence of `old`.
  fileprivate func replacing(last old: String, with new: String) -> String {
    var pieces = split(separator: old, omittingEmptySubsequences: false)
    guard pieces.count > 1 else { return self }
    let end = pieces.removeLast()
    return pieces.joined(separator: old) + new + end
  }
}
