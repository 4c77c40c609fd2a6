import FoundationEssentials
import Planning
import Quantities
import Runners
import Sealing
import Testing
import Texting

/// The audit of a real model's answers by the same model.
@Suite("A real engine audits", .serialized)
struct RealAuditTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  static let questions = [
    "Why is the sky blue?", "Name three planets.", "What is a heliograph?",
    "Write one sentence about rain.", "What is 2+2?", "What does a solar panel do?",
  ]
  static let model = Digest(of: [1])

  static func body(_ question: String, model: String) -> String {
    """
    {"custom_id":"0","method":"POST","url":"/v1/chat/completions","body":{"model":"\(model)",\
    "messages":[{"role":"user","content":"\(question)"}],"max_tokens":40,"temperature":0}}
    """
  }

  private struct Models: Decodable {
    struct Model: Decodable {
      var id: String
    }
    var data: [Model]
  }

  /// What the engine calls itself.
  private func name(_ engine: RealEngine) throws -> String {
    let client = try SocketClient(port: engine.port)
    client.send(Array("GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8))
    let models = try JSONDecoder().decode(Models.self, from: Data(client.answer().body.utf8))
    return try #require(models.data.first?.id)
  }

  @Test("what it computed two at once it finds its own alone; made-up answers it does not")
  func audits() async throws {
    guard let engine = RealEngine() else { return }
    let name = try name(engine)
    let log = log
    let runner = try BatchRunner(
      engine: InferenceEngine(address: engine.address), jobsDirectory: scratch.path + "/jobs"
    ) { log.add($0) }
    defer { runner.stop() }
    let lines = Self.questions.enumerated().map { number, question in
      Self.body(question, model: name)
        .replacing("\"custom_id\":\"0\"", with: "\"custom_id\":\"\(number)\"") + "\n"
    }
    try scratch.write(lines.joined(), to: "real.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/real.jsonl"), power: Power(watts: 25))
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: Self.questions.count))
    let audit = try #require(AuditEngine(address: engine.address, model: name))
    let output = try #require(scratch.read("jobs/\(batch.folder)/output.jsonl"))
    for line in output.split(separator: "\n") {
      let result = try #require(WorkResult(output: Array(line.utf8)) { _ in 40 })
      let question = Self.questions[Int(result.index)]
      let request = try WorkLine(
        neighbours: Array(Self.body(question, model: WorkLine.name(of: Self.model)).utf8),
        index: 0, model: Self.model)
      let verdict = audit.verdict(request, on: result)
      #expect(verdict == .passed || verdict == .undecided, "\(question): \(result.text)")
      let counted = try #require(audit.count(result.text))
      #expect(counted + counted / 16 + 1 >= result.tokens, "\(question): \(result.text)")
      let forged = try #require(WorkResult(Self.forged(index: result.index)))
      #expect(audit.verdict(request, on: forged) == .failed, "\(question)")
    }
  }

  /// A fluent answer that no model gave.
  private static func forged(index: Int64) -> [UInt8] {
    let text =
      "Thank you for asking! That depends on whom you ask, yet most gardeners agree that "
      + "tulips want cold winters, whereas dahlias are dug up before the first frost comes."
    return Array(
      """
      {"index":\(index),"tokens":40,"response":{"status_code":200,"request_id":"r","body":\
      {"choices":[{"message":{"role":"assistant","content":"\(text)"}}]}}}
      """.utf8)
  }
}
