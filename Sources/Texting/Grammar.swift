import Planning
import Quantities

/// The one grammar of text messages, serial console and command line.
///
/// Case does not matter, a command may be cut to any beginning that is its alone (`ST`), and `?`
/// is `HELP`. A name with spaces stands in double quotes.
public enum Grammar {
  /// The longest line that is read, in bytes of UTF-8.
  public static let maximumLineBytes = 1024

  /// Reads one line; throws what was expected, with an example.
  public static func parse(
    _ line: String, origin: TextMessage.Origin
  ) throws(GrammarError) -> TextCommand {
    guard line.utf8.count <= maximumLineBytes else {
      throw GrammarError("that line is too long. HELP lists the commands.")
    }
    var words = try words(of: line)
    guard !words.isEmpty else {
      throw GrammarError("nothing was typed. Example: STATUS. HELP lists the commands.")
    }
    let word = try commandWord(words.removeFirst())
    if case .sms = origin, !word.reads {
      throw GrammarError("SMS may only read. Type it on the board or the console.")
    }
    return try command(word, arguments: words)
  }

  /// `name` as it must be typed to be read as one word.
  public static func quoted(_ name: String) -> String {
    let isPlain =
      !name.isEmpty
      && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && !quotes.contains($0) }
    guard !isPlain else { return name }
    var result = "\""
    for character in name {
      if character == "\"" || character == "\\" { result.append("\\") }
      result.append(character)
    }
    return result + "\""
  }

  /// Phones type curly quotes unasked.
  private static let quotes: Set<Unicode.Scalar> = ["\"", "“", "”", "„"]

  private static func words(of line: String) throws(GrammarError) -> [String] {
    var words: [String] = []
    var word = ""
    var isInWord = false
    var opening: Unicode.Scalar?
    var isEscaped = false
    for scalar in line.unicodeScalars {
      if isEscaped {
        if scalar != "\"" && scalar != "\\" { word.unicodeScalars.append("\\") }
        word.unicodeScalars.append(scalar)
        isEscaped = false
      } else if opening != nil, scalar == "\\" {
        isEscaped = true
      } else if let quote = opening, quotes.contains(scalar), quote != "\"" || scalar == quote {
        opening = nil
      } else if opening == nil, quotes.contains(scalar) {
        opening = scalar
        isInWord = true
      } else if opening == nil, scalar.properties.isWhitespace || scalar.value < 32 {
        if isInWord { words.append(word) }
        word = ""
        isInWord = false
      } else {
        word.unicodeScalars.append(scalar)
        isInWord = true
      }
    }
    guard opening == nil else {
      throw GrammarError("a quote is open. Example: RUN \"my photos.jsonl\"")
    }
    if isInWord { words.append(word) }
    return words
  }

  /// What follows a limit: GROW 25 TO 20, or nothing.
  private static func growth(
    _ words: [String], above amount: Credits
  ) throws(GrammarError) -> LimitGrowth? {
    guard !words.isEmpty else { return nil }
    let usage = TextCommand.Word.limit.usage
    guard words.count == 4, words[0].uppercased() == "GROW", words[2].uppercased() == "TO" else {
      throw GrammarError("after the credits only GROW percent TO credits may stand. \(usage)")
    }
    let percent = words[1].hasSuffix("%") ? String(words[1].dropLast()) : words[1]
    let growth = LimitGrowth(
      percent: try number(percent, "percent", 1...100, .limit),
      ceiling: try credits(words[3], .limit))
    guard growth.ceiling >= amount else {
      throw GrammarError("it would grow to less than it is. \(usage)")
    }
    return growth
  }

  /// An amount above zero.
  private static func someCredits(
    _ text: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> Credits {
    let amount = try credits(text, word)
    guard amount > .zero else { throw GrammarError("nothing is no amount. \(word.usage)") }
    return amount
  }

  /// One letter for what is asked most, whatever else begins with it.
  private static let shortest: [String: TextCommand.Word] = [
    "S": .status, "B": .balance, "W": .why,
  ]

  static func commandWord(_ typed: String) throws(GrammarError) -> TextCommand.Word {
    if typed == "?" { return .help }
    var upper = typed.uppercased()
    while let last = upper.last, last == "." || last == "!" || last == "," { upper.removeLast() }
    if let exact = TextCommand.Word(rawValue: upper) ?? shortest[upper] { return exact }
    let words = TextCommand.Word.allCases
    let matches = words.filter { !upper.isEmpty && $0.rawValue.hasPrefix(upper) }
    if let match = matches.first, matches.count == 1 { return match }
    let shown = SMSAlphabet.fitted(typed, septets: 20)
    guard matches.isEmpty else {
      let names = matches.map(\.rawValue).joined(separator: " or ")
      throw GrammarError("\"\(shown)\" may be \(names). Type a letter more.")
    }
    throw GrammarError("\"\(shown)\" is no command. Example: STATUS. HELP lists the commands.")
  }

  private static func command(
    _ word: TextCommand.Word, arguments: [String]
  ) throws(GrammarError) -> TextCommand {
    let allowed: ClosedRange<Int>
    switch word {
    case .status, .today, .plan, .jobs, .trades, .balance, .peers, .relays, .auto, .offers:
      allowed = 0...0
    case .sell, .buy: allowed = 1...4
    case .why, .help, .pause, .resume: allowed = 0...1
    case .job, .reserve, .cancel, .waive: allowed = 1...1
    case .relay, .paid, .got, .unpaid: allowed = 2...2
    case .limit: allowed = 2...6
    case .run: allowed = 1...16
    case .charge, .discharge: allowed = 2...3
    case .export: allowed = 1...3
    }
    guard allowed.contains(arguments.count) else {
      guard arguments.count >= allowed.lowerBound else {
        throw GrammarError("more is needed. \(word.usage)")
      }
      let extra = SMSAlphabet.fitted(arguments[allowed.upperBound], septets: 20)
      throw GrammarError("\"\(extra)\" is too much. \(word.usage)")
    }
    switch word {
    case .status: return .status
    case .today: return .today
    case .plan: return .plan
    case .jobs: return .jobs
    case .trades: return .trades
    case .balance: return .balance
    case .peers: return .peers
    case .relays: return .relays
    case .offers: return .offers
    case .sell, .buy: return try GrammarTrade.command(word, arguments)
    case .relay: return .relay(arguments[0], on: try onOrOff(arguments[1], word))
    case .job: return .job(try jobNumber(arguments[0], word))
    case .why:
      guard let text = arguments.first else { return .why(1) }
      return .why(Int(try number(text, "steps back", 1...1000, word)))
    case .help:
      guard let text = arguments.first else { return .help(nil) }
      return .help(try commandWord(text))
    case .pause, .resume:
      var job: JobNumber?
      if let text = arguments.first { job = try jobNumber(text, word) }
      return word == .pause ? .pause(job) : .resume(job)
    case .cancel: return .cancel(try jobNumber(arguments[0], word))
    case .reserve:
      let text = arguments[0].hasSuffix("%") ? String(arguments[0].dropLast()) : arguments[0]
      return .reserve(StateOfCharge(percent: try number(text, "percent", 0...100, word)))
    case .limit:
      let amount = try credits(arguments[1], word)
      let growth = try growth(Array(arguments[2...]), above: amount)
      return .limit(neighbour: arguments[0], amount, growing: growth)
    case .paid: return .paid(neighbour: arguments[0], try someCredits(arguments[1], word))
    case .got: return .got(neighbour: arguments[0], try someCredits(arguments[1], word))
    case .unpaid: return .unpaid(neighbour: arguments[0], try credits(arguments[1], word))
    case .waive: return .waive(neighbour: arguments[0])
    case .run: return .run(try GrammarRun.request(arguments))
    case .charge, .discharge, .export: return try GrammarSteering.command(word, arguments)
    case .auto: return .auto
    }
  }

  /// "18:00" as minutes of the day, for the option of that name.
  static func minuteOfDay(
    _ text: String, _ option: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> Int64 {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
      let hour = Int64(parts[0]), let minute = Int64(parts[1]), (0...23).contains(hour),
      (0...59).contains(minute)
    else {
      let shown = SMSAlphabet.fitted(text, septets: 12)
      throw GrammarError("\(option) \"\(shown)\" is no time of day. \(word.usage)")
    }
    return hour * 60 + minute
  }

  private static func onOrOff(
    _ text: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> Bool {
    switch text.uppercased() {
    case "ON": return true
    case "OFF": return false
    default:
      let shown = SMSAlphabet.fitted(text, septets: 16)
      throw GrammarError("\"\(shown)\" is not ON or OFF. \(word.usage)")
    }
  }

  static func jobNumber(
    _ text: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> JobNumber {
    JobNumber(try number(text, "job number", 1...999_999, word))
  }

  static func number(
    _ text: String, _ what: String, _ range: ClosedRange<Int64>, _ word: TextCommand.Word
  ) throws(GrammarError) -> Int64 {
    let shown = SMSAlphabet.fitted(text, septets: 16)
    guard let value = Int64(text) else {
      throw GrammarError("\(what) \"\(shown)\" is no whole number. \(word.usage)")
    }
    guard range.contains(value) else {
      throw GrammarError(
        "\(what) \"\(shown)\" is not \(range.lowerBound) to \(range.upperBound). \(word.usage)")
    }
    return value
  }

  /// Credits with up to three decimals, never negative, at most a million.
  static func credits(
    _ text: String, _ word: TextCommand.Word
  ) throws(GrammarError) -> Credits {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isNumber =
      (1...2).contains(parts.count)
      && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
    if isNumber, let whole = Int64(parts[0]), whole <= 1_000_000 {
      let fraction = parts.count == 2 ? parts[1] : ""
      let padded = fraction + String(repeating: "0", count: max(0, 3 - fraction.count))
      if fraction.count <= 3, let thousandths = Int64(padded) {
        return Credits(millicredits: whole * 1000 + thousandths)
      }
    }
    let shown = SMSAlphabet.fitted(text, septets: 16)
    throw GrammarError("\"\(shown)\" is no amount of credits. \(word.usage)")
  }
}
