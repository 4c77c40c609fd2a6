import FoundationEssentials
import HeliographCore

/// How plan and days are asked for over the control socket: `COURSE PLAN`, `COURSE TODAY`,
/// `COURSE YESTERDAY`, `COURSE 2026-06-21`; answered by one line of JSON.
public enum CourseQuestion: Hashable, Sendable {
  public static let command = "COURSE"

  case plan
  case day(RecordedDay)

  /// What the word after the command asks for; nil for any other.
  public init?(_ word: String) {
    if word.uppercased() == "PLAN" {
      self = .plan
    } else {
      guard let day = RecordedDay(word) else { return nil }
      self = .day(day)
    }
  }

  /// Puts the question to the node; false when there is no room for it.
  func ask(_ queue: EventQueue, answer: @escaping @Sendable (EnergyCourse) -> Void) -> Bool {
    switch self {
    case .plan: queue.lookAtPlan(answer: answer)
    case .day(let day): queue.look(at: day, answer: answer)
    }
  }
}

/// A course as one line of JSON: powers in mW, energy in mWh, prices in millicredits per kWh, times
/// in ms since 1970, shares in thousandths; a slot by its number in quarters of an hour since 1970
/// and its `start` in ms. What is unknown is left out.
public enum CourseText {
  static func json(_ course: EnergyCourse) -> String {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(course), as: UTF8.self)
    } catch {
      return "Error: the course can't be written: \(error)"
    }
  }

  /// The course that `json` wrote; nil for any other text.
  public static func course(_ json: String) -> EnergyCourse? {
    try? JSONDecoder().decode(EnergyCourse.self, from: Data(json.utf8))
  }
}
