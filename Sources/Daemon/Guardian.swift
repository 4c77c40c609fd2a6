import Glibc

/// What gives steered devices back when the agent was killed and can write nothing any more.
///
/// A name in a file guards nothing, so what it stands for is looked at when the node starts.
public enum Guardian: String, Hashable, Sendable, CaseIterable {
  /// systemd runs `heliographd --safe-state` whenever the agent ended (the unit's ExecStopPost).
  case systemd
  /// That, and the board's watchdog resets a board that hangs; the node then starts and releases.
  case watchdog

  /// What of the machine a guardian rests on.
  public struct Surroundings: Hashable, Sendable {
    /// Whether systemd started this process.
    public var isService: Bool
    /// Whether a hardware watchdog counts.
    public var hasWatchdog: Bool

    public init(isService: Bool, hasWatchdog: Bool) {
      self.isService = isService
      self.hasWatchdog = hasWatchdog
    }

    /// As they are: systemd names each of its services' invocations (systemd.exec(5)), and the
    /// kernel says of each watchdog whether it is active (Documentation/ABI, sysfs-class-watchdog).
    public static func system() -> Surroundings {
      let states = (0..<4).map { "/sys/class/watchdog/watchdog\($0)/state" }
      let isActive = states.contains { path in
        guard let bytes = try? FileAccess.read(path, atMost: 64) else { return false }
        return String(decoding: bytes, as: UTF8.self).hasPrefix("active")
      }
      return Surroundings(isService: getenv("INVOCATION_ID") != nil, hasWatchdog: isActive)
    }
  }

  /// Why no guardian can be counted on and what to do about it; nil where there is one.
  public static func gap(_ guardian: Guardian?, surroundings: Surroundings) -> String? {
    switch guardian {
    case nil: "no guardian is named: set guardian: \"systemd\""
    case .some where !surroundings.isService:
      "systemd did not start this node: systemctl start heliographd"
    case .watchdog where !surroundings.hasWatchdog:
      "no watchdog counts: set RuntimeWatchdogSec=15 in systemd's system.conf"
    case .some: nil
    }
  }
}
