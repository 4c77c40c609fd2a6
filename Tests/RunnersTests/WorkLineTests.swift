import Runners
import Sealing
import Testing

/// What a neighbour may ask of an engine.
struct WorkLineTests {
  static let model = Digest(of: [1])

  static func line(_ body: String, url: String = "/v1/chat/completions") -> [UInt8] {
    let name = WorkLine.name(of: model)
    return Array(
      """
      {"custom_id":"0","method":"POST","url":"\(url)","body":{"model":"\(name)",\(body)}}
      """.utf8)
  }

  static let message = #""messages":[{"role":"user","content":"Hi"}]"#

  /// A body whose one message consists of these parts.
  static func parts(_ parts: String) -> String {
    #""messages":[{"role":"user","content":["# + parts + #"]}],"max_tokens":1"#
  }

  @Test(
    "takes plain requests",
    arguments: [
      message + #","max_tokens":5"#,
      message + #","max_tokens":5,"temperature":0.7,"top_p":0.9,"seed":-3,"stop":["a","b"]"#,
      #""messages":[{"role":"system","content":[{"type":"text","text":"a"}]}],"max_tokens":1"#,
    ])
  func taken(body: String) throws {
    let line = try WorkLine(neighbours: Self.line(body), index: 0, model: Self.model)
    #expect(line.tokens > 0)
    // Its own form is taken again as it is.
    #expect(try WorkLine(neighbours: line.bytes, index: 0, model: Self.model) == line)
  }

  @Test(
    "refuses whatever could make an engine do more than answer",
    arguments: [
      message, message + #","max_tokens":0"#, message + #","max_tokens":1e9"#,
      message + #","max_tokens":5,"max_completion_tokens":50"#,
      message + #","max_tokens":5,"n":2"#, message + #","max_tokens":5,"stream":true"#,
      message + #","max_tokens":5,"tools":[]"#, message + #","max_tokens":5,"grammar":"x""#,
      message + #","max_tokens":5,"response_format":{"type":"json_object"}"#,
      message + #","max_tokens":5,"cache_prompt":true"#,
      message + #","max_tokens":5,"lora":[{"id":0}]"#,
      message + #","max_tokens":5,"temperature":"0""#,
      message + #","max_tokens":5,"stop":[["a"]]"#,
      #""messages":[{"role":"tool","content":"x"}],"max_tokens":1"#,
      #""messages":[{"role":"user","content":"x","tool_calls":[]}],"max_tokens":1"#,
      parts(#"{"type":"image_url","image_url":{"url":"http://10.0.0.1/"}}"#),
      parts(#"{"type":"text","text":"x","image_url":"u"}"#),
    ])
  func refused(body: String) {
    #expect(throws: RunnerError.self) {
      try WorkLine(neighbours: Self.line(body), index: 0, model: Self.model)
    }
  }

  @Test(
    "refuses other addresses and prompts that are no text",
    arguments: [
      ("/v1/embeddings", #""input":"x","max_tokens":1"#),
      ("/v1/completions", #""prompt":["x","y"],"max_tokens":1"#),
      ("/slots/0?action=erase", message + #","max_tokens":1"#),
    ])
  func refusedAddresses(url: String, body: String) {
    #expect(throws: RunnerError.self) {
      try WorkLine(neighbours: Self.line(body, url: url), index: 0, model: Self.model)
    }
  }

  @Test("a completion with one prompt is taken, and chance is told from certainty")
  func certainty() throws {
    func isCertain(_ more: String) throws -> Bool {
      let bytes = Self.line(#""prompt":"x","max_tokens":1"# + more, url: "/v1/completions")
      return try WorkLine(neighbours: bytes, index: 0, model: Self.model).isDeterministic
    }
    #expect(try !isCertain(""))
    #expect(try !isCertain(#","temperature":0.1"#))
    #expect(try isCertain(#","temperature":0"#))
    #expect(try isCertain(#","temperature":0.0"#))
  }
}
