import HeliographCore
import Planning
import Quantities

/// A batch as the OpenAI API shows it, with what only this node knows under `heliograph`.
struct BatchObject {
  let record: BatchRecord
  /// The job as the queue has it; nil before there is one and after it is forgotten.
  let report: JobReport?

  var json: JSONValue {
    var value = JSONValue.members([
      "id": .string(record.id), "object": .string("batch"), "endpoint": .string(record.endpoint),
      "model": .text(model), "errors": errors, "input_file_id": .string(record.inputFile),
      "completion_window": .string(record.window), "status": .string(status),
      "output_file_id": file("output"), "error_file_id": file("errors"),
      "created_at": .integer(record.createdAt.secondsSince1970),
    ])
    let times: KeyValuePairs<String, Instant?> = [
      "in_progress_at": begunAt, "expires_at": record.expiresAt, "finalizing_at": completedAt,
      "completed_at": completedAt, "failed_at": record.failure?.at, "expired_at": expiredAt,
      "cancelling_at": cancellingAt, "cancelled_at": cancelledAt,
    ]
    for (name, time) in times { value[name] = .seconds(time) }
    value["request_counts"] = counts
    value["usage"] = usage
    value["metadata"] = record.metadata
    value["heliograph"] = own
    return value
  }

  /// What is known of its job: how it ended, else how it stands.
  private var progress: BatchOutcome? {
    record.outcome ?? report.map { BatchOutcome($0.job, reason: $0.note) }
  }

  private var model: String? { record.check?.model }

  private func ended(_ ending: JobEnding) -> Instant? {
    record.outcome.flatMap { $0.ending == ending ? $0.finishedAt : nil }
  }

  private var begunAt: Instant? { record.job == nil ? nil : record.stagedAt }
  private var completedAt: Instant? { ended(.completed) }
  private var expiredAt: Instant? { ended(.expired) }
  private var cancelledAt: Instant? { ended(.cancelled) }
  private var cancellingAt: Instant? { record.cancellingAt ?? cancelledAt }

  private func file(_ part: String) -> JSONValue {
    record.lines(part) > 0 ? .string(record.fileID(part)) : .null
  }

  var status: String {
    if record.failure != nil { return "failed" }
    if let outcome = record.outcome { return outcome.ending.text }
    if record.cancellingAt != nil { return "cancelling" }
    guard record.job != nil else { return "validating" }
    guard let job = report?.job else { return "in_progress" }
    switch job.ending {
    case .cancelled: return "cancelling"
    case .expired, .completed: return "finalizing"
    case nil: return job.requestsLeft == 0 ? "finalizing" : "in_progress"
    }
  }

  private var errors: JSONValue {
    guard let failure = record.failure else { return .null }
    let error = JSONValue.members([
      "code": .string(failure.code), "line": .whole(failure.line),
      "message": .string(failure.message), "param": .text(failure.field),
    ])
    return .members(["object": .string("list"), "data": .array([error])])
  }

  private var counts: JSONValue {
    let total: Int = progress?.requests ?? record.check?.requests ?? 0
    return .members([
      "total": .integer(total), "completed": .integer(progress?.completed ?? 0),
      "failed": .integer(progress?.failed ?? 0),
    ])
  }

  /// Tokens where the engine counts them. What of them came from a cache or was thought is unknown.
  private var usage: JSONValue {
    guard let progress, progress.promptTokens + progress.completionTokens > 0 else { return .null }
    return .members([
      "input_tokens": .integer(progress.promptTokens),
      "input_tokens_details": .members(["cached_tokens": .null]),
      "output_tokens": .integer(progress.completionTokens),
      "output_tokens_details": .members(["reasoning_tokens": .null]),
      "total_tokens": .integer(progress.promptTokens + progress.completionTokens),
    ])
  }

  private var own: JSONValue {
    var energy: Energy?
    if let used = progress?.energy, used > .zero { energy = used }
    let known: BatchOutcome? = energy == nil ? nil : progress
    var isMeasured = JSONValue.null
    var surplusPercent: Int64?
    if let known {
      isMeasured = .bool(known.measured >= known.energy)
      surplusPercent = known.surplus.scaled(by: 100, over: known.energy.rawValue).rawValue
    }
    return .members([
      "job": .whole(record.job?.value), "state": .string(state), "reason": .text(reason),
      "estimated_end": .seconds(report?.estimatedEnd),
      "energy_watt_hours": .thousandths(energy?.rawValue), "energy_is_measured": isMeasured,
      "surplus_percent": .whole(surplusPercent), "cost": .thousandths(known?.cost.rawValue),
    ])
  }

  private var reason: String? {
    let words = record.failure?.message ?? report?.note ?? record.outcome?.reason
    return words?.isEmpty == true ? nil : words
  }

  /// What the node does with it, in the queue's words.
  private var state: String {
    if record.failure != nil { return "refused" }
    if let outcome = record.outcome { return outcome.ending.text }
    guard record.check != nil else { return "checking" }
    switch report?.job.status {
    case nil: return "queueing"
    case .waiting: return "held_for_sun"
    case .running: return "running"
    case .draining: return "pausing"
    case .paused: return "paused"
    case .held: return "held"
    case .ending, .done: return "ending"
    }
  }
}

extension JSONValue {
  static func text(_ text: String?) -> JSONValue {
    if let text { .string(text) } else { .null }
  }

  static func whole(_ value: (some BinaryInteger)?) -> JSONValue {
    if let value { .integer(value) } else { .null }
  }

  /// Whole seconds since 1970.
  fileprivate static func seconds(_ instant: Instant?) -> JSONValue {
    .whole(instant?.secondsSince1970)
  }

  /// A number with three decimals.
  fileprivate static func thousandths(_ value: Int64?) -> JSONValue {
    guard let value else { return .null }
    let digits = String(value.magnitude % 1000)
    let padded = String(repeating: "0", count: 3 - digits.count) + digits
    return .number("\(value < 0 ? "-" : "")\(value.magnitude / 1000).\(padded)")
  }
}
