import Quantities
import Sites

/// Holds what a site believes of a simulated house against what is so.
public struct NightAudit: Sendable {
  /// One energy total at the end.
  public struct Comparison: Hashable, Sendable {
    public let quantity: DeviceQuantity
    /// What the site counted, and what flowed, since the first time that all was known.
    public let counted: Energy
    public let truth: Energy
    /// One count of the register, and one more for each restart of its device.
    public let allowed: Energy

    public var holds: Bool { (counted - truth).magnitude <= allowed }
  }

  /// A power of zero is believed where less than this flows.
  private static let nothing = Power(watts: 200)
  /// The most complaints that are kept; all are counted.
  private static let mostComplaints = 20

  /// What was wrong on the way, in words.
  public private(set) var complaints: [String] = []
  public private(set) var complaintCount = 0

  private let totals: [DeviceQuantity]
  /// What flowed by the latest moments, newest last.
  private var course: [(at: Instant, totals: EnergyTotals, flow: EnergyFlow)] = []
  private var first: [DeviceQuantity: (counted: Energy, truth: EnergyTotals)] = [:]
  private var last: [DeviceQuantity: (counted: Energy, truth: EnergyTotals)] = [:]
  private var lost: Set<DeviceName> = []
  private var linesSeen = 0
  /// When a device last showed the past: what was read by then may be of any time.
  private var frozenAt = Instant.distantPast

  /// - Parameter totals: the energy totals that the site's devices count.
  public init(totals: [DeviceQuantity]) { self.totals = totals }

  /// Remembers what is so at this moment; before each reading.
  public mutating func note(_ house: SimulatedHouse) {
    if course.last?.at == house.now { course.removeLast() }
    if course.count >= 512 { course.removeFirst(256) }
    course.append((house.now, house.totals, house.flow))
  }

  /// Looks at what a device was understood to say; `shown` is what it had to say.
  public mutating func look(at reading: DeviceReading, shown: DeviceReading) {
    for quantity in DeviceQuantity.allCases where quantity.isPower || quantity.isTotal {
      guard reading[quantity] == 0, let said = shown[quantity] else { continue }
      if abs(said) >= Self.nothing.milliwatts {
        complain("\(reading.device): \(quantity.rawValue) taken as 0, not \(said)", at: reading.at)
      }
    }
  }

  /// Looks at what the site makes of it all; `isFrozen` while a device shows the past.
  public mutating func look(at run: SiteRun, isFrozen: Bool) {
    let state = run.site.state(at: run.now)
    if isFrozen { frozenAt = run.now }
    lookAtZeros(state)
    for quantity in totals {
      guard let total = state.total(quantity), let truth = truth(at: total.at) else { continue }
      if first[quantity] == nil { first[quantity] = (total.value, truth.totals) }
      if let before = last[quantity], total.value < before.counted {
        complain("\(quantity.rawValue) went back to \(total.value.text)", at: run.now)
      }
      last[quantity] = (total.value, truth.totals)
    }
    for line in run.lines[linesSeen...] { look(atLine: line) }
    linesSeen = run.lines.count
  }

  /// Whether the site has taken all that `reading` says of `quantities` into its own totals: its
  /// device may restart now.
  ///
  /// What flowed after the last reading that was believed is in no register once the device has
  /// restarted: whoever reads registers alone can't know it, and a restart at another moment may
  /// cost as much as flowed since then. That is one poll's energy, two polls' where a second
  /// reading has to bear out the first, and all that flowed while nothing of it was believed.
  public func isBelieved(
    _ reading: DeviceReading, _ quantities: [DeviceQuantity], by run: SiteRun
  ) -> Bool {
    let state = run.site.state(at: run.now)
    return quantities.allSatisfy { quantity in
      reading[quantity] == nil || state.total(quantity)?.at == reading.at
    }
  }

  /// The totals at the end, each that was ever known.
  ///
  /// - Parameter allowed: one count of the register, and how often its device has restarted.
  public func comparisons(
    _ allowed: (DeviceQuantity) -> (count: Energy, restarts: Int)
  ) -> [Comparison] {
    totals.compactMap { quantity in
      guard let first = first[quantity], let last = last[quantity] else { return nil }
      let (count, restarts) = allowed(quantity)
      return Comparison(
        quantity: quantity, counted: last.counted - first.counted,
        truth: last.truth.total(quantity) - first.truth.total(quantity),
        allowed: Energy(milliwattHours: count.milliwattHours * Int64(1 + restarts)))
    }
  }

  private func truth(at instant: Instant) -> (totals: EnergyTotals, flow: EnergyFlow)? {
    course.last { $0.at == instant }.map { ($0.totals, $0.flow) }
  }

  private mutating func lookAtZeros(_ state: SiteState) {
    let powers: [(String, Measured<Power>?, KeyPath<EnergyFlow, Power>)] = [
      ("pv", state.pvPower, \.pv), ("grid", state.gridPower, \.grid),
      ("battery", state.batteryPower, \.battery),
    ]
    for (name, power, path) in powers {
      guard let power, power.value == .zero, power.at > frozenAt,
        let truth = truth(at: power.at)
      else { continue }
      let flows = truth.flow[keyPath: path]
      if flows.magnitude >= Self.nothing {
        complain("\(name) is believed to be 0 and is \(flows.text)", at: power.at)
      }
    }
  }

  /// A device is lost once, and back once.
  private mutating func look(atLine line: SiteRun.Line) {
    let words = line.text.split(separator: " ")
    guard let name = words.first.map(String.init), words.count > 2 else { return }
    if line.text.hasPrefix("\(name) lost") || line.text.hasPrefix("\(name) is asleep") {
      if !lost.insert(name).inserted { complain("said twice: \(line.text)", at: line.at) }
    } else if line.text.hasPrefix("\(name) is back") || line.text.hasPrefix("\(name) is awake") {
      if lost.remove(name) == nil { complain("back without being gone: \(name)", at: line.at) }
    }
  }

  private mutating func complain(_ text: String, at instant: Instant) {
    complaintCount += 1
    if complaints.count < Self.mostComplaints {
      complaints.append("\(LocalTime.utc.clock(at: instant)): \(text)")
    }
  }
}

extension SiteState {
  fileprivate func total(_ quantity: DeviceQuantity) -> Measured<Energy>? {
    switch quantity {
    case .importedTotal: importedTotal
    case .exportedTotal: exportedTotal
    case .generatedTotal: generatedTotal
    case .chargedTotal: chargedTotal
    case .dischargedTotal: dischargedTotal
    default: nil
    }
  }
}

extension EnergyTotals {
  /// What flowed of `quantity`, rounded down to a milliwatt-hour; zero for what is no total.
  public func total(_ quantity: DeviceQuantity) -> Energy {
    switch quantity {
    case .importedTotal: Self.energy(microjoules: imported)
    case .exportedTotal: Self.energy(microjoules: exported)
    case .generatedTotal: Self.energy(microjoules: pv)
    case .chargedTotal: Self.energy(microjoules: charged)
    case .dischargedTotal: Self.energy(microjoules: discharged)
    default: .zero
    }
  }
}
