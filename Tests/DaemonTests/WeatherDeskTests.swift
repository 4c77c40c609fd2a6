import Daemon
import HeliographCore
import Planning
import Quantities
import Runners
import Testing

@Suite("WeatherDesk")
struct WeatherDeskTests {
  static let now = Instant(millisecondsSince1970: 20_625 * 86_400_000)

  static func text(_ radiation: String) -> String {
    "{\"hourly_units\":{\"shortwave_radiation\":\"W/m²\"},"
      + "\"hourly\":{\"time\":[\"2026-06-21T10:00\"],\"shortwave_radiation\":[\(radiation)]}}"
  }

  @Test("reads a file when it changes, and says once that it is gone and that it is back")
  func file() {
    let directory = TemporaryDirectory()
    let witness = Witness()
    var desk = WeatherDesk(
      .file(directory.file("weather.json")), journal: Journal { witness.add("\($0) \($1)") })
    var seen: [Irradiance?] = []
    func turn() {
      desk.turn(at: Self.now, uptime: .zero) { event in
        if case .weather(let outlook) = event { seen.append(outlook.hours.first?.radiation) }
        return true
      }
    }
    for _ in 0..<3 { turn() }
    #expect(witness.lines.count == 1)
    for content in [Self.text("500"), Self.text("60.5"), "rubbish", Self.text("0") + " "] {
      _ = directory.write("weather.json", content)
      turn()
      turn()
    }
    #expect(
      seen == [
        Irradiance(wattsPerSquareMetre: 500), Irradiance(milliwattsPerSquareMetre: 60_500), .zero,
      ])
    #expect(witness.lines.count == 4, "\(witness.lines)")
  }

  @Test("asks the web in its rhythm, ever more rarely while it fails, and says so once")
  func web() {
    let witness = Witness()
    let minutes: [Int64] = Array(0...400)
    var asked: [Int64] = []
    var isUp = true
    var seen = 0
    var minute: Int64 = 0
    let every = TimeSpan(minutes: 60)
    // The desk keeps the closure and this test is its only caller.
    let world = World()
    var desk = WeatherDesk(
      .url("https://weather.example/v1?key=secret", every: every),
      journal: Journal { witness.add("\($0) \($1)") },
      fetch: { _ in try world.answer() })
    for next in minutes {
      minute = next
      isUp = !(100..<300).contains(next)
      world.content = isUp ? Array(Self.text("500").utf8) : nil
      let before = world.asked
      desk.turn(at: Self.now, uptime: TimeSpan(minutes: minute)) { _ in
        seen += 1
        return true
      }
      if world.asked > before { asked.append(minute) }
    }
    // Lost at 120; then after 1, 2, 4, 8, 16, 32 minutes and every hour.
    #expect(asked == [0, 60, 120, 121, 123, 127, 135, 151, 183, 243, 303, 363])
    #expect(seen == 4)
    #expect(witness.lines.count == 2, "\(witness.lines)")
    #expect(witness.lines.first?.contains("weather.example/v1: no network") == true)
    #expect(witness.lines.allSatisfy { !$0.contains("secret") })
  }

  /// What the web answers; used by one thread.
  private final class World {
    var content: [UInt8]?
    var asked = 0

    func answer() throws -> [UInt8] {
      asked += 1
      guard let content else { throw RunnerError(.answer, "no network") }
      return content
    }
  }
}
