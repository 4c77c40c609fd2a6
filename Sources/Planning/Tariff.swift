import Quantities

/// What the grid charges and pays for a kWh, slot by slot.
///
/// A price list says it for the slots that it holds; elsewhere the first band that a slot begins
/// in does, and without one the plain price.
public struct Tariff: Hashable, Sendable {
  /// A daily span of local time with a price of its own.
  public struct Band: Hashable, Sendable {
    /// Minutes after local midnight, 0 to 1439; from it on…
    public let fromMinute: Int64
    /// …until just before it; a band whose end is not after its start goes on past midnight.
    public let toMinute: Int64
    public let price: Price

    public init(fromMinute: Int64, toMinute: Int64, price: Price) {
      self.fromMinute = fromMinute
      self.toMinute = toMinute
      self.price = price
    }

    func holds(minute: Int64) -> Bool {
      fromMinute < toMinute
        ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute
    }
  }

  /// One side of the meter.
  public struct Prices: Hashable, Sendable {
    public var plain: Price
    /// The first that holds a slot counts.
    public var bands: [Band]
    /// In order of slot, each once.
    public var list: [ListedPrice]

    public init(plain: Price, bands: [Band] = [], list: [ListedPrice] = []) {
      self.plain = plain
      self.bands = bands
      self.list = list
    }

    func price(in slot: TimeSlot, localTime: LocalTime) -> Price {
      if let listed = list.first(where: { $0.slot == slot }) { return listed.price }
      guard !bands.isEmpty else { return plain }
      let minute = localTime.minuteOfDay(at: slot.start)
      return bands.first { $0.holds(minute: minute) }?.price ?? plain
    }
  }

  /// What a price list says of one slot.
  public struct ListedPrice: Hashable, Sendable {
    public let slot: TimeSlot
    public let price: Price

    public init(slot: TimeSlot, price: Price) {
      self.slot = slot
      self.price = price
    }
  }

  /// What a kWh from the grid costs.
  public var importPrices: Prices
  /// What the grid pays for a kWh.
  public var exportPrices: Prices

  public init(importPrices: Prices, exportPrices: Prices) {
    self.importPrices = importPrices
    self.exportPrices = exportPrices
  }

  /// The same price always; unless told otherwise, 30 credits a kWh in and nothing out.
  public init(
    importPrice: Price = Price(creditsPerKilowattHour: 30), exportPrice: Price = .zero
  ) {
    self.init(importPrices: Prices(plain: importPrice), exportPrices: Prices(plain: exportPrice))
  }

  public func importPrice(in slot: TimeSlot, localTime: LocalTime) -> Price {
    importPrices.price(in: slot, localTime: localTime)
  }

  public func exportPrice(in slot: TimeSlot, localTime: LocalTime) -> Price {
    exportPrices.price(in: slot, localTime: localTime)
  }
}
