import Planning
import Quantities

/// A house's energy slot by slot, as it is meant to go or as it went: what a screen or a picture
/// shows. Nil is unknown, never zero.
public struct EnergyCourse: Hashable, Sendable, Codable {
  public enum Kind: String, Hashable, Sendable, Codable {
    /// What is expected and meant.
    case plan
    /// What became of a past day, or has so far of this one.
    case record
  }

  /// What the sun may give; low and high differ only where it is expected.
  public struct Range: Hashable, Sendable, Codable {
    /// What it stays above nine times in ten.
    public var low: Power
    public var middle: Power
    /// What it stays below nine times in ten.
    public var high: Power

    public init(low: Power, middle: Power, high: Power) {
      self.low = low
      self.middle = middle
      self.high = high
    }

    /// What is certain.
    public init(_ power: Power) { self.init(low: power, middle: power, high: power) }

    init(_ quantiles: PowerQuantiles) {
      self.init(low: quantiles.low, middle: quantiles.middle, high: quantiles.high)
    }
  }

  /// A job that runs in a slot.
  public struct Run: Hashable, Sendable, Codable {
    public var job: Int64
    /// Whether the sun is meant to carry it.
    public var onSurplus: Bool

    public init(job: Int64, onSurplus: Bool) {
      self.job = job
      self.onSurplus = onSurplus
    }
  }

  /// What the battery is told to do.
  public struct Order: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
      case charge, discharge
      /// Gives nothing, and takes what is left over.
      case hold
      /// Takes nothing, to keep room for later sun.
      case wait
    }

    public var kind: Kind
    /// > 0; nil for `hold` and `wait`.
    public var power: Power?

    public init(_ kind: Kind, _ power: Power? = nil) {
      self.kind = kind
      self.power = power
    }
  }

  public struct Slot: Hashable, Sendable, Codable {
    public var slot: TimeSlot
    public var pv: Range?
    /// What the household draws without its jobs.
    public var load: Range?
    /// What jobs draw.
    public var jobs: Power?
    /// + is charging.
    public var battery: Power?
    /// At the slot's end.
    public var stateOfCharge: StateOfCharge?
    /// + is import.
    public var grid: Power?
    /// Whether panels are held back.
    public var isCurtailed: Bool?
    /// In order of number.
    public var runs: [Run] = []
    /// Nil where the battery does what it does by itself.
    public var order: Order?
    /// What a kWh from the grid costs.
    public var importPrice: Price?
    /// What the grid pays for a kWh.
    public var exportPrice: Price?

    public init(_ slot: TimeSlot) { self.slot = slot }
  }

  /// A job and why it runs when it does.
  public struct Job: Hashable, Sendable, Codable {
    public var number: Int64
    public var name: String
    /// What it states that it draws.
    public var power: Power
    /// One line for a person.
    public var reason: String

    public init(number: Int64, name: String, power: Power, reason: String) {
      self.number = number
      self.name = name
      self.power = power
      self.reason = reason
    }
  }

  public var kind: Kind
  public var house: String
  /// When it was asked for.
  public var at: Instant
  public var localTime: LocalTime
  /// One after another without a gap.
  public var slots: [Slot] = []
  /// In order of number.
  public var jobs: [Job] = []
  /// Of a record: the first moment that anything is known of.
  public var earliest: Instant?
  /// What the battery keeps for the house; nil without one.
  public var reserve: StateOfCharge?

  public init(kind: Kind, house: String, at: Instant, localTime: LocalTime) {
    self.kind = kind
    self.house = house
    self.at = at
    self.localTime = localTime
  }
}

extension EnergyCourse {
  /// A stretch of slots with the same order to the battery.
  public struct OrderSpan: Hashable, Sendable {
    public let kind: Order.Kind
    public let from: Instant
    public internal(set) var to: Instant
    /// From the least to the most that is ordered; nil for `hold` and `wait`.
    public internal(set) var power: ClosedRange<Power>?
    /// What a kWh from the grid costs, in those of its slots in which the grid gives or the battery
    /// gives in its place; nil where there is none or it is unknown.
    public internal(set) var importPrice: ClosedRange<Price>?
    /// What the grid pays for a kWh, in those of its slots in which it takes.
    public internal(set) var exportPrice: ClosedRange<Price>?
    /// Whether the grid gives in any of its slots.
    public internal(set) var drawsOnGrid: Bool
    /// Whether the sun leaves something over in any of its slots.
    public internal(set) var drawsOnSun: Bool

    init(_ order: Order, _ slot: Slot) {
      kind = order.kind
      from = slot.slot.start
      to = slot.slot.end
      power = order.power.map { $0...$0 }
      let sells = slot.grid.map { $0 < .zero } ?? false
      drawsOnGrid = slot.grid.map { $0 > .zero } ?? false
      let sparesGrid = order.kind == .discharge && slot.grid != nil && !sells
      importPrice = drawsOnGrid || sparesGrid ? slot.importPrice.map { $0...$0 } : nil
      exportPrice = sells ? slot.exportPrice.map { $0...$0 } : nil
      if let pv = slot.pv?.middle, let load = slot.load?.middle {
        drawsOnSun = pv > load + (slot.jobs ?? .zero)
      } else {
        drawsOnSun = slot.grid != nil && !drawsOnGrid
      }
    }

    /// Goes on with the same order in the next slot.
    mutating func take(_ next: OrderSpan) {
      func joined<Value: Comparable>(
        _ left: ClosedRange<Value>?, _ right: ClosedRange<Value>?
      ) -> ClosedRange<Value>? {
        guard let left, let right else { return left ?? right }
        return min(left.lowerBound, right.lowerBound)...max(left.upperBound, right.upperBound)
      }
      to = next.to
      power = joined(power, next.power)
      importPrice = joined(importPrice, next.importPrice)
      exportPrice = joined(exportPrice, next.exportPrice)
      drawsOnGrid = drawsOnGrid || next.drawsOnGrid
      drawsOnSun = drawsOnSun || next.drawsOnSun
    }
  }

  /// All of them, in order.
  public var orders: [OrderSpan] {
    var spans: [OrderSpan] = []
    for slot in slots {
      guard let order = slot.order else { continue }
      let span = OrderSpan(order, slot)
      if let last = spans.last, last.kind == span.kind, last.to == span.from {
        spans[spans.count - 1].take(span)
      } else {
        spans.append(span)
      }
    }
    return spans
  }

  /// The slots of which something could be known: all of a plan, those of a record that have ended.
  ///
  /// What ended a moment ago is written down with the next look at the house.
  var countedSlots: [Slot] {
    guard kind == .record else { return slots }
    return slots.filter { slot in
      let isKnown = slot != Slot(slot.slot)
      return slot.slot.end + (isKnown ? .zero : SlotRecorder.longestLook) <= at
    }
  }

  /// Whether the house has a battery, be its state known or not.
  var hasBattery: Bool { reserve != nil || slots.contains { $0.stateOfCharge != nil } }

  /// Whether what a kWh costs differs between slots.
  public var hasVaryingPrice: Bool { Set(slots.compactMap(\.importPrice)).count > 1 }

  /// Whether the sun is down in a slot: so far as known, the panels give next to nothing.
  ///
  /// A hundredth of the best that the panels do in the course counts as nothing.
  public func isNight(_ slot: Slot, best: Power) -> Bool {
    guard let pv = slot.pv, best > .zero else { return false }
    return pv.high < best.scaled(by: 1, over: 100)
  }

  /// The most that the panels may give in any slot.
  public var bestPV: Power { slots.compactMap { $0.pv?.high }.max() ?? .zero }
}
