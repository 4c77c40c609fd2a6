import Quantities

/// What the grid charges and pays for a kWh, slot by slot.
///
/// A price list says it for the slots that it holds; elsewhere the first band that a slot begins
/// in does, then the plain price, and where none of these was told, the list's own price at that
/// time of the day before, up to a week: lists of an exchange end with the day that they are for.
public struct Tariff: Hashable, Sendable {
  /// A daily span of local time with a price of its own.
  public struct Band: Hashable, Sendable {
    /// Minutes after local midnight, 0 to 1439; from it on…
    public let fromMinute: Int64
    /// …until just before it; a band whose end is not after its start goes on past midnight.
    public let toMinute: Int64
    public let price: Price

    /// Minutes outside a day are brought back to it.
    public init(fromMinute: Int64, toMinute: Int64, price: Price) {
      self.fromMinute = min(max(fromMinute, 0), 1439)
      self.toMinute = min(max(toMinute, 0), 1439)
      self.price = price
    }

    /// Whether a local minute of the day lies in it.
    public func holds(minute: Int64) -> Bool {
      fromMinute < toMinute
        ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute
    }
  }

  /// One side of the meter.
  public struct Prices: Hashable, Sendable {
    /// Nil where nobody said one.
    public var plain: Price?
    /// What counts where nothing at all is known of a slot.
    private let assumed: Price
    /// The first that holds a slot counts.
    public var bands: [Band]
    /// In order of slot, each once.
    public private(set) var list: [ListedPrice]

    /// Of a slot that is listed twice, the first price counts.
    public init(
      plain: Price?, assumed: Price = .zero, bands: [Band] = [], list: [ListedPrice] = []
    ) {
      self.plain = plain
      self.assumed = assumed
      self.bands = bands
      self.list = []
      take(list: list)
    }

    /// Goes by another list from now on.
    public mutating func take(list new: [ListedPrice]) {
      // A stable order, so that "the first" is well defined.
      let ordered = new.enumerated().sorted {
        ($0.element.slot, $0.offset) < ($1.element.slot, $1.offset)
      }
      list.removeAll()
      for (_, price) in ordered where list.last?.slot != price.slot { list.append(price) }
    }

    /// What the list says of the slot, by halving: a plan asks 192 times a list of months.
    private func listed(_ slot: TimeSlot) -> Price? {
      var low = 0
      var high = list.count
      while low < high {
        let middle = (low + high) / 2
        if list[middle].slot < slot { low = middle + 1 } else { high = middle }
      }
      return low < list.count && list[low].slot == slot ? list[low].price : nil
    }

    func price(in slot: TimeSlot, localTime: LocalTime) -> Price {
      if let listed = listed(slot) { return listed }
      if !bands.isEmpty {
        let minute = localTime.minuteOfDay(at: slot.start)
        if let band = bands.first(where: { $0.holds(minute: minute) }) { return band.price }
      }
      return plain ?? listedBefore(slot) ?? assumed
    }

    private func listedBefore(_ slot: TimeSlot) -> Price? {
      guard !list.isEmpty else { return nil }
      for day in 1...7 as ClosedRange<Int64> {
        if let price = listed(slot.advanced(by: -96 * day)) { return price }
      }
      return nil
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

  /// The same price always; of what is not told 30 credits a kWh in and nothing out are assumed.
  public init(importPrice: Price? = nil, exportPrice: Price? = nil) {
    self.init(
      importPrices: Prices(plain: importPrice, assumed: Price(creditsPerKilowattHour: 30)),
      exportPrices: Prices(plain: exportPrice))
  }

  /// What a kWh from the grid costs in a slot.
  public func importPrice(in slot: TimeSlot, localTime: LocalTime) -> Price {
    importPrices.price(in: slot, localTime: localTime)
  }

  /// What the grid pays for a kWh in a slot.
  public func exportPrice(in slot: TimeSlot, localTime: LocalTime) -> Price {
    exportPrices.price(in: slot, localTime: localTime)
  }
}
