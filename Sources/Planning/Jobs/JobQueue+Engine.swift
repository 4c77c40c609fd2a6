import Quantities
import Sites

/// What the queue learns of the engine, and what follows from it.
extension JobQueue {
  /// The most models that a record is kept of; the one longest unused gives way.
  public static let recordLimit = 32

  /// What was learned of a model; nil before its first answer.
  public func engineRecord(of model: String) -> EngineRecord? {
    engineRecords.first { $0.model == model }
  }

  /// Takes in how fast the engine answers; says when it is much slower than it was, and when it is
  /// as fast again.
  mutating func learn(_ pace: EnginePace?, of model: String) -> [JobAction] {
    guard let pace, pace.answers > 0 else { return [] }
    var record = engineRecord(of: model) ?? EngineRecord(model: model, pace: pace)
    let before = record
    record.take(pace)
    if let measuredDrawing { record.take(measuredDrawing) }
    engineRecords.removeAll { $0.model == model }
    engineRecords.append(record)
    var actions: [JobAction] = []
    // Kept when there is news for a later run, not at each answer.
    let isNews = before.bestGeneration != record.bestGeneration || pace.answers == 1
    if isNews || pace.answers % 64 == 0 {
      actions.append(.save(key: record.key, value: record.encoded))
    }
    if engineRecords.count > Self.recordLimit {
      actions.append(.forget(key: engineRecords.removeFirst().key))
    }
    return actions + tellPace(of: record)
  }

  /// The engine took this long from its start until it was ready with the model used last.
  public mutating func learn(load: TimeSpan) -> [JobAction] {
    guard let index = engineRecords.indices.last else { return [] }
    engineRecords[index].load = load
    return [.save(key: engineRecords[index].key, value: engineRecords[index].encoded)]
  }

  private mutating func tellPace(of record: EngineRecord) -> [JobAction] {
    let wasSlow = slowModels.contains(record.model)
    guard record.hasFallenBack != wasSlow, let now = record.pace.generation,
      let best = record.bestGeneration
    else { return [] }
    slowModels.removeAll { $0 == record.model }
    let pace = "\(Self.tokens(now)) tokens/s"
    guard !wasSlow else { return [.say(ReasonLine.fit("\(record.model) is fast again: \(pace)"))] }
    slowModels.append(record.model)
    let line =
      "\(record.model) gives \(pace) where it gave \(Self.tokens(best)): has the engine lost its "
      + "GPU and fallen back to the CPU?"
    return [.say(ReasonLine.fit(line))]
  }

  private static func tokens(_ perKilosecond: Int64) -> String {
    let tenths = perKilosecond / 100
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10)" : "\(tenths / 10)"
  }

  /// How a running job is best brought to rest while `spare` of its power is there.
  func preemption(of job: Job, spare: Power) -> PauseKind {
    // A command stands still where it is.
    guard job.needsEngine else { return .cut }
    let power = measuredDrawing ?? job.batch.power
    let choice = Preemption(
      power: power, short: power - max(.zero, spare), importPrice: importPrice ?? .zero,
      exportPrice: exportPrice ?? .zero)
    let answered = Int64(max(1, job.completed + job.failed))
    return choice.choice(
      engineRecord(of: job.batch.model)?.pace, promptTokens: job.promptTokens / answered)
  }
}
