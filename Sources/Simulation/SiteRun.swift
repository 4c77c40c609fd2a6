import Quantities
import Sites

/// A site on a clock of its own: asks its devices when it wants to, as fast as they are answered.
///
/// Whoever runs it performs the readings, over a real wire or straight from a simulated device.
public struct SiteRun: Sendable {
  /// The most lines that are kept.
  private static let mostLines = 10_000

  /// A line of the site, and when it was said.
  public struct Line: Hashable, Sendable {
    public let at: Instant
    public let text: String
  }

  public private(set) var site: Site
  public private(set) var now: Instant
  /// What the site said, oldest first.
  public private(set) var lines: [Line] = []
  /// Values that the site wanted kept: what a restart would be given.
  public private(set) var saved: [String: [UInt8]] = [:]
  private let names: [DeviceName]
  private var wakes: [DeviceName: Instant] = [:]
  private var questions: [DeviceName] = []

  /// Starts the site at `instant`.
  public init(_ site: Site, at instant: Instant) {
    self.site = site
    now = instant
    names = site.devices.map(\.name)
    take(self.site.start(at: instant))
  }

  /// Lets time pass until the site asks a device, and says which; nil when `end` comes first.
  public mutating func nextQuestion(until end: Instant) -> DeviceName? {
    while questions.isEmpty {
      var next: (name: DeviceName, at: Instant)?
      for name in names {
        guard let at = wakes[name], at < next?.at ?? .distantFuture else { continue }
        next = (name, at)
      }
      guard let next, next.at < end else {
        now = max(now, end)
        return nil
      }
      now = max(now, next.at)
      wakes[next.name] = nil
      take(site.timer(next.name, at: now))
    }
    return questions.removeFirst()
  }

  /// What came of a question to `device`.
  public mutating func answer(_ result: Result<DeviceReading, DeviceFault>, from device: DeviceName)
  {
    switch result {
    case .success(let reading): take(site.reading(reading, at: now))
    case .failure(let fault): take(site.failed(device, fault, at: now))
    }
  }

  private mutating func take(_ actions: [SiteAction]) {
    for action in actions {
      switch action {
      case .read(let name): questions.append(name)
      case .wake(let name, let at): wakes[name] = at
      case .say(let text):
        if lines.count < Self.mostLines { lines.append(Line(at: now, text: text)) }
      case .save(let key, let value): saved[key] = value
      }
    }
  }
}
