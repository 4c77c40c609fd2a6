import Glibc
import Runners
import Testing

/// Uploads of every shape, and what is refused of them.
struct UploadTests {
  static let content = "{\"a\":1}\r\n--a-boundar\r\n\r--a-boundary{\"b\":2}\r"

  /// The body in chunks of these sizes, again and again.
  static func chunked(_ body: String, sizes: [Int]) -> String {
    var rest = Array(body.utf8)[...]
    var result = ""
    var turn = 0
    while !rest.isEmpty {
      let piece = rest.prefix(sizes[turn % sizes.count])
      rest = rest.dropFirst(piece.count)
      turn += 1
      let size = String(piece.count, radix: 16)
      result += size + ";note=1\r\n" + String(decoding: piece, as: UTF8.self) + "\r\n"
    }
    return result + "0\r\nTrailer: x\r\n\r\n"
  }

  static let whole = APIBench.request(
    "POST", "/v1/files", APIBench.form(content), fields: [APIBench.formType])
  static let inChunks =
    "POST /v1/files HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    + APIBench.formType + "\r\n\r\n" + chunked(APIBench.form(content), sizes: [1, 7, 30])

  @Test("takes a file whose bytes come apart anywhere", arguments: [whole, inChunks])
  func split(request: String) throws {
    let bench = try APIBench(scratch: .inMemory(), limits: StorageLimits(freeBytes: 0))
    let bytes = Array(request.utf8)
    let client = try bench.client()
    for place in bytes.indices.dropFirst() {
      client.send(bytes[..<place])
      client.settle()
      client.send(bytes[place...])
      let answer = client.answer()
      try #require(answer.status == 200, "split at \(place): \(answer)")
      let id = APIBench.value("id", in: answer.body) ?? ""
      let stored = bench.scratch.read("jobs/files/\(id)")
      try #require(stored == Self.content, "split at \(place)")
    }
    // And all apart.
    for byte in bytes {
      client.send([byte])
      client.settle()
    }
    #expect(client.answer().status == 200)
    #expect(bench.scratch.names(in: "jobs/files").count == bytes.count * 2)
  }

  @Test("gives back what was uploaded, whatever it is called")
  func roundTrip() throws {
    let bench = try APIBench()
    let content = String(repeating: "{\"n\":\"é\"}\n", count: 50_000)
    let file = try bench.upload(content, name: "../../sun \\\"rise\\\".jsonl")
    let shown = try bench.ask("GET", "/v1/files/\(file)").body
    #expect(shown.contains("\"filename\":\"../../sun \\\"rise\\\".jsonl\""), "\(shown)")
    #expect(shown.contains("\"bytes\":\(content.utf8.count)"))
    let answer = try bench.ask("GET", "/v1/files/\(file)/content")
    #expect(answer.body == content)
    #expect(bench.scratch.names(in: "jobs/files") == [file, file + ".json"])
  }

  static let form = APIBench.form("x")
  static let start = "--a-boundary\r\nContent-Disposition: form-data; name="
  static let seventeenParts = String(
    repeating: "\(start)\"purpose\"\r\n\r\nbatch\r\n", count: 17)
  static let malformed: [(body: String, type: String, status: Int, says: String)] = [
    (form, "Content-Type: text/plain", 400, "expected multipart/form-data"),
    (form, "Content-Type: multipart/form-data", 400, "expected a boundary"),
    (form, "Content-Type: multipart/form-data; boundary=other", 400, "ends before its last"),
    (
      form, "Content-Type: multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
      400, "expected a boundary"
    ),
    (APIBench.form("x", purpose: nil), APIBench.formType, 400, "purpose: missing"),
    (APIBench.form("x", purpose: "vision"), APIBench.formType, 400, "purpose: expected batch"),
    (APIBench.form(""), APIBench.formType, 400, "file: it is empty"),
    (APIBench.form("x", name: ""), APIBench.formType, 400, "with a name"),
    (
      APIBench.form("x", name: String(repeating: "n", count: 256)), APIBench.formType, 400,
      "with a name"
    ),
    ("", APIBench.formType, 400, "ends before its last"),
    ("--a-boundary--\r\n", APIBench.formType, 400, "purpose: missing"),
    ("--a-boundary\r\n\r\nx\r\n--a-boundary--", APIBench.formType, 400, "no content-disposition"),
    ("--a-boundaryx\r\n", APIBench.formType, 400, "not followed by a new line"),
    ("nothing of the kind", APIBench.formType, 400, "ends before its last"),
    (String(repeating: "x", count: 9000), APIBench.formType, 400, "does not begin with its"),
    ("\(form.dropLast(20))", APIBench.formType, 400, "ends before its last"),
    (
      "\(start)\"colour\"\r\n\r\nred\r\n--a-boundary--", APIBench.formType, 400,
      "colour: unknown"
    ),
    (
      "\(start)\"expires_after[seconds]\"\r\n\r\n3600\r\n--a-boundary--", APIBench.formType, 400,
      "stay until they are deleted"
    ),
    (
      "\(start)\"purpose\"\r\n\r\n\(String(repeating: "b", count: 257))\r\n--a-boundary--",
      APIBench.formType, 400, "at most 256 bytes"
    ),
    (
      "\(start)\"purpose\"\r\nX: \(String(repeating: "b", count: 5000))\r\n\r\nbatch",
      APIBench.formType, 400, "long fields"
    ),
    (
      "\(seventeenParts)", APIBench.formType,
      400, "more than 16 parts"
    ),
    (
      "\(form.dropLast(4))\r\n\(form)", APIBench.formType, 400, "two files"
    ),
  ]

  @Test("says what is wrong with a form, and keeps nothing of it", arguments: malformed)
  func refusesForm(body: String, type: String, status: Int, says: String) throws {
    let bench = try APIBench()
    let answer = try bench.ask("POST", "/v1/files", body, fields: [type])
    #expect(answer.status == status)
    #expect(answer.body.contains(says), "\(answer.body)")
    #expect(answer.body.contains("\"type\":\"invalid_request_error\"") || status != 400)
    #expect(bench.scratch.names(in: "jobs/files").isEmpty)
  }

  static let longSize = String(repeating: "1", count: 2000)
  static let rude: [(request: String, status: Int)] = [
    ("nonsense\r\n\r\n", 400),
    ("GET /v1/files SPDY/3\r\n\r\n", 400),
    ("GET /v1/files HTTP/1.1\r\nHost : localhost\r\n\r\n", 400),
    ("GET /v1/files HTTP/1.1\r\nX: 1\r\n folded: 2\r\n\r\n", 400),
    ("GET /v1/files HTTP/1.1\r\nX: \(String(repeating: "x", count: 17_000))", 431),
    ("GET /v1/files HTTP/1.1\r\n\(String(repeating: "X: 1\r\n", count: 101))\r\n", 400),
    ("POST /v1/batches HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
    ("POST /v1/batches HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST /v1/batches HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ("POST /v1/batches HTTP/1.1\r\nContent-Length: 99999\r\n\r\n", 413),
    ("POST /v1/batches HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    (
      "POST /v1/batches HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400
    ),
    ("POST /v1/batches HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    ("POST /v1/batches HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n", 400),
    (
      "POST /v1/batches HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\(longSize)", 400
    ),
    ("PUT /v1/files HTTP/1.1\r\n\r\n", 405),
    ("GET /elsewhere HTTP/1.1\r\n\r\n", 404),
    ("GET /v1/files HTTP/1.1\r\nOrigin: http://localhost\r\n\r\n", 403),
    ("GET /v1/files/../../key/content HTTP/1.1\r\n\r\n", 404),
    ("GET /v1/files/file-..%2f..%2fkey/content HTTP/1.1\r\n\r\n", 404),
  ]

  @Test("refuses what could be read in two ways, and what has no bounds", arguments: rude)
  func refusesRequest(request: String, status: Int) throws {
    let bench = try APIBench()
    let client = try bench.client()
    client.send(request)
    #expect(client.answer().status == status)
  }

  @Test("holds files to their limits, and has room again when some are deleted")
  func limits() throws {
    let limits = StorageLimits(files: 3, totalBytes: 2000, fileBytes: 900)
    let bench = try APIBench(limits: limits)
    func status(_ count: Int) throws -> Int {
      let form = APIBench.form(String(repeating: "x", count: count))
      return try bench.ask("POST", "/v1/files", form, fields: [APIBench.formType]).status
    }
    // One too large is refused where it ends, or before it comes if it says so.
    #expect(try status(901) == 413)
    #expect(try status(200_000) == 413)
    #expect(try status(900) == 200)
    let second = try bench.upload(String(repeating: "y", count: 900))
    #expect(try status(201) == 507)
    #expect(try status(200) == 200)
    #expect(try status(1) == 507)
    #expect(try bench.ask("DELETE", "/v1/files/\(second)").body.contains("\"deleted\":true"))
    #expect(try bench.ask("DELETE", "/v1/files/\(second)").status == 404)
    #expect(try status(900) == 200)
    #expect(bench.scratch.names(in: "jobs/files").count == 6)
  }

  @Test("leaves room on the disk for the node's own records")
  func diskRoom() throws {
    let bench = try APIBench(limits: StorageLimits(freeBytes: .max))
    let answer = try bench.ask("POST", "/v1/files", Self.form, fields: [APIBench.formType])
    #expect(answer.status == 507)
    #expect(answer.body.contains("\"code\":\"storage_full\""))
    #expect(answer.head.contains("x-should-retry: false"))
    #expect(bench.scratch.names(in: "jobs/files").isEmpty)
  }

  @Test("forgets an upload that breaks off")
  func brokenOff() async throws {
    let bench = try APIBench()
    var client: SocketClient? = try bench.client()
    client?.send(String(Self.whole.dropLast(40)))
    client?.settle()
    for _ in 0..<3000 where bench.scratch.names(in: "jobs/files").isEmpty {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(bench.scratch.names(in: "jobs/files").first?.hasSuffix(".partial") == true)
    client = nil
    for _ in 0..<3000 where !bench.scratch.names(in: "jobs/files").isEmpty {
      try await Task.sleep(for: .milliseconds(5))
    }
    #expect(bench.scratch.names(in: "jobs/files").isEmpty)
  }

  @Test("serves others while slow clients sit on every connection")
  func slowClients() throws {
    let bench = try APIBench()
    let upload = try bench.client()
    upload.send(String(Self.whole.dropLast(40)))
    upload.settle()
    let idle = try (0..<100).map { _ in try bench.client() }
    for _ in 0..<3 { #expect(try bench.ask("GET", "/v1/models").status == 200) }
    // Who was in the midst of something has kept its place.
    upload.send(String(Self.whole.suffix(40)))
    #expect(upload.answer().status == 200)
    withExtendedLifetime(idle) {}
  }

  @Test("finds every acknowledged file after a crash and removes what was half made")
  func crashPoints() throws {
    let scratch = try ScratchFolder()
    let kept = try {
      let bench = try APIBench(scratch: scratch)
      defer { bench.api.stop() }
      return [try bench.upload("one\n"), try bench.upload("two\n")]
    }()
    let id = "file-" + String(repeating: "0", count: 24)
    // An upload is written, renamed, then described; a deletion goes the other way.
    try scratch.write("half", to: "jobs/files/\(id).partial")
    try scratch.write("whole", to: "jobs/files/\(id.dropLast())1")
    try scratch.write("whole", to: "jobs/files/\(id.dropLast())2")
    try scratch.write("{\"id\":", to: "jobs/files/\(id.dropLast())2.json.new")
    try scratch.write("{\"id\":", to: "jobs/files/\(id.dropLast())3.json")
    let description = scratch.read("jobs/files/\(kept[0]).json") ?? ""
    try scratch.write(description, to: "jobs/files/\(id.dropLast())4.json")
    let bench = try APIBench(scratch: scratch)
    let names = kept.flatMap { [$0, $0 + ".json"] }.sorted()
    #expect(scratch.names(in: "jobs/files") == names)
    #expect(try bench.ask("GET", "/v1/files/\(kept[1])/content").body == "two\n")
    let list = try bench.ask("GET", "/v1/files?order=asc").body
    #expect(list.contains("\"first_id\":\"\(kept[0])\"") || list.contains(kept[1]))
    #expect(list.contains("\"has_more\":false"))
  }
}
