/// How a running job is brought to rest.
public enum PauseKind: Int64, Hashable, Sendable {
  /// Requests in flight finish.
  case drain
  /// Requests whose answers can be gone on with later are broken off, with what they have on disk;
  /// the others finish.
  case cut
}
