import CCurl

/// The household's own engine, asked about what a neighbour's has answered.
///
/// Blocks the calling thread; every exchange is bounded in time and size.
package struct AuditEngine {
  /// What it calls the model.
  package let model: String
  private let engine: InferenceEngine
  private var kind = EngineKind.other

  /// Nil where the engine does not say now that it serves this model: another model's tokens and
  /// answers would tell nothing, and make an honest neighbour look like a cheat.
  package init?(address: String, model: String) {
    let limits = EngineLimits(silenceMilliseconds: 120_000, requestMilliseconds: 600_000)
    guard let engine = try? InferenceEngine(address: address, limits: limits) else { return nil }
    self.engine = engine
    self.model = model
    guard let models = ask("/v1/models")?["data"]?.elements else { return nil }
    let names = models.compactMap { $0["id"]?.text }
    // llama-server without an alias names the model's path.
    let isServed = names.contains { $0 == model || $0.hasSuffix("/" + model) }
    guard isServed else { return nil }
    if ask("/props")?["total_slots"]?.integer != nil {
      kind = .llamaServer
    } else if ask("/version")?["version"]?.text != nil {
      kind = .vLLM
    }
  }

  /// How many tokens the text has for this model; nil where the engine doesn't tell.
  package func count(_ text: String) -> Int64? {
    guard kind == .llamaServer else { return nil }
    let body = JSONValue.members(["content": .string(text), "add_special": .bool(false)])
    return ask("/tokenize", body.bytes)?["tokens"]?.elements.map { Int64($0.count) }
  }

  /// Whether the answer to a request can be this model's; nil where the engine doesn't answer.
  package func verdict(_ request: WorkLine, on result: WorkResult) -> AnswerAudit.Verdict? {
    guard let line = try? BatchLine(request.bytes(model: model)) else { return nil }
    // An answer that was thought over first can't be begun in its middle.
    let isPlain = !result.hasReasoning
    var audit = AnswerAudit(result.text, canGoOn: kind.continues && isPlain)
    guard var words = answer(line.url, line.engineBody(for: kind)) else { return nil }
    while true {
      switch audit.take(words) {
      case .ended(let verdict): return verdict
      case .goOn:
        let earlier = Generated(text: audit.heldText, tokens: 0)
        guard let more = goOn(line, after: earlier) else { return nil }
        words = more
      }
    }
  }

  private func goOn(_ line: BatchLine, after earlier: Generated) -> String? {
    let continuation = Continuation(line, after: earlier, on: kind)
    var step: Continuation.Step? = continuation.step
    if case .template(let content)? = step {
      step = continuation.request(template: ask(Continuation.templatePath, content))
    }
    guard case .request(let path, let content)? = step else { return nil }
    return answer(path, content)
  }

  private func answer(_ path: String, _ content: [UInt8]) -> String? {
    guard let answer = ask(path, content, isQuick: false),
      answer["choices"]?.elements?.isEmpty == false
    else { return nil }
    return WorkResult.text(of: answer)
  }

  private func ask(
    _ path: String, _ content: [UInt8]? = nil, isQuick: Bool = true
  ) -> JSONValue? {
    guard
      let transfer = try? Transfer(
        .probe, engine: engine, path: path, content: content, quick: isQuick)
    else { return nil }
    let code = heliograph_curl_perform(transfer.handle)
    switch transfer.ending(code) {
    case .assembled(let body, _): return body
    case .answer(200, let bytes, _): return try? JSONParser.parse(bytes)
    default: return nil
    }
  }
}
