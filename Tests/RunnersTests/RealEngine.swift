import FoundationEssentials
import Glibc
import Runners

/// The engine that the environment names, and what it says of texts.
struct RealEngine {
  let address: String
  let port: UInt16
  /// How often a long answer is to be cut.
  let cuts: Int
  /// How many greedy answers are to be held beside themselves uncut.
  let greedyRuns: Int

  /// Nil, with a word about it, where the environment names none.
  init?() {
    func text(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    let variable = "HELIOGRAPH_TEST_ENGINE"
    guard let address = text(variable), let last = address.split(separator: ":").last,
      let port = UInt16(last)
    else {
      print("SKIPPED: real inference, as \(variable) names no engine (http://127.0.0.1:PORT)")
      return nil
    }
    self.address = address
    self.port = port
    cuts = text(variable + "_CUTS").flatMap { Int($0) } ?? 2
    greedyRuns = text(variable + "_GREEDY").flatMap { Int($0) } ?? 3
  }

  private struct Content: Encodable {
    var content: String
    var add_special = false
  }

  private struct Tokens: Decodable {
    var tokens: [Int]
  }

  /// The tokens of a text, as the engine itself counts them.
  func tokens(of text: String) throws -> [Int] {
    let body = try JSONEncoder().encode(Content(content: text))
    let client = try SocketClient(port: port)
    let head =
      "POST /tokenize HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
    client.send(Array(head.utf8) + Array(body))
    let answer = client.answer()
    guard answer.status == 200 else {
      throw ScratchFolder.Failure(message: "/tokenize answers \(answer.status)")
    }
    return try JSONDecoder().decode(Tokens.self, from: Data(answer.body.utf8)).tokens
  }
}

/// One line of results, as far as texts and counts go.
struct AnswerLine: Decodable {
  struct Response: Decodable {
    var body: Body
  }

  struct Body: Decodable {
    var choices: [Choice]
    var usage: Usage
    var heliograph: Continued?
  }

  struct Choice: Decodable {
    var message: Message?
    var text: String?
    var finish_reason: String
  }

  struct Message: Decodable {
    var content: String
  }

  struct Usage: Decodable {
    var completion_tokens: Int
  }

  struct Continued: Decodable {
    var continued: Int
  }

  var custom_id: String
  var response: Response

  var text: String {
    let choice = response.body.choices.first
    return choice?.message?.content ?? choice?.text ?? ""
  }

  /// How often it was broken off.
  var cuts: Int { response.body.heliograph?.continued ?? 0 }

  /// The lines of a results file, by custom id.
  static func lines(_ results: String?) throws -> [String: AnswerLine] {
    let lines = try (results ?? "").split(separator: "\n").map {
      try JSONDecoder().decode(AnswerLine.self, from: Data($0.utf8))
    }
    return lines.reduce(into: [:]) { $0[$1.custom_id] = $1 }
  }
}

/// One piece of `journal.partial.jsonl`.
struct JournalPiece: Decodable {
  var custom_id: String
  var at: Int
  var text: String
  var tokens: Int

  /// What the journal holds of one answer.
  static func read(_ journal: String?, of customID: String) throws -> (text: String, tokens: Int) {
    var bytes: [UInt8] = []
    var tokens = 0
    for line in (journal ?? "").split(separator: "\n") {
      let piece = try JSONDecoder().decode(JournalPiece.self, from: Data(line.utf8))
      guard piece.custom_id == customID else { continue }
      bytes = Array(bytes.prefix(piece.at)) + Array(piece.text.utf8)
      tokens = piece.tokens
    }
    return (String(decoding: bytes, as: UTF8.self), tokens)
  }
}
