import Planning
import Quantities

/// A batch's record as one line of JSON on disk.
extension BatchRecord {
  var stored: JSONValue {
    var value = JSONValue.members([
      "version": .integer(1), "id": .string(id), "created_at": .time(createdAt),
      "input_file": .string(inputFile), "input_name": .string(inputName),
      "endpoint": .string(endpoint), "window": .string(window), "expires_at": .time(expiresAt),
      "metadata": metadata, "folder": .string(folder),
    ])
    value["priority"] = .integer(options.priority)
    value["power"] = options.power.map { .integer($0.rawValue) }
    value["value"] = options.value.map { .integer($0.rawValue) }
    value["fixed"] = .bool(options.isFixed)
    if let check {
      value["check"] = .members([
        "model": .string(check.model), "requests": .integer(check.requests),
        "power": .integer(check.power.rawValue),
      ])
    }
    value["staged_at"] = stagedAt.map { .time($0) }
    value["job"] = job.map { .integer($0.value) }
    value["cancelling_at"] = cancellingAt.map { .time($0) }
    if let failure {
      value["failure"] = .members([
        "at": .time(failure.at), "code": .string(failure.code),
        "message": .string(failure.message),
        "line": .whole(failure.line), "field": .text(failure.field),
      ])
    }
    value["outcome"] = outcome?.stored
    value["hidden"] = .array(hidden.map { .string($0) })
    return value
  }

  /// The record that `stored` gave; nil for anything else.
  init?(stored value: JSONValue) {
    guard value["version"]?.integer == 1, let id = value["id"]?.text, FileName.isBatch(id),
      let createdAt = value["created_at"]?.instant, let inputFile = value["input_file"]?.text,
      let inputName = value["input_name"]?.text, let endpoint = value["endpoint"]?.text,
      let window = value["window"]?.text, let expiresAt = value["expires_at"]?.instant,
      let folder = value["folder"]?.text, !folder.contains("/"), !folder.hasPrefix(".")
    else { return nil }
    self.init(
      id: id, createdAt: createdAt, inputFile: inputFile, inputName: inputName,
      endpoint: endpoint, window: window, expiresAt: expiresAt,
      metadata: value["metadata"] ?? .null, folder: folder)
    options.priority = value["priority"]?.number ?? 0
    options.power = value["power"]?.number.map { Power(rawValue: $0) }
    options.value = value["value"]?.number.map { Credits(rawValue: $0) }
    options.isFixed = value["fixed"] == .bool(true)
    if let check = value["check"], let model = check["model"]?.text,
      let requests = check["requests"]?.number, let power = check["power"]?.number
    {
      self.check = Check(model: model, requests: Int(requests), power: Power(rawValue: power))
    }
    stagedAt = value["staged_at"]?.instant
    job = value["job"]?.number.map { JobNumber($0) }
    cancellingAt = value["cancelling_at"]?.instant
    if let failure = value["failure"], let at = failure["at"]?.instant,
      let code = failure["code"]?.text, let message = failure["message"]?.text
    {
      self.failure = Failure(
        at: at, code: code, line: failure["line"]?.number.map { Int($0) }, message: message,
        field: failure["field"]?.text)
    }
    outcome = value["outcome"].flatMap { BatchOutcome(stored: $0) }
    hidden = value["hidden"]?.elements?.compactMap(\.text) ?? []
  }
}

extension BatchOutcome {
  var stored: JSONValue {
    .members([
      "ending": .integer(ending.rawValue), "finished_at": .time(finishedAt),
      "requests": .integer(requests), "completed": .integer(completed),
      "failed": .integer(failed), "prompt_tokens": .integer(promptTokens),
      "completion_tokens": .integer(completionTokens), "energy": .integer(energy.rawValue),
      "measured": .integer(measured.rawValue), "surplus": .integer(surplus.rawValue),
      "cost": .integer(cost.rawValue), "reason": .string(reason),
    ])
  }

  init?(stored value: JSONValue) {
    let names = [
      "requests", "completed", "failed", "prompt_tokens", "completion_tokens", "energy",
      "measured", "surplus", "cost",
    ]
    let numbers = names.compactMap { value[$0]?.number }
    guard numbers.count == names.count, let finishedAt = value["finished_at"]?.instant,
      let ending = value["ending"]?.number.flatMap({ JobEnding(rawValue: $0) })
    else { return nil }
    self.init(cancelledAt: finishedAt, requests: Int(numbers[0]))
    self.ending = ending
    completed = Int(numbers[1])
    failed = Int(numbers[2])
    promptTokens = numbers[3]
    completionTokens = numbers[4]
    energy = Energy(rawValue: numbers[5])
    measured = Energy(rawValue: numbers[6])
    surplus = Energy(rawValue: numbers[7])
    cost = Credits(rawValue: numbers[8])
    reason = value["reason"]?.text ?? ""
  }
}

extension JSONValue {
  /// Milliseconds since 1970.
  fileprivate static func time(_ instant: Instant) -> JSONValue {
    .integer(instant.millisecondsSince1970)
  }

  /// A whole number within what quantities hold.
  fileprivate var number: Int64? {
    integer.flatMap { (-magnitudeLimit...magnitudeLimit).contains($0) ? $0 : nil }
  }

  fileprivate var instant: Instant? { number.map { Instant(millisecondsSince1970: $0) } }
}
