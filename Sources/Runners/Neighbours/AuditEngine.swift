import CCurl

/// The household's own engine, asked about what a neighbour's has answered.
///
/// Blocks the calling thread; every exchange is bounded in time and size.
struct AuditEngine {
  /// What it calls the model.
  let model: String
  private let engine: InferenceEngine

  /// Nil where the engine does not say now that it serves this model: another model's tokens and
  /// answers would tell nothing, and make an honest neighbour look like a cheat.
  init?(address: String, model: String) {
    let limits = EngineLimits(silenceMilliseconds: 120_000, requestMilliseconds: 600_000)
    guard let engine = try? InferenceEngine(address: address, limits: limits) else { return nil }
    self.engine = engine
    self.model = model
    guard let models = ask("/v1/models")?["data"]?.elements else { return nil }
    let names = models.compactMap { $0["id"]?.text }
    // llama-server without an alias names the model's path.
    let isServed = names.contains { $0 == model || $0.hasSuffix("/" + model) }
    guard isServed else { return nil }
  }

  /// How many tokens the text has for this model; nil where the engine doesn't tell.
  func count(_ text: String) -> Int64? {
    let body = JSONValue.members(["content": .string(text), "add_special": .bool(false)])
    return ask("/tokenize", body)?["tokens"]?.elements.map { Int64($0.count) }
  }

  /// What the engine answers to the same request; nil where it doesn't.
  func answer(_ line: WorkLine) -> String? {
    var body = line.body
    body["model"] = .string(model)
    guard let answer = ask(line.url, body), answer["choices"]?.elements?.isEmpty == false else {
      return nil
    }
    return WorkResult.text(of: answer)
  }

  private func ask(_ path: String, _ body: JSONValue? = nil) -> JSONValue? {
    let isQuick = path == "/v1/models" || path == "/tokenize"
    guard
      let transfer = try? Transfer(
        .probe, engine: engine, path: path, content: body?.bytes, quick: isQuick)
    else { return nil }
    let code = curl_easy_perform(transfer.handle)
    guard case .answer(200, let bytes, _) = transfer.ending(code) else { return nil }
    return try? JSONParser.parse(bytes)
  }
}
