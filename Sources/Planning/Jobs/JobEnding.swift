/// How a job came to its end.
public enum JobEnding: Int64, Hashable, Sendable {
  /// Every request has its line in results or errors.
  case completed = 0
  /// The owner or the client took it back; what was done by then is kept.
  case cancelled = 1
  /// Its time was over; each request left has its line in the errors.
  case expired = 2

  /// One word for a person, and for the Batch API.
  public var text: String {
    switch self {
    case .completed: "completed"
    case .cancelled: "cancelled"
    case .expired: "expired"
    }
  }
}
