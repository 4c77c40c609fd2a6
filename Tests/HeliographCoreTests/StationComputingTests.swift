import HeliographCore
import Planning
import Quantities
import Sites
import Testing
import Texting

@Suite("A station whose computing side is metered")
struct StationComputingTests {
  static let start = StationHarness.start

  /// A house that gives 2,000 W to the grid, less what its socket's consumer draws beyond 40 W.
  struct House {
    var station: Station
    var now = StationComputingTests.start
    var runs = false

    init() throws {
      var configuration = try StationSiteTests.configuration()
      configuration.devices.append(
        SiteDevice(name: "socket", pollInterval: TimeSpan(seconds: 5), provides: []))
      configuration.computingMeter = "socket"
      station = Station(configuration, at: now)
      _ = station.step(.engine(.ready(slots: 1, name: "llama")), at: now)
    }

    /// Fifteen seconds with this draw at the socket, then one look.
    mutating func live(socket: Int64) {
      for _ in 0..<3 {
        now = now + TimeSpan(seconds: 5)
        var meter = DeviceReading(device: "meter", at: now)
        meter.gridPower = Power(watts: -2000 + socket - 40)
        meter.pvPower = Power(watts: 2500)
        var consumer = DeviceReading(device: "socket", at: now)
        consumer.loadPower = Power(watts: socket)
        _ = station.step(.reading(meter), at: now)
        _ = station.step(.reading(consumer), at: now)
      }
      for effect in station.step(.timer(.control), at: now) {
        if case .startJob = effect { runs = true }
      }
    }
  }

  @Test("takes what a job draws from the socket and not from its word")
  func socket() throws {
    var house = try House()
    for _ in 0..<12 { house.live(socket: 40) }
    #expect(!house.runs)
    let batch = StagedBatch(
      folder: "1", name: "photos", model: "m", requests: 1000, power: Power(watts: 300))
    _ = house.station.step(
      .batchStaged(batch, replyTo: TextMessage.Identifier(1)), at: house.now)
    house.live(socket: 40)
    #expect(house.runs)
    // It says 300 W and draws 200: the 1,800 W that still go out and its 200 are spare, no more.
    for _ in 0..<4 { house.live(socket: 240) }
    #expect(
      house.station.snapshot(at: house.now, since: 0).surplus == Power(watts: 2000))
  }
}
