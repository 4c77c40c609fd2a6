import Quantities

/// What a household lets its node trade.
public struct MarketPolicy: Hashable, Sendable {
  /// False: the node places no orders; it still keeps what it agreed to.
  public var enabled: Bool
  /// The least it takes for a kWh.
  public var sellAtLeast: Price
  /// The most it gives for a kWh.
  public var buyAtMost: Price
  /// Smaller orders are not worth their records.
  public var minimumEnergy: Energy
  /// A meter whose registers step by more than this is too coarse to trade by.
  public var coarsestResolution: Energy
  /// The most that all neighbours together may come to owe this household: who lends without end
  /// is paid back by nobody.
  public var claimsAtMost: Credits
  /// Whether circles of debts that this household is in are taken off without asking.
  public var nets: Bool
  /// How long records of contracts that are over are kept as they are; older ones are folded once
  /// the neighbour has signed what they came to.
  public var keeps: TimeSpan

  public init(
    enabled: Bool = true,
    sellAtLeast: Price = Price(creditsPerKilowattHour: 8),
    buyAtMost: Price = Price(creditsPerKilowattHour: 20),
    minimumEnergy: Energy = Energy(wattHours: 50),
    coarsestResolution: Energy = Energy(wattHours: 100),
    claimsAtMost: Credits = Credits(credits: 1000), nets: Bool = true,
    keeps: TimeSpan = TimeSpan(minutes: 90 * 24 * 60)
  ) {
    self.keeps = keeps
    self.nets = nets
    self.enabled = enabled
    self.sellAtLeast = sellAtLeast
    self.buyAtMost = buyAtMost
    self.minimumEnergy = minimumEnergy
    self.coarsestResolution = coarsestResolution
    self.claimsAtMost = claimsAtMost
  }
}
