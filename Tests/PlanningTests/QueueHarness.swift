import Planning
import Quantities
import Sites

/// A queue with a clock in seconds and short words for what goes in and comes out.
struct QueueHarness {
  /// 2026-06-21 12:00 UTC.
  static let noon = Instant(millisecondsSince1970: 1_782_043_200_000)
  static let ready = EngineState.ready(slots: 2, name: "engine")

  var queue: JobQueue
  var plan: Plan?
  var engine = ready
  /// What the store holds.
  var stored: [String: [UInt8]] = [:]

  init(rules: JobRules = JobRules()) {
    queue = JobQueue(rules: rules, localTime: .utc, at: Self.noon)
  }

  static func at(_ seconds: Int64) -> Instant { noon + TimeSpan(seconds: seconds) }

  static func batch(
    watts: Int64 = 300, requests: Int = 10, due: Int64? = nil, expires: Bool = false,
    priority: Int64 = 0, interruptible: Bool = true, after: [Int64] = []
  ) -> StagedBatch {
    StagedBatch(
      folder: "folder", name: "batch", model: "model", requests: requests,
      power: Power(watts: watts), deadline: due.map { at($0) }, expires: expires,
      priority: priority, interruptible: interruptible, after: after.map { JobNumber($0) })
  }

  static func command(
    _ name: String = "photos", minutes: Int64 = 60, watts: Int64 = 300, interruptible: Bool = true
  ) -> StagedBatch {
    StagedBatch(
      folder: "\(name)-00000000", name: name, model: "", requests: 1, power: Power(watts: watts),
      interruptible: interruptible,
      command: CommandWork(name: name, span: TimeSpan(minutes: minutes), log: "\(name).log"))
  }

  /// The actions as words: "start 1", "pause 2", and the lines said; stores go to `stored`.
  mutating func words(_ actions: [JobAction]) -> [String] {
    actions.compactMap { action in
      switch action {
      case .start(let number, _): return "start \(number)"
      case .pause(let number, let kind):
        return kind == .cut ? "cut \(number)" : "pause \(number)"
      case .engine(.limitPower(let power)): return "limit \(power.text)"
      case .engine(let order): return "\(order)"
      case .close(let number, _, let ending): return "close \(number) \(ending.text)"
      case .say(let line): return line
      case .save(let key, let value):
        stored[key] = value
        return nil
      case .forget(let key):
        stored[key] = nil
        return nil
      }
    }
  }

  mutating func add(_ batch: StagedBatch, at seconds: Int64 = 0) throws -> JobNumber {
    let (number, actions) = try queue.add(batch, at: Self.at(seconds))
    _ = words(actions)
    return number
  }

  /// One look: `spare` watts of surplus, or with nil unknown since `unknownSince`.
  mutating func control(
    _ seconds: Int64, spare: Int64?, surplus: Bool = true, unknownSince: Int64 = 0
  ) -> [String] {
    let state: Surplus.State =
      if let spare {
        surplus ? .spare(Power(watts: spare), since: Self.noon) : .none(Power(watts: spare))
      } else {
        .unknown(since: Self.at(unknownSince))
      }
    let actions = queue.control(surplus: state, plan: plan, engine: engine, at: Self.at(seconds))
    return words(actions)
  }

  mutating func progress(
    _ seconds: Int64, _ job: Int64, completed: Int, failed: Int = 0, inFlight: Int = 0,
    feeding: Bool = false, closed: Bool = false
  ) -> [String] {
    let progress = JobProgress(
      job: JobNumber(job), completed: completed, failed: failed, inFlight: inFlight,
      completionTokens: Int64(completed) * 7, feeding: feeding, isClosed: closed)
    return words(queue.progress(progress, at: Self.at(seconds)))
  }

  /// The same node after a restart at this time.
  func restarted(at seconds: Int64) -> (harness: QueueHarness, said: [String]) {
    var harness = self
    harness.queue = JobQueue(rules: queue.rules, localTime: .utc, at: Self.at(seconds))
    let entries = stored.map { (key: $0.key, value: $0.value) }
    let said = harness.words(harness.queue.restore(entries))
    return (harness, said)
  }
}
