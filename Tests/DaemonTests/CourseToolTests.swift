import Daemon
import Glibc
import HeliographCore
import Quantities
import Testing
import Thrown

/// `heliograph plan` and `heliograph day` at a node that runs.
@Suite("Plan and day on the command line")
struct CourseToolTests {
  @Test("show a node's plan and day as bars, pictures and data, and say when there is none")
  func planAndDay() async throws {
    let house = try InstallerToolTests.House(grid: -1500)
    defer { house.server.stop() }
    let directory = house.directory
    let now = NodeClock.realTime().millisecondsSince1970
    let prices = directory.write("prices.csv", "2026-06-21T12:00:00Z,7.125\n")
    let file = directory.write(
      "node.json5",
      """
      { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
        profileDirectory: "\(InstallerToolTests.House.profiles)", timeZone: "Europe/Berlin",
        clock: { startsAt: "2026-06-21T10:00:00Z", realStart: \(now), speed: 400 },
        battery: { capacityWattHours: 10000, reservePercent: 30 }, controlSeconds: 60,
        tariff: { importPrice: 30, prices: "\(prices)",
                  importBands: [{ from: "22:00", to: "06:00", price: 12 }] },
        devices: [{ name: "inverter", host: "127.0.0.1", port: \(house.server.port),
                    profile: "growatt-sph", pollSeconds: 120 }] }
      """)
    let daemon = try DaemonProcess(configuration: file, directory: directory.path)
    let recorded = daemon.ask("COURSE TODAY") {
      $0.split(separator: "\"pv\":{\"high\":3000000").count > 2
    }
    let day = try #require(CourseText.course(recorded))
    #expect(day.slots.count == 96)
    #expect(day.slots.first?.pv == nil)
    #expect(day.slots.compactMap(\.pv).first?.middle == Power(watts: 3000))

    let node = ["--node", directory.file("node")]
    func run(_ arguments: [String]) async throws -> ToolProcess {
      try await besidePool { try ToolProcess(arguments + node, in: directory) }
    }
    let bars = try await run(["day"])
    #expect(bars.status == 0 && bars.output.contains("3.00"), "\(bars)")
    #expect(bars.output.hasPrefix("amber: Sunday 21 June 2026\n"))
    let plan = try await run(["plan"])
    #expect(plan.status == 0 && plan.output.contains("amber: the plan from Sun 21 June"))
    #expect(plan.output.contains("12.00") && plan.output.contains("30.00"), "\(plan.output)")
    let picture = directory.file("plan.svg")
    let saved = try await run(["PLAN", "--svg", picture])
    #expect(saved.status == 0)
    #expect(access(picture, R_OK) == 0)
    let drawn = try await run(["day", "today", "--svg", "-"])
    #expect(drawn.output.hasPrefix("<svg ") && drawn.output.hasSuffix("</svg>\n\n"))
    let data = try await run(["plan", "--json"])
    let course = try #require(CourseText.course(data.output))
    // The slot that ends between two looks is not shown any more.
    #expect((191...192).contains(course.slots.count))
    let slot = try #require(course.slots.first?.slot)
    let start = slot.start.millisecondsSince1970
    #expect(data.output.contains("\"slot\":{\"index\":\(slot.index),\"start\":\(start)}"))
    let listed = course.slots.contains { $0.importPrice?.rawValue == 7125 }
    let isPast = course.slots.first.map { $0.slot.start > day.at + TimeSpan(minutes: 60) } ?? true
    #expect(listed || isPast)

    let earlier = try await run(["day", "2026-06-01"])
    #expect(earlier.status == 1 && earlier.complaint.contains("begins on Sunday 21 June 2026"))
    let nowhere = try await run(["plan", "--svg", "/nowhere/plan.svg"])
    #expect(nowhere.status == 1)
    #expect(daemon.ask("COURSE")?.hasPrefix("Error: ") == true)
    #expect(daemon.ask("PLAN")?.hasPrefix("Next: ") == true, "\(daemon.ask("PLAN") ?? "")")
    #expect(daemon.end(15) == 0)
  }

  @Test(
    "say what they expect",
    arguments: [
      (["plan", "--svg"], "--svg needs a file"), (["plan", "tomorrow"], "plan knows"),
      (["day", "2026-02-30"], "day knows a date such as"),
      (["day", "--json", "--svg", "a"], "once"),
      (["day", "today", "yesterday"], "not yesterday"),
    ])
  func usage(arguments: [String], expected: String) async throws {
    let directory = TemporaryDirectory()
    let run = try await besidePool { try ToolProcess(arguments, in: directory) }
    #expect(run.status == 2 && run.complaint.contains(expected), "\(run)")
  }
}
