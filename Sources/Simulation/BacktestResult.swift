import Quantities

/// What one way of running a household's jobs came to.
public struct BacktestResult: Hashable, Sendable {
  /// What it is called: "station", "at once"…
  public let name: String
  public let jobs: [BacktestJob]
  public let totals: EnergyTotals
  /// Where the jobs' energy came from.
  public let supply: JobSupply
  /// What the panels could have given beyond what they did, in microjoules.
  public let curtailed: Int64
  /// What the battery holds beyond what it held at first, in microjoules.
  public let storedGain: Int64
  /// Usable energy of the battery; zero is none.
  public let batteryCapacity: Energy
  /// Import less export, plus wear, less what more is stored at the end.
  public let cost: Credits
  /// What the books are off by, in microjoules; anything but zero is a broken simulation.
  public let imbalance: Int64

  init<Strategy>(_ name: String, _ run: BacktestRun<Strategy>, prices: BacktestPrices) {
    let house = run.house
    self.name = name
    jobs = run.jobs
    totals = house.totals
    supply = house.supply
    curtailed = house.curtailed
    storedGain = house.storedGain
    batteryCapacity = house.equipment.batteryCapacity
    imbalance = house.imbalance
    let imported = EnergyTotals.energy(microjoules: house.totals.imported)
    let exported = EnergyTotals.energy(microjoules: house.totals.exported)
    let discharged = EnergyTotals.energy(microjoules: house.totals.discharged)
    let gained = EnergyTotals.energy(microjoules: house.storedGain)
    cost =
      prices.importPrice.cost(of: imported) - prices.exportPrice.cost(of: exported)
      + prices.wearPrice.cost(of: discharged) - prices.storedPrice.cost(of: gained)
  }

  /// Jobs that were done in time.
  public var inTime: Int { jobs.count(where: \.isInTime) }

  /// How often jobs were begun or gone on with.
  public var starts: Int { jobs.reduce(0) { $0 + $1.starts } }

  /// How often the battery was emptied in all, in thousandths of its capacity; nil without one.
  public var cyclesPermille: Int64? {
    guard batteryCapacity > .zero else { return nil }
    let discharged = EnergyTotals.energy(microjoules: totals.discharged)
    return discharged.scaled(by: 1000, over: batteryCapacity.milliwattHours).rawValue
  }

  /// The sun's share of a year's jobs set against the best that there was, in millionths; nil
  /// where neither took any.
  public func sunPerMillion(of best: BacktestResult) -> Int64? {
    guard let own = supply.sharePerMillion, let most = best.supply.sharePerMillion else {
      return nil
    }
    return JobSupply.perMillion(own, of: most)
  }

  /// Jobs done in time that took more sun than `best` could give them: there can't be any.
  public func impossibleJobs(beside best: BacktestResult) -> Int {
    zip(jobs, best.jobs).count { $0.isInTime && $0.supply.sun > $1.supply.sun }
  }
}
