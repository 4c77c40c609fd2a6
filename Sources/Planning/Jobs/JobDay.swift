import Quantities
import Sealing

/// What the jobs of one local day came to.
public struct JobDay: Hashable, Sendable {
  /// Whole local days since 1970-01-01.
  public internal(set) var day: Int64
  public internal(set) var requestsCompleted = 0
  public internal(set) var requestsFailed = 0
  public internal(set) var timesPaused = 0
  var energy = EnergyCounter()
  var surplus = EnergyCounter()

  init(day: Int64) { self.day = day }

  /// What jobs drew, estimated from their power.
  public var energyUsed: Energy { energy.energy }

  /// What of that was surplus.
  public var surplusUsed: Energy { surplus.energy }

  /// The key that the day is stored under.
  static let key = "jobs/day"

  var encoded: [UInt8] {
    CBORValue.array(
      [
        1, day, Int64(requestsCompleted), Int64(requestsFailed), Int64(timesPaused),
        energyUsed.rawValue, surplusUsed.rawValue,
      ].map(CBORValue.integer)
    ).encoded
  }

  /// The day that `encoded` gave, or nil for any other bytes.
  init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array else { return nil }
    let numbers = fields.compactMap(\.integer)
    guard numbers.count == 7, fields.count == 7, numbers[0] == 1,
      numbers.allSatisfy({ (0...magnitudeLimit).contains($0) })
    else { return nil }
    day = numbers[1]
    requestsCompleted = Int(numbers[2])
    requestsFailed = Int(numbers[3])
    timesPaused = Int(numbers[4])
    energy = EnergyCounter(Energy(rawValue: numbers[5]))
    surplus = EnergyCounter(Energy(rawValue: numbers[6]))
  }
}
