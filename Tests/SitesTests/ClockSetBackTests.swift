import Quantities
import Sites
import Testing

@Suite("A clock that is set back by a day")
struct ClockSetBackTests {
  static let start = Instant(millisecondsSince1970: 1_782_036_000_000)

  @Test("does not keep a device from being asked for a day")
  func asking() {
    let device = SiteDevice(
      name: "meter", pollInterval: TimeSpan(seconds: 5), provides: [.grid])
    var site = Site(devices: [device])
    _ = site.start(at: Self.start)
    let now = Self.start - .day
    let actions = site.reading(DeviceReading(device: "meter", at: Self.start), at: now)
    let wakes = actions.compactMap { action -> Instant? in
      if case .wake(_, let time) = action { time } else { nil }
    }
    #expect(wakes == [now + TimeSpan(seconds: 5)])
  }

  @Test("does not keep jobs running for a day on a surplus that is gone")
  func surplus() {
    let thresholds = SurplusThresholds()
    var surplus = Surplus(thresholds: thresholds, at: Self.start)
    var site = SiteState()
    func update(_ watts: Int64, _ now: Instant) {
      site.gridPower = Measured(Power(watts: watts), at: now)
      _ = surplus.update(site, jobsPower: .zero, at: now)
    }
    update(-3000, Self.start)
    update(-3000, Self.start + thresholds.enterAfter)
    update(1000, Self.start + thresholds.enterAfter + TimeSpan(seconds: 1))
    guard case .spare = surplus.state else {
      Issue.record("a surplus that lasted is one")
      return
    }
    let now = Self.start - .day
    update(1000, now)
    update(1000, now + thresholds.exitAfter)
    guard case .none = surplus.state else {
      Issue.record("what is gone is gone")
      return
    }
  }
}
