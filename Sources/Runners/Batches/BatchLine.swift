/// One request of an OpenAI Batch file.
struct BatchLine: Hashable {
  /// Pairs the request with its result; 1 to 64 characters, unique in its file.
  var customID: String
  /// `/v1/chat/completions`, `/v1/completions` or `/v1/embeddings`.
  var url: String
  var body: JSONValue
  var model: String

  static let maximumBytes = 8 << 20
  static let chatPath = "/v1/chat/completions"
  private static let required: KeyValuePairs<String, String> = [
    "/v1/chat/completions": "messages", "/v1/completions": "prompt", "/v1/embeddings": "input",
  ]

  /// Reads and checks a line; the message of the error begins with the field.
  init(_ bytes: [UInt8]) throws(RunnerError) {
    let line: JSONValue
    do {
      line = try JSONParser.parse(bytes)
    } catch {
      throw Self.wrong("not JSON: at byte \(error.offset + 1) expected \(error.expected)")
    }
    guard line.isObject else { throw Self.wrong("expected an object { … }") }
    guard let customID = line["custom_id"]?.text, (1...64).contains(customID.count) else {
      throw Self.wrong("custom_id: expected a text of 1 to 64 characters")
    }
    guard line["method"]?.text == "POST" else { throw Self.wrong("method: expected \"POST\"") }
    guard let url = line["url"]?.text, let need = Self.required.first(where: { $0.key == url })
    else {
      throw Self.wrong("url: expected /v1/chat/completions, /v1/completions or /v1/embeddings")
    }
    guard let body = line["body"], body.isObject else {
      throw Self.wrong("body: expected an object { … }")
    }
    guard let model = body["model"]?.text, !model.isEmpty else {
      throw Self.wrong("body.model: expected the model's name")
    }
    guard let content = body[need.value], content != .null else {
      throw Self.wrong("body.\(need.value): missing")
    }
    if url == Self.chatPath {
      guard let messages = content.elements, !messages.isEmpty,
        messages.allSatisfy({ $0["role"]?.text != nil })
      else { throw Self.wrong("body.messages: expected a list of messages, each with a role") }
    }
    self.customID = customID
    self.url = url
    self.body = body
    self.model = model
  }

  /// The body as the engine gets it: as it was written, streamed where the interface can stream.
  func engineBody(for kind: EngineKind) -> [UInt8] {
    guard url != "/v1/embeddings" else { return body.bytes }
    return Self.streamed(body, on: kind).bytes
  }

  /// The body that asks for a stream in which tokens are counted.
  static func streamed(_ body: JSONValue, on kind: EngineKind) -> JSONValue {
    var body = body
    body["stream"] = .bool(true)
    var options = body["stream_options"] ?? .object([])
    if !options.isObject { options = .object([]) }
    options["include_usage"] = .bool(true)
    // Only where it is known: a strict engine refuses what it doesn't know.
    if kind == .vLLM { options["continuous_usage_stats"] = .bool(true) }
    if kind == .llamaServer { body["timings_per_token"] = .bool(true) }
    body["stream_options"] = options
    return body
  }

  /// The most tokens that its answer may have; nil where it doesn't say.
  var tokenLimit: Int64? {
    let limit = body["max_completion_tokens"] ?? body["max_tokens"]
    return limit?.integer.flatMap { $0 > 0 ? $0 : nil }
  }

  /// Whether its answer, broken off, can be gone on with: one answer of plain text.
  ///
  /// A grammar or a tool's arguments would be begun anew in the middle, several answers can't be
  /// told apart, and an answer that was begun by the request has no cut of its own.
  var isContinuable: Bool {
    func isAbsent(_ key: String) -> Bool { body[key].map { $0 == .null } ?? true }
    let forbidden = [
      "tools", "functions", "grammar", "json_schema", "guided_json", "guided_regex",
      "guided_choice", "guided_grammar", "structured_outputs", "suffix", "best_of", "audio",
    ]
    guard forbidden.allSatisfy(isAbsent), [nil, 1].contains(body["n"]?.integer) else {
      return false
    }
    let format = body["response_format"]
    guard isAbsent("response_format") || format?["type"]?.text == "text" else { return false }
    let isFalse = ["logprobs", "echo"].allSatisfy { isAbsent($0) || body[$0] == .bool(false) }
    guard isFalse else { return false }
    guard url == Self.chatPath else { return body["prompt"]?.text != nil }
    return body["messages"]?.elements?.last?["role"]?.text != "assistant"
  }

  static func isBlank(_ bytes: [UInt8]) -> Bool {
    bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }

  /// The field that the message of an error begins with; nil where it is about the whole line.
  static func field(in message: String) -> String? {
    guard let colon = message.firstIndex(of: ":") else { return nil }
    let word = message[..<colon]
    let fields = ["custom_id", "method", "url", "body"]
    return fields.contains { word == $0 || word.hasPrefix($0 + ".") } ? String(word) : nil
  }

  private static func wrong(_ message: String) -> RunnerError {
    RunnerError(.invalidBatch, message)
  }
}
