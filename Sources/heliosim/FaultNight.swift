import Hardware
import Quantities
import Simulation
import Sites

/// One night of faults: what was read, what was believed, and whether it is so.
struct FaultNight {
  /// The roof's inverter is asked by somebody else once in so many polls.
  private static let rivalEvery = 40
  /// What the house's machine draws all night: the battery runs empty, and the meter imports.
  private static let draw = Power(watts: 900)

  let seed: UInt64
  let options: NightOptions
  private let house: NightHouse
  private var run: SiteRun
  private var audit: NightAudit
  private var polls: [String: (asked: Int, failed: Int)] = [:]

  init(_ options: NightOptions, seed: UInt64, profiles: ProfileLibrary) throws(StreetError) {
    self.seed = seed
    self.options = options
    house = try NightHouse(options, seed: seed, profiles: profiles)
    run = SiteRun(house.site(poll: options.poll), at: NightHouse.begin)
    let household = house.served.now
    audit = NightAudit(
      totals: DeviceQuantity.allCases.filter { quantity in
        NightHouse.devices.contains { device in
          device.provides.contains(FaultNight.source(of: quantity))
            && household.devices.contains {
              $0.unit == device.unit && $0.count(of: quantity) != nil
            }
        }
      })
  }

  /// Lives through the night, unless its task is cancelled; true when everything held.
  mutating func live() async -> Bool {
    await live(until: NightHouse.healed)
    house.served.heal()
    await live(until: NightHouse.end)
    await house.stop()
    return isGood
  }

  private mutating func live(until end: Instant) async {
    while !Task.isCancelled, let name = run.nextQuestion(until: end) {
      guard let device = house.sessions.first(where: { $0.name == name }) else { return }
      house.served.step(to: run.now, flexibleLoad: Self.draw)
      let before = house.served.now
      audit.note(before.house)
      let asked = (polls[name]?.asked ?? 0) + 1
      if device.unit == 1, asked % Self.rivalEvery == 0 { await disturb() }
      let shown = before.devices.first { $0.unit == device.unit }?.shown
      let result = await device.session.read(at: run.now)
      var failed = polls[name]?.failed ?? 0
      switch result {
      case .success(let reading): if let shown { audit.look(at: reading, shown: shown) }
      case .failure: failed += 1
      }
      polls[name] = (asked, failed)
      run.answer(result, from: name)
      if case .success(let reading) = result {
        let simulated = before.devices.first { $0.unit == device.unit }
        let taken = Self.taken(from: name)
        if simulated?.isCounted(in: reading) == true, audit.isBelieved(reading, taken, by: run) {
          house.served.restartIfDue(unit: device.unit)
        }
      }
      audit.look(
        at: run, isFrozen: house.served.now.devices.contains(where: \.isFrozen))
    }
  }

  /// Somebody else connects, which ends our connection.
  private func disturb() async {
    _ = try? await house.rival.connect()
    await house.rival.disconnect()
  }

  private var isGood: Bool {
    audit.complaintCount == 0 && !comparisons.isEmpty && comparisons.allSatisfy(\.holds)
  }

  private var comparisons: [NightAudit.Comparison] {
    let household = house.served.now
    return audit.comparisons { quantity in
      let source = Self.source(of: quantity)
      let unit = NightHouse.devices.first { $0.provides.contains(source) }?.unit
      let device = household.devices.first { $0.unit == unit }
      return (device?.count(of: quantity) ?? .zero, device?.restarts ?? 0)
    }
  }

  private static func source(of quantity: DeviceQuantity) -> SiteQuantity {
    switch quantity {
    case .generatedTotal: .pv
    case .chargedTotal, .dischargedTotal: .battery
    default: .totals
    }
  }

  /// The energy totals that the site takes from the device.
  private static func taken(from name: String) -> [DeviceQuantity] {
    let provides = NightHouse.devices.first { $0.name == name }?.provides ?? []
    return DeviceQuantity.allCases.filter { $0.isTotal && provides.contains(source(of: $0)) }
  }

  /// What came of it, for a person.
  var report: [String] {
    let household = house.served.now
    var lines = ["seed \(seed): \(isGood ? "held" : "FAILED")"]
    for (device, simulated) in zip(NightHouse.devices, household.devices) {
      let (asked, failed) = polls[device.name] ?? (0, 0)
      let struck = simulated.faults.entries.filter { !$0.fault.isLasting }
        .map { "\($0.fault.rawValue) \(simulated.faults.strikes(of: $0.fault))" }
      lines.append("  \(device.name) (\(device.profile)): \(asked) polls, \(failed) failed")
      lines.append("    \(struck.joined(separator: ", "))")
    }
    for total in comparisons {
      lines.append(
        "  \(total.quantity.rawValue): counted \(total.counted.text), flowed \(total.truth.text), "
          + "off by \((total.counted - total.truth).milliwattHours) mWh of "
          + "\(total.allowed.milliwattHours) allowed\(total.holds ? "" : ": TOO MUCH")")
    }
    let said = run.lines.map(\.text)
    lines.append(
      "  lines: \(said.filter { $0.contains(" lost, ") }.count) lost, "
        + "\(said.filter { $0.contains(" is back ") }.count) back, "
        + "\(said.filter { $0.contains(" is asleep") }.count) asleep, \(said.count) in all")
    lines += audit.complaints.map { "  wrong: \($0)" }
    if options.isVerbose {
      lines += run.lines.map { "  \(LocalTime.utc.clock(at: $0.at)) \($0.text)" }
    }
    return lines
  }
}
