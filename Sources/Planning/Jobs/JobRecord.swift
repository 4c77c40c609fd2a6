import Quantities
import Sealing

/// What a finished job came to: one line of the account.
public struct JobRecord: Hashable, Sendable {
  public let number: JobNumber
  public var name: String
  public var model: String
  public var addedAt: Instant
  public var finishedAt: Instant
  public var ending: JobEnding
  public var requests: Int
  public var completed: Int
  public var failed: Int
  /// Tokens read and generated, where the engine counts them.
  public var promptTokens: Int64
  public var completionTokens: Int64
  public var ranFor: TimeSpan
  public var timesPaused: Int
  public var energy: Energy
  /// What of the energy a sensor saw; the rest is estimated from the stated power.
  public var measured: Energy
  public var surplus: Energy
  public var cost: Credits

  /// The line for a job that has ended.
  init(_ job: Job) {
    number = job.number
    name = job.batch.name
    model = job.batch.model
    addedAt = job.addedAt
    finishedAt = job.finishedAt ?? job.addedAt
    ending = job.ending ?? .completed
    requests = job.batch.requests
    completed = job.completed
    failed = job.failed
    promptTokens = job.promptTokens
    completionTokens = job.completionTokens
    ranFor = job.ranFor
    timesPaused = job.timesPaused
    energy = job.energyUsed
    measured = job.energyMeasured
    surplus = job.surplusUsed
    cost = job.cost
  }

  static let prefix = "account/"

  /// The key that it is stored under: in order of number when sorted.
  static func key(of number: JobNumber) -> String {
    let digits = "\(number.value)"
    return prefix + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
  }

  var encoded: [UInt8] {
    let numbers: [Int64] = [
      number.value, addedAt.rawValue, finishedAt.rawValue, ending.rawValue, Int64(requests),
      Int64(completed), Int64(failed), promptTokens, completionTokens, ranFor.rawValue,
      Int64(timesPaused), energy.rawValue, measured.rawValue, surplus.rawValue, cost.rawValue,
    ]
    let fields = [.integer(1), .text(name), .text(model)] + numbers.map(CBORValue.integer)
    return CBORValue.array(fields).encoded
  }

  /// The record that `encoded` gave, or nil for any other bytes.
  init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array, fields.count == 18,
      fields[0] == .integer(1), let name = fields[1].text, let model = fields[2].text,
      let ending = fields[6].integer.flatMap(JobEnding.init(rawValue:))
    else { return nil }
    let numbers = fields.dropFirst(3).compactMap(\.integer)
    guard numbers.count == 15,
      numbers.allSatisfy({ (-magnitudeLimit...magnitudeLimit).contains($0) })
    else { return nil }
    self.name = name
    self.model = model
    self.ending = ending
    number = JobNumber(numbers[0])
    addedAt = Instant(rawValue: numbers[1])
    finishedAt = Instant(rawValue: numbers[2])
    requests = Int(numbers[4])
    completed = Int(numbers[5])
    failed = Int(numbers[6])
    promptTokens = numbers[7]
    completionTokens = numbers[8]
    ranFor = TimeSpan(rawValue: numbers[9])
    timesPaused = Int(numbers[10])
    energy = Energy(rawValue: numbers[11])
    measured = Energy(rawValue: numbers[12])
    surplus = Energy(rawValue: numbers[13])
    cost = Credits(rawValue: numbers[14])
  }
}
