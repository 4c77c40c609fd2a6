import Daemon
import Testing

@Suite struct GuardianTests {
  struct Case: Sendable {
    let guardian: Guardian?
    let isService: Bool
    let hasWatchdog: Bool
    /// Nil: it can be counted on.
    let gap: String?
  }

  @Test(
    "a guardian that is only a word in a file is none",
    arguments: [
      Case(guardian: nil, isService: true, hasWatchdog: true, gap: "no guardian is named"),
      Case(guardian: .systemd, isService: true, hasWatchdog: false, gap: nil),
      Case(
        guardian: .systemd, isService: false, hasWatchdog: true, gap: "systemd did not start"),
      Case(guardian: .watchdog, isService: true, hasWatchdog: true, gap: nil),
      Case(guardian: .watchdog, isService: true, hasWatchdog: false, gap: "RuntimeWatchdogSec"),
      Case(
        guardian: .watchdog, isService: false, hasWatchdog: true, gap: "systemd did not start"),
    ])
  func gaps(_ one: Case) {
    let gap = Guardian.gap(
      one.guardian,
      surroundings: .init(isService: one.isService, hasWatchdog: one.hasWatchdog))
    if let part = one.gap {
      #expect(gap?.contains(part) == true)
    } else {
      #expect(gap == nil)
    }
  }

  @Test("the guardian takes the relays' lines too, and says where it can't")
  func relays() throws {
    let directory = TemporaryDirectory()
    let program = try #require(DaemonProcess.program)
    let file = directory.write(
      "node.json5",
      """
      { name: "amber", community: "lane", dataDirectory: "\(directory.file("none"))",
        relays: [{ name: "boiler", line: "NO-SUCH-LINE", mode: "manual" }] }
      """)
    let run = try ChildRun(
      [program, "--config", file, "--safe-state"], output: directory.file("output"))
    #expect(run.wait() == 1)
    let text = run.lines.joined(separator: "\n")
    #expect(text.contains("relays may be on: "))
    #expect(text.contains("no device is configured to be steered"))
  }
}
