import Planning
import Quantities

/// The options of `RUN`, in any order after the file.
enum GrammarRun {
  private enum Option: String, CaseIterable {
    case watts = "WATTS"
    case by = "BY"
    case priority = "PRIORITY"
    case model = "MODEL"
    case value = "VALUE"
    case after = "AFTER"
    case fixed = "FIXED"
    case pay = "PAY"
  }

  /// Enough for any path that fits a line; the node refuses what it can't find.
  private static let maximumModelLength = 64

  static func request(_ arguments: [String]) throws(GrammarError) -> BatchRequest {
    var request = BatchRequest(file: arguments[0])
    guard !request.file.isEmpty else { throw GrammarError("no file. \(usage)") }
    var seen: [Option] = []
    var position = 1
    while position < arguments.count {
      let option = try option(arguments[position])
      guard !seen.contains(option) else {
        throw GrammarError("\(option.rawValue) stands twice. \(usage)")
      }
      seen.append(option)
      position += 1
      if option == .fixed {
        request.interruptible = false
        continue
      }
      guard position < arguments.count else {
        throw GrammarError("\(option.rawValue) needs a value. \(usage)")
      }
      try set(option, to: arguments[position], in: &request)
      position += 1
    }
    return request
  }

  private static var usage: String { TextCommand.Word.run.usage }

  private static func option(_ typed: String) throws(GrammarError) -> Option {
    let upper = typed.uppercased()
    let matches = Option.allCases.filter { !upper.isEmpty && $0.rawValue.hasPrefix(upper) }
    guard let match = matches.first, matches.count == 1 else {
      throw GrammarError("\"\(SMSAlphabet.fitted(typed, septets: 16))\" is no option. \(usage)")
    }
    return match
  }

  private static func set(
    _ option: Option, to value: String, in request: inout BatchRequest
  ) throws(GrammarError) {
    switch option {
    case .watts:
      request.power = Power(watts: try Grammar.number(value, "WATTS", 1...100_000, .run))
    case .priority:
      request.priority = try Grammar.number(value, "PRIORITY", -100...100, .run)
    case .by: request.byMinuteOfDay = try Grammar.minuteOfDay(value, "BY", .run)
    case .model:
      guard !value.isEmpty, value.utf8.count <= maximumModelLength else {
        throw GrammarError("a model's name has 1 to \(maximumModelLength) bytes. \(usage)")
      }
      request.model = value
    case .pay: request.pay = try Grammar.credits(value, .run)
    case .value: request.value = try Grammar.credits(value, .run)
    case .after:
      for number in value.split(separator: ",", omittingEmptySubsequences: false) {
        request.after.append(try Grammar.jobNumber(String(number), .run))
      }
      guard request.after.count <= StagedBatch.afterLimit else {
        throw GrammarError("AFTER takes up to \(StagedBatch.afterLimit) jobs. \(usage)")
      }
    case .fixed: request.interruptible = false
    }
  }
}
