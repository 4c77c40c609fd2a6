import Quantities

/// What a pulse counter knows at one moment.
///
/// The count is a sum since the counter began, so a snapshot that gets lost costs nothing: the
/// next one has all of it.
public struct PulseSnapshot: Hashable, Sendable {
  public var meter: DeviceName
  /// Pulses since the counter began.
  public var count: Int64
  /// Edges that the kernel lost or that must be missing; pulses may be missing with them.
  public var missed: Int64
  /// The latest pulses but the first of them, and the time that they took: their rate.
  public var recent: Int64
  /// Zero where `recent` is.
  public var recentSpan: TimeSpan
  /// How long ago the latest pulse was, or the beginning where there was none.
  public var quiet: TimeSpan

  public init(
    meter: DeviceName, count: Int64, missed: Int64 = 0, recent: Int64 = 0,
    recentSpan: TimeSpan = .zero, quiet: TimeSpan = .zero
  ) {
    self.meter = meter
    self.count = count
    self.missed = missed
    self.recent = recent
    self.recentSpan = recentSpan
    self.quiet = quiet
  }
}
