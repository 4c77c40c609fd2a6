import Glibc

/// Puts the chunks of a streamed completion together into the one object that it stands for.
///
/// Server-sent events as OpenAI-compatible engines send them: `data: {…}` lines, a last chunk with
/// usage where the engine knows `include_usage`, then `data: [DONE]`. Usage may never come; tokens
/// are counted from the chunks then, one a chunk with content.
struct StreamAssembler {
  private let maximumLineBytes: Int
  private var line: [UInt8] = []
  private var head: JSONValue?
  private var choices: [Int64: StreamedChoice] = [:]
  private var usage: JSONValue?
  private var timings: JSONValue?
  private var contentChunks: Int64 = 0
  /// Tokens generated so far as the engine counts them in each chunk; nil where it doesn't.
  private var countedTokens: Int64?
  private var countedPrompt: Int64?
  private var isDone = false

  static let maximumChoices: Int64 = 128

  init(maximumLineBytes: Int) { self.maximumLineBytes = maximumLineBytes }

  /// Takes the next bytes; a text says why the stream can't be used.
  mutating func receive(_ bytes: UnsafeRawBufferPointer) -> String? {
    var rest = bytes[...]
    while let end = Self.newline(in: rest) {
      line += rest[..<end]
      rest = rest[(end + 1)...]
      if line.last == 0x0D { line.removeLast() }
      if let refusal = takeLine() { return refusal }
      line.removeAll(keepingCapacity: true)
    }
    line += rest
    return line.count > maximumLineBytes
      ? "sent a line of more than \(maximumLineBytes) bytes" : nil
  }

  private static func newline(in bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
    guard let base = UnsafeRawBufferPointer(rebasing: bytes).baseAddress,
      let found = memchr(base, 0x0A, bytes.count)
    else { return nil }
    return bytes.startIndex + (UnsafeRawPointer(found) - base)
  }

  private mutating func takeLine() -> String? {
    guard line.count <= maximumLineBytes else {
      return "sent a line of more than \(maximumLineBytes) bytes"
    }
    let isData = line.starts(with: "data:".utf8)
    // llama-server reports trouble in the middle of a stream as `error: {…}`.
    guard isData || line.starts(with: "error:".utf8) else { return nil }
    var content = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
    if content.first == 0x20 { content.removeFirst() }
    if content.elementsEqual("[DONE]".utf8) {
      isDone = true
      return nil
    }
    guard let chunk = try? JSONParser.parse(Array(content)), chunk.isObject else {
      return "sent malformed JSON in a stream"
    }
    if let error = chunk["error"] ?? (isData ? nil : chunk) {
      return "broke off: \(error["message"]?.text ?? "an error without words")"
    }
    return take(chunk)
  }

  private mutating func take(_ chunk: JSONValue) -> String? {
    if head == nil { head = chunk }
    if let counted = chunk["usage"], counted.isObject {
      usage = counted
      countedTokens = counted["completion_tokens"]?.integer ?? countedTokens
      countedPrompt = counted["prompt_tokens"]?.integer ?? countedPrompt
    }
    if let measured = chunk["timings"] {
      timings = measured
      countedTokens = measured["predicted_n"]?.integer ?? countedTokens
      if let read = measured["prompt_n"]?.integer {
        countedPrompt = read + max(0, measured["cache_n"]?.integer ?? 0)
      }
    }
    for choice in chunk["choices"]?.elements ?? [] {
      let index = choice["index"]?.integer ?? 0
      guard index >= 0, index < Self.maximumChoices else { return "sent choice \(index)" }
      let hasContent = choices[index, default: StreamedChoice(index: index)].take(choice)
      if hasContent { contentChunks += 1 }
    }
    return nil
  }

  /// Whether anything was generated yet.
  var hasContent: Bool { contentChunks > 0 }

  /// What has been generated so far; nil where it can't be gone on with.
  var generated: Generated? {
    guard choices.count <= 1 else { return nil }
    guard let choice = choices[0] else { return Generated(text: "", tokens: 0) }
    guard let text = choice.plainText else { return nil }
    return Generated(
      text: text, tokens: max(0, countedTokens ?? contentChunks), promptTokens: countedPrompt)
  }

  /// The whole object, or why the stream is not whole.
  func ending() -> TransferEnding {
    let isFinished = !choices.isEmpty && choices.values.allSatisfy { $0.isFinished }
    guard let head, isDone || isFinished, !choices.isEmpty else {
      return .broken(reason: "its stream ended early")
    }
    let isChat = head["object"]?.text?.hasPrefix("chat.") ?? true
    var whole: [JSONValue.Member] = []
    func add(_ key: String, _ value: JSONValue?) {
      if let value { whole.append(JSONValue.Member(key: key, value: value)) }
    }
    add("id", head["id"])
    add("object", .string(isChat ? "chat.completion" : "text_completion"))
    add("created", head["created"])
    add("model", head["model"])
    add("system_fingerprint", head["system_fingerprint"])
    let ordered = choices.sorted { $0.key < $1.key }
    add("choices", .array(ordered.map { $0.value.assembled }))
    let counted = usage?["completion_tokens"]?.integer.flatMap(RequestOutcome.plausible)
    // What nobody counted stays away: an absent prompt_tokens is unknown, not zero.
    add("usage", usage ?? .members(["completion_tokens": .integer(contentChunks)]))
    add("timings", timings)
    return .assembled(.object(whole), completionTokens: counted ?? contentChunks)
  }
}
