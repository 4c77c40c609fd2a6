/// One completion of the stand-in engine, in either of the two ways of sending it.
struct StandInCompletion {
  var number: Int
  /// Seconds since 1970.
  var created: Int64
  var isChat: Bool
  var words: [String]
  var promptTokens: Int64
  var millisecondsToStart: Int64
  var millisecondsInAll: Int64
  /// Whether the limit on tokens ended it.
  var isCut: Bool
  /// Whether each chunk says how many tokens there are so far.
  var countsTokens: Bool
  /// How many tokens it says each of its own is.
  var exaggeration: Int64 = 1

  private var usage: JSONValue {
    let claimed = Int64(words.count) * exaggeration
    return .members([
      "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(claimed),
      "total_tokens": .integer(promptTokens + claimed),
    ])
  }

  /// The whole object, sent when its last token is due.
  var whole: HTTPResponse {
    let text = words.joined()
    let message = JSONValue.members(["role": .string("assistant"), "content": .string(text)])
    var choice = JSONValue.members(["index": .integer(0)])
    choice[isChat ? "message" : "text"] = isChat ? message : .string(text)
    choice["finish_reason"] = ending
    var value = head(isChat ? "chat.completion" : "text_completion")
    value["choices"] = .array([choice])
    value["usage"] = usage
    return .json(value, afterMilliseconds: millisecondsInAll)
  }

  private var ending: JSONValue { .string(isCut ? "length" : "stop") }

  /// Server-sent events, a word each, then usage where it is wanted.
  func streamed(withUsage: Bool) -> HTTPResponse {
    var parts: [HTTPResponse.Part] = []
    func add(_ value: JSONValue, at milliseconds: Int64) {
      let event = Array("data: ".utf8) + value.bytes + [0x0A, 0x0A]
      parts.append(HTTPResponse.Part(afterMilliseconds: milliseconds, bytes: event))
    }
    let duration = millisecondsInAll - millisecondsToStart
    for (position, word) in words.enumerated() {
      let due = millisecondsToStart + duration * Int64(position + 1) / Int64(words.count)
      var part = chunk(word, ending: .null)
      if countsTokens {
        part["timings"] = .members([
          "prompt_n": .integer(promptTokens), "predicted_n": .integer(position + 1),
        ])
      }
      add(part, at: due)
    }
    add(chunk(nil, ending: ending), at: millisecondsInAll)
    if withUsage {
      var last = head(isChat ? "chat.completion.chunk" : "text_completion")
      last["choices"] = .array([])
      last["usage"] = usage
      add(last, at: millisecondsInAll)
    }
    let end = Array("data: [DONE]\n\n".utf8)
    parts.append(HTTPResponse.Part(afterMilliseconds: millisecondsInAll, bytes: end))
    return HTTPResponse(
      status: 200, contentType: "text/event-stream", parts: parts, isStreamed: true)
  }

  private func chunk(_ text: String?, ending: JSONValue) -> JSONValue {
    var choice = JSONValue.members(["index": .integer(0)])
    if isChat {
      choice["delta"] = text.map { .members(["content": .string($0)]) } ?? .object([])
    } else {
      choice["text"] = .string(text ?? "")
    }
    choice["finish_reason"] = ending
    var value = head(isChat ? "chat.completion.chunk" : "text_completion")
    value["choices"] = .array([choice])
    return value
  }

  private func head(_ kind: String) -> JSONValue {
    .members([
      "id": .string("stand-in-\(number)"), "object": .string(kind), "created": .integer(created),
      "model": .string(StandInEngine.modelName),
    ])
  }
}
