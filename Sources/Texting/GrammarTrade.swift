import Quantities

/// What `SELL` and `BUY` are followed by: energy, a price a kWh and perhaps a time of day.
enum GrammarTrade {
  /// In Wh; more than any house moves in a quarter of an hour.
  private static let wattHours: ClosedRange<Int64> = 0...100_000

  static func command(
    _ word: TextCommand.Word, _ arguments: [String]
  ) throws(GrammarError) -> TextCommand {
    let energy = try energy(arguments[0], word)
    var rest = Array(arguments.dropFirst())
    var price = Price.zero
    if energy > .zero {
      guard let text = rest.first else { throw GrammarError("no price. \(word.usage)") }
      price = Price(rawValue: try Grammar.credits(text, word).rawValue)
      rest.removeFirst()
    } else if let text = rest.first, text.uppercased() != "AT" {
      // "SELL 0 12" means the same as "SELL 0".
      _ = try Grammar.credits(text, word)
      rest.removeFirst()
    }
    var minute: Int64?
    if !rest.isEmpty {
      guard rest.count == 2, rest[0].uppercased() == "AT" else {
        throw GrammarError("after the price only AT hh:mm may stand. \(word.usage)")
      }
      minute = try Grammar.minuteOfDay(rest[1], "AT", word)
    }
    return word == .sell
      ? .sell(energy, price, atMinuteOfDay: minute) : .buy(energy, price, atMinuteOfDay: minute)
  }

  /// "500WH", "500" or "0.5KWH".
  private static func energy(
    _ text: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> Energy {
    let upper = text.uppercased()
    let shown = SMSAlphabet.fitted(text, septets: 12)
    let isKilo = upper.hasSuffix("KWH")
    let digits = isKilo ? upper.dropLast(3) : upper.hasSuffix("WH") ? upper.dropLast(2) : upper[...]
    let milli: Credits
    // Thousandths of a kWh are Wh; the same form as an amount of credits.
    do { milli = try Grammar.credits(String(digits), word) } catch {
      throw GrammarError("\"\(shown)\" is no energy. \(word.usage)")
    }
    let count = isKilo ? milli.rawValue : milli.rawValue / 1000
    guard isKilo || milli.rawValue % 1000 == 0, wattHours.contains(count) else {
      throw GrammarError("\"\(shown)\" is not 0 to 100 kWh in whole Wh. \(word.usage)")
    }
    return Energy(wattHours: count)
  }
}
