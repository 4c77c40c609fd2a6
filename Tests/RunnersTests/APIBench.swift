import Planning
import Quantities
import Runners

/// A Batch API on a Unix socket in a folder of one test's own.
struct APIBench {
  let scratch: ScratchFolder
  let node: QueueNode
  let api: BatchAPI

  init(
    scratch: ScratchFolder? = nil, node: QueueNode? = nil,
    limits: StorageLimits = StorageLimits(), port: UInt16? = nil, key: String? = nil
  ) throws {
    let scratch = try scratch ?? ScratchFolder()
    self.scratch = scratch
    let node = try node ?? QueueNode(scratch)
    self.node = node
    let access = BatchAPI.Access(
      socketPath: scratch.path + "/api.sock", port: port, key: key.map { Array($0.utf8) })
    api = try BatchAPI(access, directory: scratch.path + "/jobs", node: node, limits: limits)
  }

  func client() throws -> SocketClient { try SocketClient(scratch.path + "/api.sock") }

  /// One request on a connection of its own.
  func ask(
    _ method: String, _ path: String, _ body: String = "", fields: [String] = []
  ) throws -> SocketClient.Answer {
    let client = try client()
    client.send(Self.request(method, path, body, fields: fields))
    return client.answer()
  }

  static func request(
    _ method: String, _ path: String, _ body: String = "", fields: [String] = []
  ) -> String {
    let all = ["Host: localhost", "Content-Length: \(body.utf8.count)"] + fields
    return "\(method) \(path) HTTP/1.1\r\n" + all.joined(separator: "\r\n") + "\r\n\r\n" + body
  }

  static let boundary = "a-boundary"
  static let formType = "Content-Type: multipart/form-data; boundary=a-boundary"

  /// A form as clients send it.
  static func form(
    _ content: String, name: String = "x.jsonl", purpose: String? = "batch"
  ) -> String {
    var form = ""
    if let purpose {
      form += "--\(boundary)\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n"
      form += purpose + "\r\n"
    }
    return form
      + "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(name)\"\r\n"
      + "Content-Type: application/octet-stream\r\n\r\n\(content)\r\n--\(boundary)--\r\n"
  }

  /// Uploads a file; the answer's id, or the whole answer where it has none.
  func upload(_ content: String, name: String = "x.jsonl") throws -> String {
    let answer = try ask(
      "POST", "/v1/files", Self.form(content, name: name), fields: [Self.formType])
    return Self.value("id", in: answer.body) ?? "\(answer)"
  }

  /// Makes a batch of an uploaded file; the answer.
  func create(
    _ file: String, window: String = "24h", metadata: String = "{}", fields: [String] = []
  ) throws -> SocketClient.Answer {
    try ask(
      "POST", "/v1/batches",
      "{\"input_file_id\":\"\(file)\",\"endpoint\":\"/v1/chat/completions\","
        + "\"completion_window\":\"\(window)\",\"metadata\":\(metadata)}",
      fields: fields)
  }

  /// Asks for a batch until its answer says this; the last answer.
  func wait(for batch: String, until words: String) async throws -> String {
    var body = ""
    for _ in 0..<3000 {
      body = try ask("GET", "/v1/batches/\(batch)").body
      if body.contains(words) { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    return body
  }

  /// The first text or number of this name in an answer.
  static func value(_ name: String, in body: String) -> String? {
    let parts = body.split(
      separator: "\"\(name)\":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let rest = parts[1]
    if rest.hasPrefix("\"") { return String(rest.dropFirst().prefix { $0 != "\"" }) }
    return String(rest.prefix { $0 != "," && $0 != "}" })
  }
}
