import Quantities

/// Counts the pulses in a line's edges by the kernel's times alone: bounces and spikes are none.
///
/// A pulse is counted when the line was active for the minimum without a break, once until it was
/// inactive for the minimum without a break. How late the edges are looked at makes no difference.
/// What can't be known, because edges were lost in between, is not counted, and said.
public struct PulseCounter: Hashable, Sendable {
  /// The most pulses, and the longest time, that the rate is taken from.
  static let rateLimit = 16
  static let rateNanoseconds: Int64 = 10_000_000_000

  public let shape: PulseShape
  /// Pulses since the counter began.
  public private(set) var count: Int64 = 0
  /// Edges known to be missing.
  public private(set) var missed: Int64 = 0
  private var latest: LineEdge?
  /// Whether the present pulse is counted already.
  private var isCounted = false
  /// Whether the latest edge said the same as the one before, long after it.
  private var isDoubtful = false
  private let began: Int64
  /// When the latest pulses began, in order, in nanoseconds.
  private var times: [Int64] = []

  /// A counter that begins now, on the clock of the edges.
  public init(shape: PulseShape, atNanoseconds now: Int64) {
    self.shape = shape
    began = now
  }

  /// Takes the next edge, in the order in which they came.
  public mutating func take(_ edge: LineEdge) {
    defer { latest = edge }
    if let number = edge.number, let before = latest?.number, number != before &+ 1 {
      // What the line did meanwhile is unknown, so the time up to this edge says nothing.
      missed += Int64(number &- before &- 1)
      return
    }
    guard let latest else { return }
    let span = edge.nanoseconds - latest.nanoseconds
    let pause = shape.minimumPause.milliseconds * 1_000_000
    if latest.isActive {
      if span >= shape.minimumPulse.milliseconds * 1_000_000, !isCounted {
        isCounted = true
        count += 1
        note(latest.nanoseconds)
      }
    } else if span >= pause {
      isCounted = false
    }
    // In a bounce the kernel may read a level late, and two edges in a row say the same. Where no
    // bounce is near, before or after, an edge is missing: the kernel numbers what it passes on,
    // and of two that came before it looked it passes on one.
    if isDoubtful, span >= pause { missed += 1 }
    isDoubtful = edge.isActive == latest.isActive && span >= pause
  }

  /// The line was away: what it did since the latest edge is unknown.
  public mutating func interrupt() {
    missed += 1
    latest = nil
  }

  private mutating func note(_ time: Int64) {
    times.append(time)
    while times.count > 2,
      times.count > Self.rateLimit || time - times[0] > Self.rateNanoseconds
    { times.removeFirst() }
  }

  /// What is known at this moment on the clock of the edges.
  public func snapshot(meter: DeviceName, atNanoseconds now: Int64) -> PulseSnapshot {
    let first = times.first ?? began
    let last = times.last ?? began
    return PulseSnapshot(
      meter: meter, count: count, missed: missed, recent: Int64(max(0, times.count - 1)),
      recentSpan: TimeSpan(milliseconds: (last - first) / 1_000_000),
      quiet: TimeSpan(milliseconds: max(0, now - last) / 1_000_000))
  }
}
