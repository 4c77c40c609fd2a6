import Glibc
import Synchronization

/// What the stand-in engine answers, and when.
final class StandInReplies: Sendable {
  private static let longestReplyTokens: Int64 = 4096

  private struct Pace {
    /// When each slot is free again, on the monotonic clock.
    var slotFreeAt: [Int64]
    var requests = 0
    var isAsleep = false
  }

  private let program: StandInEngine.Program
  private let tokensPerSecond: Int64
  private let exaggeration: Int64
  private let pace: Mutex<Pace>
  private let witness: (@Sendable (String) -> Void)?

  init(
    program: StandInEngine.Program = .llamaServer, slots: Int, tokensPerSecond: Int,
    exaggeration: Int64 = 1, witness: (@Sendable (String) -> Void)? = nil
  ) {
    self.program = program
    self.exaggeration = min(max(exaggeration, 1), 1000)
    self.witness = witness
    let count = min(max(slots, 1), InferenceEngine.maximumSlots)
    self.tokensPerSecond = Int64(min(max(tokensPerSecond, 1), 100_000))
    pace = Mutex(Pace(slotFreeAt: Array(repeating: 0, count: count)))
  }

  func answer(_ request: HTTPRequest) -> HTTPResponse {
    switch program {
    case .llamaServer: usual(request)
    case .ollama: asOllama(request)
    case .vLLM(let sleeps, let wakes): asVLLM(request, sleeps: sleeps, wakes: wakes)
    }
  }

  /// Ollama has no health of its own, and loads by itself what it has put away.
  private func asOllama(_ request: HTTPRequest) -> HTTPResponse {
    switch (request.method, request.path) {
    case ("GET", "/health"), ("GET", "/props"), ("GET", "/version"):
      return .error(404, "404 page not found")
    case ("GET", "/api/version"): return .json(.members(["version": .string("0.13.0")]))
    case ("POST", "/api/generate"):
      guard let body = try? JSONParser.parse(request.body), let model = body["model"]?.text,
        body["keep_alive"] == .integer(0), body["prompt"] == nil
      else { return .error(400, "the stand-in only puts models away: keep_alive 0, no prompt") }
      witness?(request.path)
      return .json(
        .members([
          "model": .string(model), "done": .bool(true), "done_reason": .string("unload"),
        ]))
    default: return usual(request)
    }
  }

  private func asVLLM(_ request: HTTPRequest, sleeps: Bool, wakes: Bool) -> HTTPResponse {
    let isAsleep = pace.withLock { $0.isAsleep }
    switch (request.method, request.path) {
    case ("GET", "/props"), ("GET", "/api/version"): return .error(404, "Not Found")
    case ("GET", "/version"): return .json(.members(["version": .string("0.12.0")]))
    case (_, "/is_sleeping"), (_, "/sleep"), (_, "/wake_up"):
      if request.method == "POST" { witness?(request.path) }
      guard sleeps else { return .error(404, "Not Found") }
      guard request.method == "POST" else {
        return .json(.members(["is_sleeping": .bool(isAsleep)]))
      }
      guard wakes || request.path == "/sleep" else { return .error(500, "out of memory") }
      pace.withLock { $0.isAsleep = request.path == "/sleep" }
      return .json(.members([:]))
    case ("POST", "/v1/chat/completions") where isAsleep,
      ("POST", "/v1/completions") where isAsleep:
      return .error(500, "the engine sleeps")
    default: return usual(request)
    }
  }

  private func usual(_ request: HTTPRequest) -> HTTPResponse {
    switch (request.method, request.path) {
    case ("GET", "/health"): return .json(.members(["status": .string("ok")]))
    case ("GET", "/props"):
      let slots = pace.withLock { $0.slotFreeAt.count }
      return .json(
        .members([
          "total_slots": .integer(slots), "model_path": .string(StandInEngine.modelName),
        ]))
    case ("GET", "/v1/models"):
      let model = JSONValue.members([
        "id": .string(StandInEngine.modelName), "object": .string("model"),
        "owned_by": .string("heliograph"),
      ])
      return .json(.members(["object": .string("list"), "data": .array([model])]))
    case ("POST", "/v1/chat/completions"): return complete(request, need: "messages")
    case ("POST", "/v1/completions"): return complete(request, need: "prompt")
    case ("POST", "/apply-template"): return write(request)
    case ("POST", "/tokenize"): return tokenize(request)
    case (_, "/health"), (_, "/props"), (_, "/v1/models"), (_, "/v1/chat/completions"),
      (_, "/v1/completions"), (_, "/apply-template"), (_, "/tokenize"):
      return .error(405, "\(request.method) is not served here")
    default: return .error(404, "the stand-in engine has no \(request.path)")
    }
  }

  private func complete(_ request: HTTPRequest, need: String) -> HTTPResponse {
    guard let body = try? JSONParser.parse(request.body), body.isObject else {
      return .error(400, "the body is not a JSON object")
    }
    guard let prompt = body[need], prompt != .null else { return .error(400, "\(need) is missing") }
    witness?(prompt.text ?? prompt.elements?.last?["content"]?.text ?? "")
    let limit = body["max_tokens"]?.integer ?? body["max_completion_tokens"]?.integer
    let words = Self.words(
      limit: min(max(limit ?? .max, 1), Self.longestReplyTokens), after: prompt.text ?? "",
      endless: body["ignore_eos"] == .bool(true))
    let duration = Int64(words.count) * 1000 / tokensPerSecond
    let (number, start) = take(duration)
    var created = time_t()
    time(&created)
    let reply = StandInCompletion(
      number: number, created: Int64(created), isChat: need == "messages", words: words,
      promptTokens: Self.tokens(prompt), millisecondsToStart: start,
      millisecondsInAll: start + duration, isCut: limit.map { $0 <= words.count } ?? false,
      countsTokens: body["timings_per_token"] == .bool(true), exaggeration: exaggeration)
    let isStreamed = body["stream"] == .bool(true)
    let wantsUsage = body["stream_options"]?["include_usage"] == .bool(true)
    return isStreamed ? reply.streamed(withUsage: wantsUsage) : reply.whole
  }

  /// Takes the slot that is free first for `duration`; how long until it begins.
  private func take(_ duration: Int64) -> (number: Int, millisecondsToStart: Int64) {
    let now = SystemText.monotonicMilliseconds()
    return pace.withLock { pace in
      pace.requests += 1
      var first = 0
      for slot in pace.slotFreeAt.indices where pace.slotFreeAt[slot] < pace.slotFreeAt[first] {
        first = slot
      }
      let start = max(now, pace.slotFreeAt[first])
      pace.slotFreeAt[first] = start + duration
      return (pace.requests, start - now)
    }
  }

  /// How the conversation stands before the answer: what a model would be given.
  private func write(_ request: HTTPRequest) -> HTTPResponse {
    guard let messages = (try? JSONParser.parse(request.body))?["messages"]?.elements else {
      return .error(400, "messages is missing")
    }
    let lines = messages.map { "\($0["role"]?.text ?? "?"): \($0["content"]?.text ?? "")\n" }
    return .json(.members(["prompt": .string(lines.joined() + "assistant:")]))
  }

  /// Each word of a text is a token.
  private func tokenize(_ request: HTTPRequest) -> HTTPResponse {
    guard let text = (try? JSONParser.parse(request.body))?["content"]?.text else {
      return .error(400, "content is missing")
    }
    let words = text.split(separator: " ").indices.map { JSONValue.integer($0) }
    return .json(.members(["tokens": .array(words)]))
  }

  private static let reply =
    "[stand-in, no model] This reply holds no answer: no model is installed here."

  /// One word, with the space before it, stands for one token; the same plain words for every
  /// request, from where the prompt's end has brought them already.
  private static func words(limit: Int64, after prompt: String, endless: Bool) -> [String] {
    let once = reply.split(separator: " ").map(String.init)
    let words = endless ? (0..<Int(longestReplyTokens)).map { once[$0 % once.count] } : once
    var begun = ""
    var known = 0
    for (position, word) in words.enumerated() where begun.utf8.count < prompt.utf8.count {
      begun += position == 0 ? word : " " + word
      if prompt.hasSuffix(begun) { known = position + 1 }
    }
    let spelled = words.enumerated().map { $0.offset == 0 ? $0.element : " " + $0.element }
    return Array(spelled.dropFirst(known).prefix(Int(limit)))
  }

  /// A rough count, a token for each four bytes of text.
  private static func tokens(_ prompt: JSONValue) -> Int64 { Int64(prompt.bytes.count / 4 + 1) }
}
