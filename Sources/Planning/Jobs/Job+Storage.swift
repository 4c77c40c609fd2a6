import Quantities
import Sealing

extension Job {
  /// The key that a job is stored under: in order of number when sorted.
  static func key(of number: JobNumber) -> String {
    let digits = "\(number.value)"
    return "job/" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  /// The job for the store. One that runs is stored as waiting: after a restart it is.
  var encoded: [UInt8] {
    let code: Int64
    var held = ""
    switch status {
    case .waiting, .running, .draining: code = ownerPaused ? 1 : 0
    case .paused: code = 1
    case .held(let reason):
      code = 2
      held = reason
    case .done: code = 3
    case .ending: code = 4
    }
    let none = CBORValue.bytes([])
    return CBORValue.array([
      .integer(3), .integer(number.value), .text(batch.folder), .text(batch.name),
      .text(batch.model), .integer(Int64(batch.requests)), .integer(batch.power.rawValue),
      batch.deadline.map { .integer($0.rawValue) } ?? none, .integer(batch.priority),
      .integer(batch.interruptible ? 1 : 0), .integer(code), .text(held),
      .integer(addedAt.rawValue), .integer(Int64(completed)), .integer(Int64(failed)),
      .integer(completionTokens), .integer(ranFor.rawValue), .integer(Int64(timesPaused)),
      finishedAt.map { .integer($0.rawValue) } ?? none, .text(reason),
      .integer(energyUsed.rawValue), .integer(surplusUsed.rawValue),
      .integer(batch.expires ? 1 : 0), batch.value.map { .integer($0.rawValue) } ?? none,
      .array(batch.after.map { .integer($0.value) }), .integer(promptTokens),
      begunAt.map { .integer($0.rawValue) } ?? none,
      ending.map { .integer($0.rawValue) } ?? none, .integer(energyMeasured.rawValue),
      .integer(cost.rawValue),
      batch.command.map {
        .array([.text($0.name), .integer($0.span.rawValue), .text($0.log)])
      } ?? none,
    ]).encoded
  }

  /// The job that `encoded` gave, or nil for any other bytes.
  init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array,
      let version = fields.first?.integer, fields.count == Self.fieldCounts[version]
    else { return nil }
    func count(_ index: Int) -> Int64? {
      fields[index].integer.flatMap { (0...magnitudeLimit).contains($0) ? $0 : nil }
    }
    func instant(_ index: Int) -> Instant? {
      count(index).map { Instant(rawValue: $0) }
    }
    guard let number = count(1), let folder = fields[2].text, let name = fields[3].text,
      let model = fields[4].text, let requests = count(5), let power = count(6),
      let priority = fields[8].integer, let interruptible = count(9), let code = count(10),
      let held = fields[11].text, let addedAt = instant(12), let completed = count(13),
      let failed = count(14), let tokens = count(15), let ranFor = count(16),
      let timesPaused = count(17), let reason = fields[19].text, let energy = count(20),
      let surplus = count(21)
    else { return nil }
    self.init(
      number: JobNumber(number),
      batch: StagedBatch(
        folder: folder, name: name, model: model, requests: Int(requests),
        power: Power(rawValue: power), deadline: instant(7), priority: priority,
        interruptible: interruptible == 1),
      addedAt: addedAt)
    switch code {
    case 0: status = .waiting
    case 1:
      status = .paused
      ownerPaused = true
    case 2: status = .held(reason: held)
    case 3: status = .done
    case 4: status = .ending
    default: return nil
    }
    self.completed = Int(completed)
    self.failed = Int(failed)
    completionTokens = tokens
    self.ranFor = TimeSpan(rawValue: ranFor)
    self.timesPaused = Int(timesPaused)
    finishedAt = instant(18)
    self.reason = reason
    self.energy = EnergyCounter(Energy(rawValue: energy))
    self.surplus = EnergyCounter(Energy(rawValue: surplus))
    if version >= 2 { take(later: fields) } else if status == .done { ending = .completed }
    if version >= 3 { batch.command = Self.command(fields[30]) }
    guard status != .ending || ending != nil else { return nil }
  }

  /// How many fields each version of the encoding has.
  private static let fieldCounts: [Int64: Int] = [1: 22, 2: 30, 3: 31]

  private static func command(_ field: CBORValue) -> CommandWork? {
    guard let parts = field.array, parts.count == 3, let name = parts[0].text,
      let span = parts[1].integer, (0...magnitudeLimit).contains(span), let log = parts[2].text
    else { return nil }
    return CommandWork(name: name, span: TimeSpan(rawValue: span), log: log)
  }

  /// The fields that the second version of the encoding added.
  private mutating func take(later fields: [CBORValue]) {
    batch.expires = fields[22] == .integer(1)
    batch.value = fields[23].integer.map { Credits(rawValue: $0) }
    batch.after = (fields[24].array ?? []).compactMap(\.integer).map { JobNumber($0) }
    promptTokens = max(0, fields[25].integer ?? 0)
    begunAt = fields[26].integer.map { Instant(rawValue: $0) }
    ending = fields[27].integer.flatMap(JobEnding.init(rawValue:))
    measured = EnergyCounter(Energy(rawValue: max(0, fields[28].integer ?? 0)))
    expense = CreditCounter(Credits(rawValue: fields[29].integer ?? 0))
  }
}
