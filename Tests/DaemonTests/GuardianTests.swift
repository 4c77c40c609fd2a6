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
}
