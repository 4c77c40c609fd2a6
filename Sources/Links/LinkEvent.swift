import Sealing

/// What happened on a node's links. Events of one peer come in order: up, frames, down.
public enum LinkEvent: Hashable, Sendable {
  /// The peer proved this key and welcomed ours.
  case up(PublicKey)
  case down(PublicKey, reason: String)
  /// One whole frame, 1 byte to `LinkLimits.maximumFrameBytes`.
  case frame(PublicKey, [UInt8])
  /// Someone who is no neighbour, or none we allow; one line, at most 20 of them a minute.
  case refused(reason: String)
  /// A neighbour that is dialled does not answer; told once until it does or the reason changes.
  case unreachable(PublicKey, reason: String)
}
