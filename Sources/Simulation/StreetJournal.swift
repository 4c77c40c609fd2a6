import HeliographCore
import Quantities
import Texting

/// The decisions of all nodes, merged into one list in order of time.
///
/// Nodes are asked in turn, so what one poll brings, and what the street noted since the last one,
/// is sorted by time before it is appended; between two polls the order is that of the polls.
public struct StreetJournal: Sendable {
  /// How many events are kept for the screen; older ones are dropped.
  public static let limit = 400

  /// The latest events, oldest first.
  public private(set) var events: [StreetEvent] = []
  /// How many events there have been, with those dropped since.
  public private(set) var count = 0

  private struct Source {
    var house: String
    var serial: Int64 = 0
    /// Decisions from before belong to the node's last life and were shown then.
    var notBefore: Instant = .distantPast
  }
  private var sources: [Source] = []
  private var noted: [StreetEvent] = []

  public init() {}

  /// The last serial taken from `house`: what the next `SNAPSHOT` asks for.
  public func serial(of house: String) -> Int64 {
    sources.first { $0.house == house }?.serial ?? 0
  }

  /// Takes what one poll of the street brought; each decision is taken once.
  public mutating func take(_ snapshots: [(house: String, snapshot: Snapshot)]) {
    // What an owner typed at one moment stands before what the node made of it.
    var fresh = noted.map { (event: $0, serial: Int64(0)) }
    noted = []
    for (house, snapshot) in snapshots {
      let index = source(of: house)
      for decision in snapshot.decisions where decision.serial > sources[index].serial {
        sources[index].serial = decision.serial
        guard decision.at >= sources[index].notBefore else { continue }
        let event = StreetEvent(
          house: house, at: decision.at, text: decision.text, topic: decision.topic)
        fresh.append((event, decision.serial))
      }
    }
    fresh.sort {
      ($0.event.at, $0.event.house, $0.serial) < ($1.event.at, $1.event.house, $1.serial)
    }
    events += fresh.map(\.event)
    count += fresh.count
    if events.count > StreetJournal.limit {
      events.removeFirst(events.count - StreetJournal.limit)
    }
  }

  /// Notes an event of the street itself; the next `take` puts it in its place.
  public mutating func note(_ event: StreetEvent) { noted.append(event) }

  /// The node of `house` was started again at `at`: its serials may begin anew.
  public mutating func restarted(_ house: String, at: Instant) {
    let index = source(of: house)
    sources[index].serial = 0
    sources[index].notBefore = at
  }

  private mutating func source(of house: String) -> Int {
    if let index = sources.firstIndex(where: { $0.house == house }) { return index }
    sources.append(Source(house: house))
    return sources.count - 1
  }
}
