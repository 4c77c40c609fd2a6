import Quantities
import Sites

/// A recorded household lived through again, with a battery, an export limit and jobs of our own.
///
/// Powers are constant within a look (at most five minutes, cut where the record's intervals
/// begin). Where the record has a gap nothing flows but what a job draws, and that from the grid:
/// what isn't known is neither sun nor saving.
public struct RecordedHouse: Sendable {
  /// The longest stretch that is taken as one.
  public static let look = TimeSpan(minutes: 5)
  /// The step of the meter's cumulative registers.
  static let registerResolution = Energy(wattHours: 1)

  public let record: HouseholdRecord
  public let equipment: RecordedEquipment
  public private(set) var now: Instant
  public private(set) var totals = EnergyTotals()
  /// What the panels could have given beyond what they did, in microjoules.
  public private(set) var curtailed: Int64 = 0
  /// Where the jobs' energy came from.
  public private(set) var supply = JobSupply()
  /// What the running job draws; counts from `now` on.
  public var jobPower: Power = .zero
  /// What the inverter was told; counts from `now` on.
  public var settings = HouseSettings()

  private var battery: HouseBattery
  private let initiallyStored: Int64
  /// What of the battery's content came from the panels, in microjoules.
  private var storedSun: Int64

  /// A house where its record begins. What its battery holds then counts as sun.
  public init(_ record: HouseholdRecord, equipment: RecordedEquipment) {
    self.record = record
    self.equipment = equipment
    now = record.start
    battery = HouseBattery(
      capacity: equipment.batteryCapacity, maximumCharge: equipment.maximumCharge,
      maximumDischarge: equipment.maximumDischarge, efficiency: equipment.efficiencyPermille,
      reserve: equipment.reserve, stateOfCharge: equipment.stateOfCharge)
    initiallyStored = battery.stored
    storedSun = battery.stored
    settings.exportLimit = equipment.exportLimit
  }

  /// Nil for a house without a battery.
  public var stateOfCharge: StateOfCharge? { battery.stateOfCharge }

  /// What the battery holds beyond what it held at first, in microjoules.
  public var storedGain: Int64 { battery.stored - initiallyStored }

  /// What the books are off by, in microjoules; anything but zero is a broken simulation.
  public var imbalance: Int64 {
    let held = initiallyStored + totals.charged - totals.lost - totals.discharged
    return abs(totals.imbalance) + abs(held - battery.stored)
  }

  /// The powers of this moment; nil in a gap of the record.
  public var flow: EnergyFlow? {
    record.known(record.index(at: now)).map { flow($0, for: TimeSpan(seconds: 1)) }
  }

  private func flow(_ known: (load: Power, pv: Power), for span: TimeSpan) -> EnergyFlow {
    battery.flow(
      pv: known.pv, household: known.load, flexible: jobPower, settings: settings, for: span)
  }

  /// Lets time pass up to `instant`; nothing happens when that is not later than `now`.
  public mutating func step(to instant: Instant) {
    let look = Self.look.milliseconds
    while now < instant {
      let index = record.index(at: now)
      let nextLook = Instant(millisecondsSince1970: (now.rawValue / look + 1) * look)
      let begins = index < 0 ? record.start : record.begin(of: index + 1)
      let end = min(instant, min(nextLook, begins))
      pass(record.known(index), for: end.since(now))
      now = end
    }
  }

  private mutating func pass(_ known: (load: Power, pv: Power)?, for span: TimeSpan) {
    guard let known else {
      var flow = EnergyFlow()
      flow.flexible = jobPower
      totals.add(flow, for: span, lost: 0)
      supply.energy += jobPower.milliwatts * span.milliseconds
      return
    }
    let flow = flow(known, for: span)
    let before = battery.stored
    let lost = battery.take(flow, for: span)
    totals.add(flow, for: span, lost: lost)
    curtailed += flow.curtailed.milliwatts * span.milliseconds
    count(flow, for: span, storedBefore: before)
  }

  /// Shares out what flowed between the household and the job.
  private mutating func count(_ flow: EnergyFlow, for span: TimeSpan, storedBefore: Int64) {
    let time = span.milliseconds
    let possible = flow.pv + flow.curtailed
    let sun = (possible - flow.household).clamped(to: .zero...flow.flexible)
    supply.energy += flow.flexible.milliwatts * time
    supply.sun += sun.milliwatts * time
    if flow.battery > .zero {
      // What the panels leave beyond the load is theirs; the rest of a charge is the grid's.
      let fromSun = min(flow.battery, max(.zero, flow.pv - flow.load))
      let gained = battery.stored - storedBefore
      storedSun += Self.part(gained, fromSun.milliwatts, of: flow.battery.milliwatts)
    } else if flow.battery < .zero {
      let given = -flow.battery.milliwatts * time
      let givenSun = Self.part(given, storedSun, of: storedBefore)
      storedSun -= givenSun
      let jobShort = flow.flexible - sun
      let short = jobShort + max(.zero, flow.household - possible)
      // What goes beyond the house's need is sold and no job's.
      let used = min(-flow.battery, short)
      let usedSun = Self.part(givenSun, used.milliwatts, of: -flow.battery.milliwatts)
      supply.storedSun += Self.part(usedSun, jobShort.milliwatts, of: short.milliwatts)
    }
  }

  /// `whole` × `part` / `all`, rounded toward zero; zero of nothing.
  private static func part(_ whole: Int64, _ part: Int64, of all: Int64) -> Int64 {
    guard all > 0 else { return 0 }
    return all.dividingFullWidth(whole.multipliedFullWidth(by: min(part, all))).quotient
  }

  /// What its inverter and meter say now; nil in a gap of the record.
  public func reading(device: DeviceName) -> DeviceReading? {
    guard let flow else { return nil }
    var reading = DeviceReading(device: device, at: now)
    reading.pvPower = flow.pv
    reading.loadPower = flow.load
    reading.gridPower = flow.grid
    reading.exportLimit = settings.exportLimit
    if let charge = stateOfCharge {
      reading.batteryPower = flow.battery
      reading.stateOfCharge = charge
      reading.batteryCapacity = equipment.batteryCapacity
      reading.maximumCharge = equipment.maximumCharge
      reading.maximumDischarge = equipment.maximumDischarge
    }
    reading.importedTotal = register(totals.imported)
    reading.exportedTotal = register(totals.exported)
    reading.totalResolution = Self.registerResolution
    reading.operatingState = flow.pv > .zero ? .producing : .sleeping
    return reading
  }

  private func register(_ microjoules: Int64) -> Energy {
    Energy(
      wattHours: EnergyTotals.energy(microjoules: microjoules).milliwattHours
        / Self.registerResolution.milliwattHours)
  }
}
