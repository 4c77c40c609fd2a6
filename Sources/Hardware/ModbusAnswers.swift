import Quantities
import Sites
import Synchronization

/// What a bus read lately, so that others can be answered without asking the device again.
///
/// Answers are kept as they were read: a client gets registers of one moment or none, never halves
/// of two.
final class ModbusAnswers: Sendable {
  private struct Answer {
    let unit: UInt8
    let span: RegisterSpan
    let words: [UInt16]
    /// In nanoseconds of the steady clock.
    let read: Int64
  }

  private struct Kept {
    var answers: [Answer] = []
    /// Until when a unit is taken to be gone; under nil, all of them.
    var lost: [UInt8?: Int64] = [:]
  }

  /// The most answers that are kept; the oldest goes first.
  static let maximumCount = 256
  /// How long a device that did not answer is left alone.
  static let rest: Int64 = 5_000_000_000

  private let maximumAge: Int64
  private let kept = Mutex(Kept())
  /// Whether anybody looks at what is kept.
  private var isKept: Bool { maximumAge > 0 }

  init(maximumAge: TimeSpan) { self.maximumAge = maximumAge.milliseconds * 1_000_000 }

  /// Keeps what was read.
  func keep(_ words: [UInt16], of span: RegisterSpan, unit: UInt8, now: Int64 = Deadline.now) {
    guard isKept else { return }
    kept.withLock { kept in
      kept.answers.removeAll {
        $0.unit == unit && $0.span == span || now - $0.read > maximumAge
      }
      if kept.answers.count >= Self.maximumCount { kept.answers.removeFirst() }
      kept.answers.append(Answer(unit: unit, span: span, words: words, read: now))
    }
  }

  /// Forgets what was read from `unit`: something was written there.
  func drop(unit: UInt8) {
    kept.withLock { kept in kept.answers.removeAll { $0.unit == unit } }
  }

  /// Notes that `unit`, or nobody at all, answers.
  func lost(unit: UInt8?, now: Int64 = Deadline.now) {
    kept.withLock { $0.lost[unit] = now + Self.rest }
  }

  /// Notes that `unit` answered.
  func found(unit: UInt8) {
    kept.withLock { kept in
      guard !kept.lost.isEmpty else { return }
      kept.lost[unit] = nil
      kept.lost[nil] = nil
    }
  }

  /// Whether `unit` was lost a moment ago.
  func isLost(unit: UInt8, now: Int64 = Deadline.now) -> Bool {
    kept.withLock { kept in
      [kept.lost[unit], kept.lost[nil]].contains { until in until.map { now < $0 } ?? false }
    }
  }

  /// The words of `span` as one read brought them, if that was lately enough.
  func words(of span: RegisterSpan, unit: UInt8, now: Int64 = Deadline.now) -> [UInt16]? {
    kept.withLock { kept in
      // The last read is the one to take.
      let found = kept.answers.last {
        $0.unit == unit && $0.span.table == span.table && $0.span.address <= span.address
          && $0.span.end >= span.end && now - $0.read <= maximumAge
      }
      guard let found else { return nil }
      let start = span.address - found.span.address
      return Array(found.words[start..<(start + span.count)])
    }
  }
}
