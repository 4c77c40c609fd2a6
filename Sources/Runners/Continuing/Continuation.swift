/// How an engine is made to go on with an answer that was broken off.
///
/// The text before the cut is given back to the engine as the beginning of its answer, written out
/// as the engine itself writes a conversation, and the limit on tokens is less what it has already.
struct Continuation {
  enum Step: Hashable {
    /// Ask for the conversation as text first; `request(template:)` follows.
    case template([UInt8])
    case request(path: String, content: [UInt8])
    /// All that the limit allows is there.
    case finished
  }

  static let templatePath = "/apply-template"
  private static let completionsPath = "/v1/completions"

  private let line: BatchLine
  private let earlier: Generated
  private let kind: EngineKind

  init(_ line: BatchLine, after earlier: Generated, on kind: EngineKind) {
    self.line = line
    self.earlier = earlier
    self.kind = kind
  }

  var isChat: Bool { line.url == BatchLine.chatPath }

  /// The first step.
  var step: Step {
    if let left = tokensLeft, left <= 0 { return .finished }
    guard isChat else {
      return completion(prompt: (line.body["prompt"]?.text ?? "") + earlier.text)
    }
    guard kind == .vLLM else {
      var wish = JSONValue.object([])
      for key in ["messages", "chat_template_kwargs"] { wish[key] = line.body[key] }
      return .template(wish.bytes)
    }
    var body = limited
    let begun = JSONValue.members([
      "role": .string("assistant"), "content": .string(earlier.text),
    ])
    body["messages"] = .array((line.body["messages"]?.elements ?? []) + [begun])
    body["continue_final_message"] = .bool(true)
    body["add_generation_prompt"] = .bool(false)
    return .request(path: line.url, content: BatchLine.streamed(body, on: kind).bytes)
  }

  /// The request once the engine has written the conversation out; nil where it has not.
  func request(template answer: JSONValue?) -> Step? {
    guard let prompt = answer?["prompt"]?.text else { return nil }
    return completion(prompt: prompt + earlier.text)
  }

  private func completion(prompt: String) -> Step {
    var body = limited
    body["messages"] = nil
    body["prompt"] = .string(prompt)
    return .request(
      path: Self.completionsPath, content: BatchLine.streamed(body, on: kind).bytes)
  }

  /// The body with what is left of its limit.
  private var limited: JSONValue {
    var body = line.body
    guard let left = tokensLeft else { return body }
    body["max_completion_tokens"] = nil
    body["max_tokens"] = .integer(left)
    return body
  }

  private var tokensLeft: Int64? { line.tokenLimit.map { $0 - earlier.tokens } }

  // MARK: the whole answer

  /// The answer as if it had never been broken off: `answer` is what came after the cut, nil where
  /// the limit was reached by it.
  func joined(with answer: JSONValue?) -> JSONValue {
    let last = answer?["choices"]?.elements?.first
    let text = earlier.text + (last?["message"]?["content"]?.text ?? last?["text"]?.text ?? "")
    var choice = JSONValue.members(["index": .integer(0)])
    if isChat {
      choice["message"] = .members(["role": .string("assistant"), "content": .string(text)])
    } else {
      choice["text"] = .string(text)
    }
    choice["logprobs"] = .null
    choice["finish_reason"] = last?["finish_reason"] ?? .string("length")
    var whole = answer ?? .object([])
    whole["object"] = .string(isChat ? "chat.completion" : "text_completion")
    if whole["model"] == nil { whole["model"] = .string(line.model) }
    whole["choices"] = .array([choice])
    whole["usage"] = usage(answer)
    // Not hidden: text at a join may differ from what one run would have given.
    whole["heliograph"] = .members(["continued": .integer(max(1, earlier.cuts))])
    return whole
  }

  private func usage(_ answer: JSONValue?) -> JSONValue {
    let later = answer?["usage"]?["completion_tokens"]?.integer.flatMap(RequestOutcome.plausible)
    let completion = earlier.tokens + (later ?? 0)
    var usage = JSONValue.members(["completion_tokens": .integer(completion)])
    if let prompt = earlier.promptTokens {
      usage["prompt_tokens"] = .integer(prompt)
      usage["total_tokens"] = .integer(prompt + completion)
    }
    return usage
  }
}
