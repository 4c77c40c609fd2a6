/// What the end of an exchange means for the request that it carried.
enum RequestOutcome: Hashable {
  /// Answered for good, well (2xx) or refused (4xx).
  case answered(status: Int, body: JSONValue, completionTokens: Int64?)
  /// The engine can't be reached or is still loading: the request was never begun.
  case engineAway(reason: String)
  /// The engine wants a key or forbids: every other request would fare the same.
  case denied(reason: String)
  /// Worth another try after `waitMilliseconds`; `isDoubtful` where the engine itself may be gone.
  case failed(reason: String, waitMilliseconds: Int64, isDoubtful: Bool)

  init(_ ending: TransferEnding) {
    switch ending {
    case .assembled(let body, let tokens):
      self = .answered(status: 200, body: body, completionTokens: tokens)
    case .unreachable(let reason): self = .engineAway(reason: reason)
    case .broken(let reason):
      self = .failed(reason: reason, waitMilliseconds: 0, isDoubtful: true)
    case .answer(let status, let body, let wait):
      self = Self.answer(status, try? JSONParser.parse(body), wait)
    }
  }

  /// The most tokens that one answer is taken to have; an engine that counts more is wrong.
  private static let maximumTokens: Int64 = 1_000_000_000

  /// The count of an engine, which may send any number; nil, unknown, where it can't be meant.
  static func plausible(_ tokens: Int64) -> Int64? {
    (0...maximumTokens).contains(tokens) ? tokens : nil
  }

  private static func answer(_ status: Int, _ body: JSONValue?, _ wait: Int64) -> RequestOutcome {
    let error = body?["error"]
    let words = error?["message"]?.text ?? error?.text ?? ""
    let reason = words.isEmpty ? "answers \(status)" : "answers \(status): \(words)"
    switch status {
    case 200..<300:
      guard let body, body.isObject else {
        return .failed(reason: "sent malformed JSON", waitMilliseconds: wait, isDoubtful: false)
      }
      let tokens = body["usage"]?["completion_tokens"]?.integer.flatMap(Self.plausible)
      return .answered(status: status, body: body, completionTokens: tokens)
    case 503 where error?["type"]?.text == "unavailable_error":
      return .engineAway(reason: words.isEmpty ? "loading" : words)
    case 401, 403: return .denied(reason: "the engine \(reason): give it what it wants")
    case 408, 425, 429, 500...:
      return .failed(reason: reason, waitMilliseconds: wait, isDoubtful: false)
    case 400..<500: return .answered(status: status, body: body ?? .null, completionTokens: nil)
    default: return .failed(reason: reason, waitMilliseconds: wait, isDoubtful: false)
    }
  }
}
