/// One choice of a streamed completion as far as it came.
struct StreamedChoice {
  private let index: Int64
  private var isChat = true
  private var role = "assistant"
  private var text: String?
  private var reasoning: String?
  private var refusal: String?
  private var toolCalls: [Int64: ToolCall] = [:]
  private var logprobs: [JSONValue] = []
  private var finishReason: JSONValue?

  static let maximumToolCalls: Int64 = 128

  private struct ToolCall {
    var id: JSONValue?
    var type: JSONValue?
    var name = ""
    var arguments = ""
  }

  init(index: Int64) { self.index = index }

  var isFinished: Bool { finishReason != nil }

  /// The text so far; nil where more than text was generated, such as reasoning or a tool's call.
  var plainText: String? {
    let others = [reasoning, refusal].compactMap { $0 }
    return others.allSatisfy(\.isEmpty) && toolCalls.isEmpty && logprobs.isEmpty ? text ?? "" : nil
  }

  /// Adds a chunk's part of this choice; whether it brought something generated.
  mutating func take(_ choice: JSONValue) -> Bool {
    if let reason = choice["finish_reason"], reason != .null { finishReason = reason }
    logprobs += choice["logprobs"]?["content"]?.elements ?? []
    guard let delta = choice["delta"] else {
      isChat = false
      return Self.add(choice["text"], to: &text)
    }
    if let given = delta["role"]?.text { role = given }
    let added = [
      Self.add(delta["content"], to: &text),
      Self.add(delta["reasoning_content"], to: &reasoning),
      Self.add(delta["refusal"], to: &refusal),
    ]
    var hasCall = false
    for call in delta["tool_calls"]?.elements ?? [] {
      let position = call["index"]?.integer ?? 0
      guard position >= 0, position < Self.maximumToolCalls else { continue }
      var known = toolCalls[position] ?? ToolCall()
      known.id = call["id"] ?? known.id
      known.type = call["type"] ?? known.type
      known.name += call["function"]?["name"]?.text ?? ""
      known.arguments += call["function"]?["arguments"]?.text ?? ""
      toolCalls[position] = known
      hasCall = true
    }
    return hasCall || added.contains(true)
  }

  private static func add(_ part: JSONValue?, to whole: inout String?) -> Bool {
    guard let part = part?.text else { return false }
    whole = (whole ?? "") + part
    return !part.isEmpty
  }

  /// The choice as an answer that was not streamed holds it.
  var assembled: JSONValue {
    let ending = finishReason ?? .null
    let measured: JSONValue = logprobs.isEmpty ? .null : .members(["content": .array(logprobs)])
    guard isChat else {
      return .members([
        "index": .integer(index), "text": .string(text ?? ""), "logprobs": measured,
        "finish_reason": ending,
      ])
    }
    var message = JSONValue.members([
      "role": .string(role), "content": text.map(JSONValue.string) ?? .null,
    ])
    message["reasoning_content"] = reasoning.map(JSONValue.string)
    message["refusal"] = refusal.map(JSONValue.string)
    if !toolCalls.isEmpty {
      let calls = toolCalls.sorted { $0.key < $1.key }.map { $0.value }
      message["tool_calls"] = .array(
        calls.map { call in
          .members([
            "id": call.id ?? .null, "type": call.type ?? .string("function"),
            "function": .members([
              "name": .string(call.name), "arguments": .string(call.arguments),
            ]),
          ])
        })
    }
    return .members([
      "index": .integer(index), "message": message, "logprobs": measured,
      "finish_reason": ending,
    ])
  }
}
