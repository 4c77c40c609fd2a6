import Planning
import Quantities

/// Measures how fast an engine answers one job's requests.
struct PaceMeter {
  /// A new answer moves the mean by an eighth, so that one odd request is no news.
  private static let weight: Int64 = 8

  private var answers = 0
  private var requestMilliseconds: Int64 = 0
  private var generation: Int64?
  private var reading: Int64?

  /// What one exchange took, in milliseconds of the monotonic clock.
  struct Times {
    var sent: Int64
    /// When the first of the answer came; nil where nothing was streamed.
    var first: Int64?
    var ended: Int64
  }

  mutating func take(_ times: Times, promptTokens: Int64?, completionTokens: Int64?) {
    answers += 1
    requestMilliseconds = Self.mean(
      answers > 1 ? requestMilliseconds : nil, max(0, times.ended - times.sent))
    guard let first = times.first else { return }
    if let promptTokens, promptTokens > 0, first > times.sent {
      reading = Self.mean(reading, min(promptTokens, 1 << 32) * 1_000_000 / (first - times.sent))
    }
    // The first token came with the reading.
    if let completionTokens, completionTokens > 1, times.ended > first {
      let tokens = min(completionTokens, 1 << 32) - 1
      generation = Self.mean(generation, tokens * 1_000_000 / (times.ended - first))
    }
  }

  /// The means so far; nil before the first answer.
  func pace(continues: Bool) -> EnginePace? {
    guard answers > 0 else { return nil }
    return EnginePace(
      answers: answers, request: TimeSpan(milliseconds: requestMilliseconds),
      generation: generation, reading: reading, continues: continues)
  }

  private static func mean(_ before: Int64?, _ latest: Int64) -> Int64 {
    before.map { $0 + (latest - $0) / weight } ?? latest
  }
}
