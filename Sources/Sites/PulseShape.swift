import Quantities

/// What a pulse must look like to be one.
///
/// S0 outputs (EN 62053-31, class A) hold a pulse for at least 30 ms and rest as long. Contacts
/// bounce for some milliseconds at both ends, and a long wire picks up shorter spikes.
public struct PulseShape: Hashable, Sendable {
  /// The line is active for so long without a break; 1 ms to 1 s.
  public let minimumPulse: TimeSpan
  /// And inactive for so long without a break before the next one; 1 ms to 1 s.
  public let minimumPause: TimeSpan

  public init(
    minimumPulse: TimeSpan = TimeSpan(milliseconds: 30),
    minimumPause: TimeSpan = TimeSpan(milliseconds: 10)
  ) {
    let range = TimeSpan(milliseconds: 1)...TimeSpan(seconds: 1)
    self.minimumPulse = minimumPulse.clamped(to: range)
    self.minimumPause = minimumPause.clamped(to: range)
  }
}
