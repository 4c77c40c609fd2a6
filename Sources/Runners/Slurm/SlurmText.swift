import Quantities

/// Times and fields as Slurm's programs write them.
enum SlurmText {
  /// `17-03:25:45`, `3:25:45`, `25:45`; nil for words such as `INVALID`.
  static func timeSpan(_ text: some StringProtocol) -> TimeSpan? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let clock = parts.last else { return nil }
    var days: Int64 = 0
    if parts.count == 2 {
      guard let read = Int64(parts[0]), (0...100_000).contains(read) else { return nil }
      days = read
    }
    let fields = clock.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(fields.count) else { return nil }
    var seconds: Int64 = 0
    for field in fields {
      guard let value = Int64(field), (0...100_000).contains(value) else { return nil }
      seconds = seconds * 60 + value
    }
    return TimeSpan(seconds: days * 86_400 + seconds)
  }

  /// The value of `name=` in a line of `scontrol show job --oneliner`; values with spaces in them
  /// are cut at the first.
  static func field(_ name: String, in line: some StringProtocol) -> String? {
    let key = name + "="
    let part = line.split(whereSeparator: { $0 == " " || $0 == "\n" }).first { $0.hasPrefix(key) }
    return part.map { String($0.dropFirst(key.count)) }
  }

  /// The last line that says something, fit for a message.
  static func lastLine(_ text: some StringProtocol, limit: Int = 120) -> String {
    let last = text.split(separator: "\n").last { $0.contains { !$0.isWhitespace } }
    return SystemText.printable(last.map { String($0) } ?? "", limit: limit)
  }
}
