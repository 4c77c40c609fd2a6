/// The arguments of one tool: words, and options with a value each.
struct ToolArguments {
  private let tool: String
  private var words: [String] = []
  private var options: [(name: String, value: String)] = []

  /// Options that may stand without a value.
  private static let bare = ["--subnet", "--kettle"]

  init(tool: String, _ arguments: [String]) throws(Invocation.UsageError) {
    self.tool = tool
    var position = 0
    while position < arguments.count {
      let argument = arguments[position]
      position += 1
      guard argument.hasPrefix("--") else {
        words.append(argument)
        continue
      }
      let next = position < arguments.count ? arguments[position] : nil
      if let next, !next.hasPrefix("--") {
        options.append((argument, next))
        position += 1
      } else if Self.bare.contains(argument) {
        options.append((argument, ""))
      } else {
        throw Invocation.UsageError(text: "\(argument) needs a value")
      }
    }
  }

  /// The option's value, taken out; nil where it isn't given. A bare one is empty.
  mutating func value(_ name: String) throws(Invocation.UsageError) -> String? {
    let values = options.filter { $0.name == name }
    guard values.count <= 1 else { throw Invocation.UsageError(text: "\(name) is given twice") }
    options.removeAll { $0.name == name }
    return values.first?.value
  }

  mutating func number(
    _ name: String, in range: ClosedRange<Int64>
  ) throws(Invocation.UsageError) -> Int64? {
    guard let text = try value(name) else { return nil }
    if text.isEmpty, name == "--kettle" { return 2000 }
    guard let number = Int64(text), range.contains(number) else {
      throw Invocation.UsageError(
        text: "\(name): expected \(range.lowerBound) to \(range.upperBound), found \(text)")
    }
    return number
  }

  /// The next word, taken out.
  mutating func word(_ what: String) throws(Invocation.UsageError) -> String {
    guard !words.isEmpty else {
      throw Invocation.UsageError(text: "\(tool) needs \(what)")
    }
    return words.removeFirst()
  }

  /// All words that are left, taken out.
  mutating func rest() -> [String] {
    defer { words = [] }
    return words
  }

  /// Refuses what nobody asked for; call it last.
  func finish() throws(Invocation.UsageError) {
    if let option = options.first {
      throw Invocation.UsageError(text: "\(tool) knows no option \(option.name)")
    }
    if let word = words.first {
      throw Invocation.UsageError(text: "\(tool): \(word) is one word too many")
    }
  }
}
