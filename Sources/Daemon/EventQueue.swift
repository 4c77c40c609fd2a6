import Dispatch
import HeliographCore
import Planning
import Quantities
import Sealing
import Sites
import Synchronization

/// The bounded way into the effect loop, for every thread that hears something outside.
///
/// What a node can get again gives way first: frames beyond `maximumFrames` or
/// `maximumFrameBytes`, or beyond one peer's part of them, are refused (the next comparison of
/// frontiers asks for records again), and of readings, progress and engine states only the newest
/// of each source stays. A link that came or went takes what is queued of that peer's earlier link
/// with it. Texts leave room for the rest.
public final class EventQueue: Sendable {
  /// Something for the loop to take.
  enum Entry: Sendable {
    case event(Event)
    case look(Look)
  }

  public static let maximumEntries = 2048
  /// Room that texts and questions can't take.
  public static let reserve = 256
  public static let maximumFrames = 1024
  public static let maximumFrameBytes = 8 << 20
  /// The part of both that one peer's frames may take once half is taken: a flood leaves room for
  /// the others'.
  public static let sharesOfFrames = 4

  /// Frames that wait, of one peer or of all.
  private struct Frames {
    var count = 0
    var bytes = 0

    mutating func add(_ frame: [UInt8]) {
      count += 1
      bytes += frame.count
    }

    mutating func remove(_ frame: [UInt8]) {
      count -= 1
      bytes -= frame.count
    }

    /// Whether there is room for one more in such a part of the whole room.
    func takes(_ frame: [UInt8], part: Int) -> Bool {
      count < maximumFrames / part && bytes + frame.count <= maximumFrameBytes / part
    }
  }

  private struct Content {
    var entries: [Entry] = []
    var frames = Frames()
    var framesOf: [PublicKey: Frames] = [:]
    var refused = 0
    var stopped = false

    /// Drops what is queued of a peer's earlier link; frontiers are compared anew on the next.
    mutating func forget(_ peer: PublicKey) {
      entries.removeAll { entry in
        switch entry {
        case .event(.linkUp(peer)), .event(.linkDown(peer, _)): return true
        case .event(.frame(peer, let bytes)):
          frames.remove(bytes)
          return true
        default: return false
        }
      }
      framesOf[peer] = nil
    }

    /// Takes a frame's room; false when there is none for it.
    mutating func admit(_ entry: Entry) -> Bool {
      guard case .event(.frame(let peer, let frame)) = entry else { return true }
      guard frames.takes(frame, part: 1),
        frames.takes(frame, part: 2)
          || framesOf[peer, default: Frames()].takes(frame, part: sharesOfFrames)
      else { return false }
      frames.add(frame)
      framesOf[peer, default: Frames()].add(frame)
      return true
    }

    /// Gives the room of a frame back.
    mutating func release(_ entry: Entry) {
      guard case .event(.frame(let peer, let frame)) = entry else { return }
      frames.remove(frame)
      framesOf[peer]?.remove(frame)
      if framesOf[peer]?.count == 0 { framesOf[peer] = nil }
    }
  }

  private let content = Mutex(Content())
  private let bell = DispatchSemaphore(value: 0)

  public init() {}

  /// Adds an event; false when there is no room for it and it is dropped.
  @discardableResult
  public func offer(_ event: Event) -> Bool {
    add(.event(event))
  }

  /// Adds an event that somebody is owed: tries again each second until there is room.
  func deliver(_ event: Event) async {
    while !isStopped, !offer(event) { try? await Task.sleep(for: .seconds(1)) }
  }

  /// A question of a screen, answered between two events.
  enum Look: Sendable {
    case snapshot(since: Int64, answer: @Sendable (Snapshot) -> Void)
    case plan(answer: @Sendable (EnergyCourse) -> Void)
    /// A local day, or how many days before today.
    case day(RecordedDay, answer: @Sendable (EnergyCourse) -> Void)
    case jobs(answer: @Sendable ([JobReport]) -> Void)
    case account(answer: @Sendable (JobAccount) -> Void)
  }

  /// Asks for a snapshot; false when there is no room for the question.
  public func look(since: Int64, answer: @escaping @Sendable (Snapshot) -> Void) -> Bool {
    add(.look(.snapshot(since: since, answer: answer)))
  }

  /// Asks for the plan; false when there is no room for the question.
  func lookAtPlan(answer: @escaping @Sendable (EnergyCourse) -> Void) -> Bool {
    add(.look(.plan(answer: answer)))
  }

  /// Asks what became of a day; false when there is no room for the question.
  func look(at day: RecordedDay, answer: @escaping @Sendable (EnergyCourse) -> Void) -> Bool {
    add(.look(.day(day, answer: answer)))
  }

  /// Asks for the jobs; false when there is no room for the question.
  func lookAtJobs(answer: @escaping @Sendable ([JobReport]) -> Void) -> Bool {
    add(.look(.jobs(answer: answer)))
  }

  /// Asks what ended jobs came to; false when there is no room for the question.
  func lookAtAccount(answer: @escaping @Sendable (JobAccount) -> Void) -> Bool {
    add(.look(.account(answer: answer)))
  }

  private func add(_ entry: Entry) -> Bool {
    let accepted = content.withLock { content in
      if case .event(let event) = entry {
        if Self.isReplaceable(event),
          let place = content.entries.firstIndex(where: { Self.replaces(event, $0) })
        {
          content.entries[place] = entry
          return true
        }
        if let peer = Self.linkChange(event) { content.forget(peer) }
      }
      let limit = Self.maximumEntries - (Self.isQuestion(entry) ? Self.reserve : 0)
      guard content.entries.count < limit, !content.stopped, content.admit(entry) else {
        content.refused += 1
        return false
      }
      content.entries.append(entry)
      return true
    }
    if accepted { bell.signal() }
    return accepted
  }

  private static func linkChange(_ event: Event) -> PublicKey? {
    switch event {
    case .linkUp(let peer), .linkDown(let peer, _): peer
    default: nil
    }
  }

  /// Whether the entry is a text or a look: what people and programs may send without end.
  static func isQuestion(_ entry: Entry) -> Bool {
    switch entry {
    case .event(.text), .look: true
    default: false
    }
  }

  private static func isReplaceable(_ event: Event) -> Bool {
    switch event {
    case .reading, .readingFailed, .pulses, .jobProgress, .engine, .weather, .tariff: true
    default: false
    }
  }

  /// Whether the newer event makes the queued one superfluous.
  private static func replaces(_ newer: Event, _ entry: Entry) -> Bool {
    guard case .event(let older) = entry else { return false }
    switch (newer, older) {
    case (.reading(let new), .reading(let old)): return new.device == old.device
    case (.readingFailed(let new, _), .readingFailed(let old, _)): return new == old
    case (.pulses(let new), .pulses(let old)): return new.meter == old.meter
    case (.jobProgress(let new), .jobProgress(let old)): return new.job == old.job
    case (.engine, .engine), (.weather, .weather), (.tariff, .tariff): return true
    default: return false
    }
  }

  /// Takes up to `limit` entries from the front; only those that `include` takes.
  func take(atMost limit: Int, where include: (Entry) -> Bool = { _ in true }) -> [Entry] {
    content.withLock { content in
      var taken: [Entry] = []
      var kept: [Entry] = []
      for (position, entry) in content.entries.enumerated() {
        if taken.count == limit {
          kept.append(contentsOf: content.entries[position...])
          break
        }
        guard include(entry) else {
          kept.append(entry)
          continue
        }
        taken.append(entry)
        content.release(entry)
      }
      content.entries = kept
      return taken
    }
  }

  /// How many entries were refused since this was asked last.
  func takeRefusals() -> Int {
    content.withLock { content in
      defer { content.refused = 0 }
      return content.refused
    }
  }

  public var isEmpty: Bool { content.withLock { $0.entries.isEmpty } }

  /// Waits until something is added or `span` of real time has passed.
  func wait(_ span: TimeSpan) {
    let time = DispatchTime.now() + .milliseconds(Int(span.milliseconds))
    guard bell.wait(timeout: time) == .success else { return }
    // Every entry rings; one wake answers all of them.
    while bell.wait(timeout: .now()) == .success {}
  }

  /// Takes nothing more and ends the loop after what is queued.
  func stop() {
    content.withLock { $0.stopped = true }
    bell.signal()
  }

  var isStopped: Bool { content.withLock { $0.stopped } }
}
