import Sealing

/// One request as it goes to a neighbour, and the only form in which one is taken from there.
///
/// Whatever could make an engine do more than answer (fetch an address, run a tool, compile a
/// grammar, keep something) is not in it: a field that is not listed here is refused, not passed
/// on. The household's own name for the request stays at home; its place in the file stands for it.
package struct WorkLine: Hashable {
  /// The most that one answer may be long, in tokens.
  static let maximumTokens: Int64 = 1_000_000
  private static let maximumStops = 16

  /// Its place among the requests, from 0.
  package let index: Int64
  let url: String
  let body: JSONValue
  /// What its answer may be long at most.
  package let tokens: Int64

  /// Takes a household's own line: the length of its answer goes by one name, and what only says
  /// how the household wants its answer sent is left out. The message of an error begins with the
  /// field.
  init(_ line: BatchLine, index: Int64, model: Digest) throws(RunnerError) {
    var body = line.body
    body["model"] = .string(Self.name(of: model))
    for name in ["stream", "stream_options", "user", "metadata", "store"] { body[name] = nil }
    if let limit = body["max_completion_tokens"] {
      body["max_completion_tokens"] = nil
      body["max_tokens"] = limit
    }
    if body["n"] == .integer(1) { body["n"] = nil }
    if case .object(let members) = body {
      body = .object(members.filter { $0.value != .null })
    }
    try self.init(url: line.url, body: body, index: index)
  }

  /// Takes a neighbour's line, which has to be of exactly this form, with this index and model.
  package init(neighbours bytes: [UInt8], index: Int64, model: Digest) throws(RunnerError) {
    let line = try BatchLine(bytes)
    guard line.customID == "\(index)" else { throw Self.wrong("custom_id: expected \(index)") }
    guard line.model == Self.name(of: model) else {
      throw Self.wrong("body.model: expected \(Self.name(of: model))")
    }
    try self.init(url: line.url, body: line.body, index: index)
  }

  private init(url: String, body: JSONValue, index: Int64) throws(RunnerError) {
    guard let content = Self.contents[url], case .object(let members) = body else {
      throw Self.wrong("url: neighbours answer chat and completions only")
    }
    for member in members where member.key != content {
      guard Self.fields[member.key]?(member.value) == true else {
        let shown = SystemText.printable(member.key, limit: 40)
        let isKnown = Self.fields[member.key] != nil
        throw Self.wrong(
          "body.\(shown): "
            + (isKnown ? "not a value that a neighbour takes" : "neighbours don't take it"))
      }
    }
    guard let tokens = body["max_tokens"]?.integer else {
      throw Self.wrong("body.max_tokens: missing: it bounds what the answer costs")
    }
    if url == BatchLine.chatPath {
      for message in body["messages"]?.elements ?? [] { try Self.check(message) }
    } else if body["prompt"]?.text == nil {
      throw Self.wrong("body.prompt: expected one text")
    }
    self.index = index
    self.url = url
    self.body = body
    self.tokens = tokens
  }

  /// What the model goes by between neighbours.
  package static func name(of model: Digest) -> String { "sha256:" + model.hexadecimal }

  /// The line as it is sent, without the line feed.
  package var bytes: [UInt8] { bytes(body) }

  /// The line for an engine that calls the model so.
  func bytes(model: String) -> [UInt8] {
    var body = body
    body["model"] = .string(model)
    return bytes(body)
  }

  private func bytes(_ body: JSONValue) -> [UInt8] {
    JSONValue.members([
      "custom_id": .string("\(index)"), "method": .string("POST"), "url": .string(url),
      "body": body,
    ]).bytes
  }

  /// Whether the same model gives the same answer again, but for what hardware does to rounding.
  package var isDeterministic: Bool {
    guard case .number(let digits)? = body["temperature"] else { return false }
    return Double(digits) == 0
  }

  private static let contents = [
    "/v1/chat/completions": "messages", "/v1/completions": "prompt",
  ]

  /// The fields that may be there, and which of their values.
  private static let fields: [String: @Sendable (JSONValue) -> Bool] = [
    "model": { $0.text != nil },
    "max_tokens": { (1...maximumTokens).contains($0.integer ?? 0) },
    "temperature": { isNumber($0, within: 0...5) },
    "top_p": { isNumber($0, within: 0...1) },
    "min_p": { isNumber($0, within: 0...1) },
    "top_k": { (-1...1_000_000).contains($0.integer ?? -2) },
    "presence_penalty": { isNumber($0, within: -2...2) },
    "frequency_penalty": { isNumber($0, within: -2...2) },
    "repeat_penalty": { isNumber($0, within: 0...5) },
    "seed": { $0.integer != nil },
    "stop": { value in
      if value.text != nil { return true }
      guard let stops = value.elements, stops.count <= maximumStops else { return false }
      return stops.allSatisfy { $0.text != nil }
    },
  ]

  private static func isNumber(_ value: JSONValue, within range: ClosedRange<Double>) -> Bool {
    guard case .number(let digits) = value, let number = Double(digits) else { return false }
    return range.contains(number)
  }

  /// A message is a role and text: an address in it would be fetched by the engine, from inside
  /// another household.
  private static func check(_ message: JSONValue) throws(RunnerError) {
    guard case .object(let members) = message,
      members.allSatisfy({ ["role", "content", "name"].contains($0.key) }),
      let role = message["role"]?.text,
      ["system", "user", "assistant", "developer"].contains(role),
      message["name"].map({ $0.text != nil }) ?? true
    else { throw wrong("body.messages: expected a role, text, and nothing else in each") }
    if message["content"]?.text != nil { return }
    let parts = message["content"]?.elements ?? []
    let isText = parts.allSatisfy { part in
      guard case .object(let members) = part, members.count == 2 else { return false }
      return part["type"]?.text == "text" && part["text"]?.text != nil
    }
    guard !parts.isEmpty, isText else {
      throw wrong("body.messages: expected text alone: no pictures, sounds or addresses")
    }
  }

  private static func wrong(_ message: String) -> RunnerError {
    RunnerError(.invalidBatch, message)
  }
}
