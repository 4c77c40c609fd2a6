import Planning
import Quantities

/// What a batch may say of itself that the OpenAI API has no word for, each with its bounds.
struct BatchOptions: Hashable, Sendable {
  /// What the engine's machine draws while it works, W, 1 to 100,000.
  var power: Power?
  /// Higher goes first, -100 to 100.
  var priority: Int64 = 0
  /// What it is worth to have it done, credits with at most three decimals, above 0.
  var value: Credits?
  /// Whether it runs to its end once it was started.
  var isFixed = false

  static let names = ["watts", "priority", "value", "fixed"]

  /// Something that breaks a bound, by the option's name.
  struct Failure: Error, Hashable {
    var name: String
    var expected: String
  }

  /// Sets the option of this name from its text.
  mutating func set(_ name: String, _ text: String) throws(Failure) {
    switch name {
    case "watts":
      guard let watts = Int64(text), (1...100_000).contains(watts) else {
        throw Failure(name: name, expected: "watts from 1 to 100000")
      }
      power = Power(watts: watts)
    case "priority":
      guard let number = Int64(text), (-100...100).contains(number) else {
        throw Failure(name: name, expected: "a whole number from -100 to 100")
      }
      priority = number
    case "value":
      guard let credits = Self.credits(text), credits > .zero else {
        throw Failure(name: name, expected: "credits above 0, such as 0.10")
      }
      value = credits
    case "fixed":
      guard text == "true" || text == "false" else {
        throw Failure(name: name, expected: "true or false")
      }
      isFixed = text == "true"
    default:
      throw Failure(name: name, expected: "one of \(Self.names.joined(separator: ", "))")
    }
  }

  /// The span that a completion window says: `90m`, `24h` or `7d`, up to 30 days.
  static func window(_ text: String) -> TimeSpan? {
    let unit: Int64
    switch text.last {
    case "m": unit = 1
    case "h": unit = 60
    case "d": unit = 1440
    default: return nil
    }
    let digits = text.dropLast()
    guard (1...5).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
      number > 0, number * unit <= 30 * 1440
    else { return nil }
    return TimeSpan(minutes: number * unit)
  }

  private static func credits(_ text: String) -> Credits? {
    let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let decimals: Substring = halves.count > 1 ? halves[1] : ""
    var digits = String(halves[0])
    digits += decimals
    digits += String(repeating: "0", count: max(0, 3 - decimals.count))
    guard !halves[0].isEmpty, decimals.count <= 3, digits.utf8.count <= 12,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits)
    else { return nil }
    return Credits(millicredits: number)
  }
}
