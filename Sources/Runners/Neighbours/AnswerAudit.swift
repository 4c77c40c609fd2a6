/// Whether an answer can be a given model's, told from what that model says when it goes on from
/// the answer's own words.
///
/// To compare two answers as they are will not do. Other hardware, another build, or only another
/// number of requests at once rounds differently, and where two words are nearly as likely, the
/// same model takes another one; from there on the two answers have nothing in common. (Measured:
/// of six answers of a 270M model, two at once and then each alone, on one machine, two went other
/// ways within 20 bytes.) So where the model departs from the answer it is given the answer's next
/// word and asked to go on from there. The same model departs seldom; another one again and again.
package struct AnswerAudit {
  package enum Verdict: Hashable {
    case passed, failed
    /// Too little was said to tell one model from another.
    case undecided
  }

  package enum Step: Hashable {
    /// Have the model go on after so many bytes of the answer.
    case goOn(after: Int)
    case ended(Verdict)
  }

  /// An answer of fewer bytes may depart once by chance, and that is no finding either way.
  static let tellingLength = 64
  /// How far the next word may be.
  private static let longestWord = 24

  private let text: [UInt8]
  /// Whether the model can be asked to go on from the middle.
  private let canGoOn: Bool
  private var held = 0
  private var departures = 0

  package init(_ text: String, canGoOn: Bool) {
    self.text = Array(text.utf8)
    self.canGoOn = canGoOn
  }

  /// What the same model may do: twice, and once more for each 64 bytes.
  private var allowed: Int { 2 + text.count / Self.tellingLength }

  /// The answer's words that the model goes on after.
  package var heldText: String { String(decoding: text.prefix(held), as: UTF8.self) }

  /// Takes what the model says after `heldText`.
  package mutating func take(_ words: String) -> Step {
    let common = zip(text.dropFirst(held), words.utf8).prefix { $0 == $1 }.count
    held += common
    guard held < text.count else { return .ended(conclusion) }
    departures += 1
    guard canGoOn else {
      // Nothing can be said against an answer by its beginning alone.
      return .ended(held >= Self.tellingLength ? .passed : .undecided)
    }
    guard departures <= allowed else { return .ended(.failed) }
    held = nextWord
    return held < text.count ? .goOn(after: held) : .ended(conclusion)
  }

  private var conclusion: Verdict {
    departures == 0 || text.count >= Self.tellingLength ? .passed : .undecided
  }

  /// Where the word that the model departed at ends: before a space, so that the model has its
  /// words whole, or before a character where there is none.
  private var nextWord: Int {
    let next = held + 1
    let end = min(text.count, next + Self.longestWord)
    if let space = text[next..<end].firstIndex(where: { $0 == 0x20 || $0 == 0x0A }) {
      return space
    }
    guard end < text.count else { return text.count }
    return text[next...].firstIndex { $0 & 0xC0 != 0x80 } ?? text.count
  }
}
