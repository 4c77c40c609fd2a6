/// Batch files for tests.
enum BatchText {
  static func line(_ id: String, content: String = "How much sun is left?") -> String {
    """
    {"custom_id":"\(id)","method":"POST","url":"/v1/chat/completions","body":\
    {"model":"stand-in","messages":[{"role":"user","content":"\(content)"}],"seed":7}}
    """
  }

  static func requests(_ count: Int) -> String {
    (1...count).map { line("request-\($0)") + "\n" }.joined()
  }

  static func ids(_ count: Int) -> [String] { (1...count).map { "request-\($0)" }.sorted() }

  /// The custom ids in a results file, sorted; a line without one counts as "?".
  static func ids(in results: String?) -> [String] {
    (results ?? "").split(separator: "\n").map { line in
      let parts = line.split(separator: "\"custom_id\":\"", maxSplits: 1)
      guard parts.count == 2, line.hasSuffix("}") else { return "?" }
      return String(parts[1].prefix { $0 != "\"" })
    }.sorted()
  }
}
