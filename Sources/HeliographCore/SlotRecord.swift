import Planning
import Quantities
import Sealing

/// What a past slot was, in means over it; nil is unknown, never zero.
public struct SlotRecord: Hashable, Sendable {
  /// The most jobs that are remembered of a slot.
  public static let maximumJobs = 8

  public let slot: TimeSlot
  /// ≥ 0.
  public var pv: Power?
  /// What the household drew without its jobs, ≥ 0.
  public var load: Power?
  /// What jobs drew, ≥ 0.
  public var jobs: Power?
  /// + is charging.
  public var battery: Power?
  /// + is import.
  public var grid: Power?
  /// At the slot's end, as far as it was seen.
  public var stateOfCharge: StateOfCharge?
  /// Whether the panels were held back at least half of the time that this was known of.
  public var isCurtailed: Bool?
  /// The jobs that ran in it, in order of number.
  public var runs: [JobNumber] = []

  public init(slot: TimeSlot) { self.slot = slot }

  /// Whether anything is known of it.
  var tellsSomething: Bool {
    pv != nil || load != nil || battery != nil || grid != nil || stateOfCharge != nil
      || !runs.isEmpty
  }
}

extension SlotRecord {
  /// The record for the store; what is unknown is an empty byte string.
  var encoded: [UInt8] {
    let numbers: [Int64?] = [
      pv?.rawValue, load?.rawValue, jobs?.rawValue, battery?.rawValue, grid?.rawValue,
      stateOfCharge?.rawValue, isCurtailed.map { $0 ? 1 : 0 },
    ]
    let fields = numbers.map { $0.map(CBORValue.integer) ?? .bytes([]) }
    let jobs = runs.map { CBORValue.integer($0.value) }
    return CBORValue.array(
      [.integer(1), .integer(slot.index)] + fields + [.array(jobs)]
    ).encoded
  }

  /// The record that `encoded` gave, or nil for any other bytes.
  init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array, fields.count == 10,
      fields[0] == .integer(1), let index = fields[1].integer, index.magnitude < 1_000_000_000,
      let jobs = fields[9].array?.map(\.integer), jobs.count <= Self.maximumJobs
    else { return nil }
    var numbers: [Int64?] = []
    for field in fields[2...8] {
      let number = field.integer
      let isInRange = number.map { $0.magnitude <= UInt64(magnitudeLimit) } ?? false
      guard field == .bytes([]) || isInRange else { return nil }
      numbers.append(number)
    }
    self.init(slot: TimeSlot(index: index))
    pv = numbers[0].map(Power.init(rawValue:))
    load = numbers[1].map(Power.init(rawValue:))
    self.jobs = numbers[2].map(Power.init(rawValue:))
    battery = numbers[3].map(Power.init(rawValue:))
    grid = numbers[4].map(Power.init(rawValue:))
    stateOfCharge = numbers[5].map { StateOfCharge(permille: min(max($0, 0), 1000)) }
    isCurtailed = numbers[6].map { $0 != 0 }
    runs = jobs.compactMap { $0.map { JobNumber($0) } }.sorted()
  }
}
