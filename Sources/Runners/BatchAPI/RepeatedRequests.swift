import Sealing
import Synchronization

/// Remembers what was answered to requests that carry an `Idempotency-Key`, for a day.
///
/// In memory: after a restart a repeated request counts as a new one.
final class RepeatedRequests: Sendable {
  static let maximumEntries = 1000
  static let lifeMilliseconds: Int64 = 24 * 3600 * 1000
  static let maximumKeyBytes = 255

  private struct Entry {
    var key: String
    /// What was asked: another request under the same key is refused.
    var content: Digest
    /// Nil while it is being worked on.
    var answer: String?
    var at: Int64
  }

  enum Look: Equatable {
    case new
    /// The id of what the first request made.
    case answered(String)
    case underWay
    /// The key was used for something else.
    case other
  }

  private let entries = Mutex<[Entry]>([])

  /// Claims a key for a request, unless it was used before.
  func begin(_ key: String, content: Digest) -> Look {
    let now = SystemText.monotonicMilliseconds()
    return entries.withLock { entries in
      entries.removeAll { $0.at + Self.lifeMilliseconds < now }
      if let known = entries.first(where: { $0.key == key }) {
        guard known.content == content else { return .other }
        return known.answer.map { .answered($0) } ?? .underWay
      }
      if entries.count >= Self.maximumEntries { entries.removeFirst() }
      entries.append(Entry(key: key, content: content, answer: nil, at: now))
      return .new
    }
  }

  /// Keeps what came of a request; with nil the key is free again.
  func end(_ key: String, answer: String?) {
    entries.withLock { entries in
      guard let place = entries.firstIndex(where: { $0.key == key }) else { return }
      if let answer { entries[place].answer = answer } else { entries.remove(at: place) }
    }
  }

  /// The key of a request; nil where it has none.
  static func key(of request: HTTPRequest) throws(HTTPRefusal) -> String? {
    guard let key = request[field: "idempotency-key"], !key.isEmpty else { return nil }
    guard key.utf8.count <= maximumKeyBytes else {
      throw HTTPRefusal(.refusal(400, "Idempotency-Key: expected at most 255 bytes"))
    }
    return request.path + " " + key
  }

  /// What a client is told whose key can't be used; nil where it can.
  static func refusal(_ look: Look) -> HTTPResponse? {
    switch look {
    case .new, .answered: nil
    case .underWay:
      .refusal(409, "the first request with this Idempotency-Key is under way", isLasting: false)
    case .other: .refusal(400, "this Idempotency-Key was used for another request")
    }
  }
}
