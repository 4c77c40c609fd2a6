/// The bounds of a hub. The defaults suit boards on a radio network; tests shorten the times.
public struct LinkLimits: Hashable, Sendable {
  /// The longest frame sent: 1 MiB.
  public static let maximumFrameBytes = 1 << 20

  /// The longest frame accepted; a longer one closes the link.
  public var maximumAcceptedBytes = maximumFrameBytes
  /// What may wait to be sent to one peer before it is closed as too slow.
  public var maximumQueuedBytes = 4 << 20
  /// What may wait between the callers of `send` and the event thread, for all peers together.
  public var maximumMailboxBytes = 16 << 20
  /// Links in all, in any state.
  public var maximumLinks = 128
  /// Links that have not yet proved a key.
  public var maximumStrangers = 32
  /// From the connection to the peer's welcome.
  public var handshakeMilliseconds: Int64 = 10_000
  /// A silent link is given a sign of life this often.
  public var keepAliveMilliseconds: Int64 = 10_000
  /// A link that was not heard, or took nothing of what waits for it, for this long is closed.
  public var idleMilliseconds: Int64 = 30_000
  /// The first pause before dialling again; it doubles up to the longest, with jitter.
  public var firstRetryMilliseconds: Int64 = 500
  public var longestRetryMilliseconds: Int64 = 30_000
  /// Lines about strangers in any minute; the rest are counted.
  public var refusalsPerMinute = 20

  public init() {}
}
