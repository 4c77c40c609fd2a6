import Quantities

/// What `CHARGE`, `DISCHARGE` and `EXPORT` are followed by: power, time and perhaps a device.
enum GrammarSteering {
  /// More than any household's battery or connection, W.
  private static let watts: ClosedRange<Int64> = 0...100_000
  /// A day, in minutes.
  private static let minutes: ClosedRange<Int64> = 1...1440

  static func command(
    _ word: TextCommand.Word, _ arguments: [String]
  ) throws(GrammarError) -> TextCommand {
    let power = try power(arguments[0], word)
    var rest = arguments.dropFirst()
    var duration: TimeSpan?
    // A device may be called 2H; it then follows a time, or stands in for none after EXPORT.
    if let text = rest.first, word != .export || isDuration(text) {
      duration = try self.duration(text, word)
      rest = rest.dropFirst()
    }
    guard rest.count <= 1 else {
      let extra = SMSAlphabet.fitted(arguments[1], septets: 16)
      throw GrammarError("\"\(extra)\" is no time. \(word.usage)")
    }
    let device = rest.first
    switch (word, duration) {
    case (.charge, .some(let duration)): return .charge(power, duration, device: device)
    case (.discharge, .some(let duration)): return .discharge(power, duration, device: device)
    default: return .export(power, duration, device: device)
    }
  }

  /// "1500W", "1500" or "1.5KW".
  private static func power(
    _ text: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> Power {
    let upper = text.uppercased()
    if upper.hasSuffix("KW"), let watts = thousandths(upper.dropLast(2)) {
      guard Self.watts.contains(watts) else { throw outOfRange(text, word) }
      return Power(watts: watts)
    }
    let digits = upper.hasSuffix("W") ? upper.dropLast() : upper[...]
    guard isNumber(digits), let watts = Int64(digits) else {
      throw GrammarError(
        "\"\(SMSAlphabet.fitted(text, septets: 12))\" is no power. \(word.usage)")
    }
    guard Self.watts.contains(watts) else { throw outOfRange(text, word) }
    return Power(watts: watts)
  }

  private static func outOfRange(_ text: String, _ word: TextCommand.Word) -> GrammarError {
    GrammarError(
      "\"\(SMSAlphabet.fitted(text, septets: 12))\" is not 0 to 100 kW. \(word.usage)")
  }

  /// "2H", "30MIN" or "30M".
  private static func duration(
    _ text: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> TimeSpan {
    guard let (number, unit) = parts(text) else {
      throw GrammarError(
        "\"\(SMSAlphabet.fitted(text, septets: 12))\" is no time. \(word.usage)")
    }
    let count = number <= 1440 ? number * unit : Int64.max
    guard minutes.contains(count) else {
      throw GrammarError("a time is 1MIN to 24H. \(word.usage)")
    }
    return TimeSpan(minutes: count)
  }

  private static func isDuration(_ text: String) -> Bool { parts(text) != nil }

  /// The number, and how many minutes one of it is.
  private static func parts(_ text: String) -> (Int64, Int64)? {
    let upper = text.uppercased()
    for (suffix, minutes) in [("MIN", 1), ("H", 60), ("M", 1)] as [(String, Int64)]
    where upper.hasSuffix(suffix) {
      let digits = upper.dropLast(suffix.count)
      guard isNumber(digits), let number = Int64(digits) else { return nil }
      return (number, minutes)
    }
    return nil
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
  }

  /// "1.5" as 1500; at most three digits after the point.
  private static func thousandths(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy(isNumber), let whole = Int64(parts[0]),
      whole <= 1_000_000
    else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard fraction.count <= 3,
      let part = Int64(fraction + String(repeating: "0", count: 3 - fraction.count))
    else { return nil }
    return whole * 1000 + part
  }
}
