import Quantities
import Simulation
import Sites
import Testing

@Suite("A night with one fault of the devices")
struct HouseFaultTests {
  static let faults: [HouseFault] = [
    .torn, .sentinel, .frozen, .dip, .reset, .silence, .exception, .night,
  ]

  private static func live(
    _ faults: [FaultPlan.Entry], seed: UInt64, pollSeconds: Int64 = 10
  ) throws -> CoreNight {
    var night = try CoreNight(faults, seed: seed, pollSeconds: pollSeconds)
    night.live()
    return night
  }

  /// Import is nothing on such a night unless the battery runs empty.
  private static func check(_ night: CoreNight) {
    #expect(night.household.house.imbalance == 0)
    let comparisons = night.comparisons
    #expect(comparisons.map(\.quantity) == CoreNight.totals)
    #expect(comparisons.filter { $0.truth > Energy(wattHours: 1000) }.count >= 4)
    for total in comparisons {
      #expect(
        total.holds,
        "\(total.quantity): counted \(total.counted), flowed \(total.truth), \(total.allowed)")
    }
    #expect(night.audit.complaints == [])
  }

  @Test("ends with every total equal to the truth, nothing taken for zero", arguments: faults)
  func one(fault: HouseFault) throws {
    let night = try Self.live([.init(fault, every: 150)], seed: 11)
    Self.check(night)
    if !fault.isLasting {
      #expect(night.household.devices.allSatisfy { $0.faults.strikes(of: fault) > 10 })
    }
  }

  /// The latter two are nights in which a torn value came after minutes of silence.
  @Test("all of them together do as well", arguments: [UInt64(1), 2, 3, 4, 5, 35, 90])
  func all(seed: UInt64) throws {
    // What lasts for a while begins more rarely, or it would never be over.
    let entries = Self.faults.map { fault in
      FaultPlan.Entry(fault, every: [.frozen, .reset].contains(fault) ? 1500 : 120)
    }
    let night = try Self.live(entries, seed: seed)
    Self.check(night)
    let strikes = night.household.devices.map { $0.faults.strikes(of: .reset) }
    #expect(strikes.allSatisfy { $0 > 0 })
  }

  /// Nights in which a register had grown past where it stood before its device's restart was sure,
  /// or was torn just before it moved on from half an hour of standing still.
  @Test("devices that restart soon again lose nothing", arguments: [UInt64(4), 15, 29, 146])
  func restartSoon(seed: UInt64) throws {
    let entries = Self.faults.map { fault in
      FaultPlan.Entry(fault, every: fault == .frozen ? 1500 : fault == .reset ? 800 : 120)
    }
    let night = try Self.live(entries, seed: seed)
    Self.check(night)
    #expect(night.household.devices.allSatisfy { $0.restarts >= 2 })
  }

  @Test("the house without faults is read exactly")
  func none() throws {
    let night = try Self.live([], seed: 3)
    Self.check(night)
    let aboutDevices = night.run.lines.map(\.text).filter { !$0.hasPrefix("curtail") }
    #expect(aboutDevices == [])
  }
}
