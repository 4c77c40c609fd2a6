import Quantities
import Sites

/// A site and what it wanted saved, fed by hand.
struct SiteBench {
  static let start = Instant(millisecondsSince1970: 1_782_000_000_000)
  static func at(_ seconds: Int64) -> Instant { start + TimeSpan(seconds: seconds) }

  let devices: [SiteDevice]
  var site: Site
  var saved: [String: [UInt8]] = [:]
  /// Lines said since they were last taken.
  var lines: [String] = []
  var wakes: [DeviceName: Instant] = [:]

  init(_ devices: [SiteDevice], localTime: LocalTime = .utc) {
    self.devices = devices
    site = Site(devices: devices, localTime: localTime)
    _ = site.start(at: Self.start)
  }

  mutating func read(_ reading: DeviceReading) { perform(site.reading(reading, at: reading.at)) }

  mutating func fail(_ device: DeviceName, at now: Instant) {
    perform(site.failed(device, .silent("no answer in 2 s"), at: now))
  }

  /// The agent is killed and comes back with what it had saved.
  mutating func restart(at now: Instant, localTime: LocalTime = .utc) {
    site = Site(devices: devices, localTime: localTime)
    for (key, value) in saved.sorted(by: { $0.key < $1.key }) {
      site.restore(key: key, value: value)
    }
    _ = site.start(at: now)
  }

  mutating func takeLines() -> [String] {
    defer { lines = [] }
    return lines
  }

  private mutating func perform(_ actions: [SiteAction]) {
    for action in actions {
      switch action {
      case .say(let line): lines.append(line)
      case .save(let key, let value): saved[key] = value
      case .wake(let device, let at): wakes[device] = at
      case .read: break
      }
    }
  }
}
