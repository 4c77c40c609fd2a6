import HeliographCore
import Planning
import Quantities
import Runners

/// Reads a weather outlook from a file or the web and hands it to the station.
///
/// The node does without it: a loss is said once, and so is the return; meanwhile the web is asked
/// less and less often, at most every hour.
public struct WeatherDesk {
  /// The first wait after a loss; doubled from loss to loss.
  public static let firstWait = TimeSpan(minutes: 1)
  /// The longest.
  public static let longestWait = TimeSpan(minutes: 60)

  private enum Source {
    case file(WatchedFile)
    case url(String, every: TimeSpan)
  }

  private var source: Source
  private let journal: Journal
  private let fetch: (String) throws -> [UInt8]
  private var isLost = false
  private var hasOutlook = false
  private var wait = Self.firstWait
  private var askAt: TimeSpan?
  /// What the station has not taken yet.
  private var owed: WeatherOutlook?

  /// `fetch` gets a file from the web; a test gives its own.
  public init(
    _ configuration: Configuration.Weather, journal: Journal,
    fetch: @escaping (String) throws -> [UInt8] = {
      try Download.get($0, atMost: OpenMeteo.maximumBytes)
    }
  ) {
    switch configuration {
    case .file(let path):
      source = .file(WatchedFile(path: path, atMost: OpenMeteo.maximumBytes))
    case .url(let url, let every): source = .url(url, every: every)
    }
    self.journal = journal
    self.fetch = fetch
  }

  /// One look; `now` is the node's time, `uptime` real time that is never set back.
  public mutating func turn(at now: Instant, uptime: TimeSpan, _ offer: (Event) -> Bool) {
    switch source {
    case .file(var file):
      switch file.look() {
      case .unchanged: break
      case .unreadable(let reason): lose("\(file.path): can't be read: \(reason)")
      // A file is as old as it is, however often the node starts.
      case .changed(let bytes):
        _ = take(bytes, readAt: min(now, file.writtenAt ?? now), at: now, from: file.path)
      }
      source = .file(file)
    case .url(let url, let every):
      if askAt.map({ uptime >= $0 }) ?? true { ask(url, every, at: now, uptime) }
    }
    if let outlook = owed, offer(.weather(outlook)) { owed = nil }
  }

  private mutating func ask(
    _ url: String, _ every: TimeSpan, at now: Instant, _ uptime: TimeSpan
  ) {
    // What follows the name may hold a key to the service.
    let shown = String(url.prefix { $0 != "?" })
    do {
      if take(try fetch(url), readAt: now, at: now, from: shown) {
        wait = Self.firstWait
        askAt = uptime + every
        return
      }
    } catch { lose("\(shown): \(error)") }
    askAt = uptime + wait
    wait = min(wait + wait, Self.longestWait)
  }

  private mutating func take(
    _ bytes: [UInt8], readAt: Instant, at now: Instant, from place: String
  ) -> Bool {
    do throws(RunnerError) {
      owed = try OpenMeteo.outlook(bytes, readAt: readAt, at: now)
      hasOutlook = true
      if isLost { journal.line(.notice, "weather: \(place) is good again") }
      isLost = false
      return true
    } catch {
      lose("\(place): \(error.message)")
      return false
    }
  }

  private mutating func lose(_ text: String) {
    guard !isLost else { return }
    isLost = true
    let rest = hasOutlook ? "with the outlook read before, while it lasts" : "without"
    journal.line(.warning, "weather: \(text); the forecast goes on \(rest)")
  }
}
