import Planning
import Quantities
import Runners
import Testing

/// A batch's way from the client to the queue and to its end, and what a crash makes of it.
struct BatchStepTests {
  static let requests = BatchText.requests(3)

  private func id(_ answer: SocketClient.Answer) -> String {
    APIBench.value("id", in: answer.body) ?? "\(answer)"
  }

  @Test("shows a batch from its making to its end as the OpenAI API does")
  func objects() async throws {
    let bench = try APIBench()
    let file = try bench.upload(Self.requests, name: "sums.jsonl")
    let metadata = "{\"who\":\"me\",\"heliograph_watts\":\"45\",\"heliograph_value\":\"0.10\"}"
    let made = try bench.create(file, metadata: metadata)
    let batch = id(made)
    #expect(made.body.contains("\"status\":\"validating\""))
    #expect(made.body.contains("\"state\":\"checking\""))
    let waiting = try await bench.wait(for: batch, until: "held_for_sun")
    #expect(waiting.contains("\"status\":\"in_progress\""))
    #expect(waiting.contains("\"request_counts\":{\"total\":3,\"completed\":0,\"failed\":0}"))
    #expect(waiting.contains("\"expires_at\":1800086400"))
    let job = try #require(bench.node.change { $0.queue.jobs.first })
    #expect(job.batch.power == Power(watts: 45))
    #expect(job.batch.value == Credits(millicredits: 100))
    #expect(job.batch.expires && job.batch.name == "sums")
    bench.node.progress(1, completed: 2, failed: 1, isClosed: true)
    let folder = "jobs/\(job.batch.folder)"
    try bench.scratch.write("{}\n{}\n", to: folder + "/output.jsonl")
    try bench.scratch.write("{}\n", to: folder + "/errors.jsonl")
    let done = try await bench.wait(for: batch, until: "\"status\":\"completed\"")
    let output = try #require(APIBench.value("output_file_id", in: done))
    let errors = try #require(APIBench.value("error_file_id", in: done))
    let expected = """
      {"id":"\(batch)","object":"batch","endpoint":"/v1/chat/completions","model":"stand-in",\
      "errors":null,"input_file_id":"\(file)","completion_window":"24h","status":"completed",\
      "output_file_id":"\(output)","error_file_id":"\(errors)","created_at":1800000000,\
      "in_progress_at":1800000000,"expires_at":1800086400,"finalizing_at":1800000180,\
      "completed_at":1800000180,"failed_at":null,"expired_at":null,"cancelling_at":null,\
      "cancelled_at":null,"request_counts":{"total":3,"completed":2,"failed":1},\
      "usage":{"input_tokens":8,"input_tokens_details":{"cached_tokens":null},\
      "output_tokens":6,"output_tokens_details":{"reasoning_tokens":null},"total_tokens":14},\
      "metadata":\(metadata),"heliograph":{"job":1,"state":"completed",\
      "reason":"2 requests, 1 failed, 0 Wh","estimated_end":null,"energy_watt_hours":null,\
      "energy_is_measured":null,"surplus_percent":null,"cost":null}}
      """
    #expect(done == expected)
    #expect(try bench.ask("GET", "/v1/files/\(output)/content").body == "{}\n{}\n")
    #expect(try bench.ask("GET", "/v1/files/\(errors)").body.contains("batch_output"))
    #expect(try bench.ask("POST", "/v1/batches/\(batch)/cancel").status == 409)
    // Deleting results hides them from clients; the household keeps them.
    #expect(try bench.ask("DELETE", "/v1/files/\(errors)").status == 200)
    #expect(try bench.ask("GET", "/v1/files/\(errors)").status == 404)
    #expect(bench.scratch.read(folder + "/errors.jsonl") == "{}\n")
    // What the queue has forgotten, the record remembers, after a start too.
    let again = try restart(bench)
    #expect(try again.ask("GET", "/v1/batches/\(batch)").body.contains("\"error_file_id\":null"))
    #expect(try again.ask("GET", "/v1/files/\(output)/content").body == "{}\n{}\n")
  }

  /// The node dies: what is on disk is all that is left, unless `keepsQueue`.
  private func restart(_ bench: APIBench, keepsQueue: Bool = false) throws -> APIBench {
    bench.api.stop()
    let node = try keepsQueue ? bench.node : QueueNode(bench.scratch)
    return try APIBench(scratch: bench.scratch, node: node)
  }

  /// What a record on disk may lack of what happened, by its members' names.
  static let losses: [[String]] = [
    [], ["job"], ["job", "check", "staged_at"],
  ]

  @Test("a crash at any step leaves one job, never two and never none", arguments: losses)
  func crashes(lost: [String]) async throws {
    let first = try APIBench()
    let batch = id(try first.create(try first.upload(Self.requests)))
    _ = try await first.wait(for: batch, until: "\"job\":1")
    first.api.stop()
    let path = "jobs/batches/\(batch).json"
    var record = try #require(first.scratch.read(path))
    let folder = try #require(APIBench.value("folder", in: record))
    for member in lost {
      try #require(record.contains(",\"\(member)\":"))
      record = Self.without(member, record)
    }
    try first.scratch.write(record, to: path)
    // Where the check is not on record, the queue can't have heard of the job.
    let keepsQueue = !lost.contains("check")
    let again = try restart(first, keepsQueue: keepsQueue)
    let shown = try await again.wait(for: batch, until: "\"job\":1")
    #expect(shown.contains("\"job\":1"), "\(shown)\n\(record)")
    let jobs = again.node.change { $0.queue.jobs }
    #expect(jobs.map(\.batch.folder) == [folder])
    #expect(again.scratch.read("jobs/\(folder)/input.jsonl") == Self.requests)
    #expect(again.scratch.names(in: "jobs") == ["batches", "files", folder].sorted())
    #expect(again.scratch.names(in: "jobs/batches") == ["\(batch).json"])
  }

  /// The record without a member.
  private static func without(_ member: String, _ record: String) -> String {
    guard let start = record.firstRange(of: ",\"\(member)\":") else { return record }
    var end = start.upperBound
    var depth = 0
    while end < record.endIndex {
      let character = record[end]
      if character == "{" { depth += 1 }
      if depth == 0, character == "," || character == "}" { break }
      if character == "}" { depth -= 1 }
      end = record.index(after: end)
    }
    return String(record[..<start.lowerBound] + record[end...])
  }

  @Test("a job that the node lost before it was stored is asked for again after the start")
  func lostSubmission() async throws {
    let first = try APIBench()
    first.node.change { $0.isDeaf = true }
    let batch = id(try first.create(try first.upload(Self.requests)))
    let state = try await first.wait(for: batch, until: "queueing")
    #expect(state.contains("\"status\":\"validating\""))
    for _ in 0..<3000 where first.node.change({ $0.submissions }) == 0 {
      try await Task.sleep(for: .milliseconds(5))
    }
    let again = try restart(first)
    #expect(try await again.wait(for: batch, until: "\"job\":1").contains("held_for_sun"))
    #expect(again.node.change { $0.submissions } == 1)
    #expect(again.node.change { $0.queue.jobs.count } == 1)
  }

  @Test("an input may be deleted as soon as its batch was made, checked or not")
  func deletedInput() async throws {
    let bench = try APIBench()
    let file = try bench.upload(BatchText.requests(2000))
    let batch = id(try bench.create(file))
    #expect(try bench.ask("DELETE", "/v1/files/\(file)").status == 200)
    let shown = try await bench.wait(for: batch, until: "\"job\":1")
    #expect(shown.contains("\"total\":2000"), "\(shown)")
    #expect(bench.scratch.names(in: "jobs/batches") == ["\(batch).json"])
  }

  static let lineA = BatchText.line("a")
  static let otherModel = BatchText.line("b").replacing("stand-in", with: "other")
  static let completion = lineA.replacing("\"messages\"", with: "\"prompt\"")
    .replacing("chat/", with: "")
  static let bad: [(text: String, error: String)] = [
    (
      "{\"custom_id\"\n",
      "\"code\":\"invalid_json_line\",\"line\":1,\"message\":\"bad.jsonl line 1: not JSON"
    ),
    (
      "\(lineA)\n\(lineA)",
      "\"code\":\"duplicate_custom_id\",\"line\":2"
    ),
    (
      "\(lineA)\n\(otherModel)",
      "\"code\":\"mismatched_model\",\"line\":2"
    ),
    (
      completion, "\"code\":\"mismatched_endpoint\",\"line\":1"
    ),
    ("\n\n", "\"code\":\"empty_file\",\"line\":null"),
    (BatchText.requests(50_001), "\"code\":\"too_many_requests\",\"line\":50001"),
  ]

  @Test("a bad file makes a failed batch that says line and field, and no job", arguments: bad)
  func failed(text: String, error: String) async throws {
    let bench = try APIBench()
    let made = try bench.create(try bench.upload(text, name: "bad.jsonl"))
    #expect(made.status == 200)
    let shown = try await bench.wait(for: id(made), until: "\"status\":\"failed\"")
    #expect(shown.contains(error), "\(shown)")
    #expect(shown.contains("\"failed_at\":1800000000"))
    #expect(bench.scratch.names(in: "jobs") == ["batches", "files"])
    let again = try restart(bench)
    #expect(try again.ask("GET", "/v1/batches/\(id(made))").body == shown)
  }

  @Test("takes a batch back before and after a job came of it")
  func cancel() async throws {
    let bench = try APIBench()
    let file = try bench.upload(Self.requests)
    let early = id(try bench.create(file))
    let answer = try bench.ask("POST", "/v1/batches/\(early)/cancel").body
    #expect(answer.contains("\"status\":\"cancel"), "\(answer)")
    let late = id(try bench.create(file))
    _ = try await bench.wait(for: late, until: "held_for_sun")
    _ = try bench.ask("POST", "/v1/batches/\(late)/cancel")
    for number in [1, 2] as [Int64] {
      for _ in 0..<300 where bench.node.change({ $0.cancelled.last }) != JobNumber(number) {
        try await Task.sleep(for: .milliseconds(5))
      }
      bench.node.progress(number, completed: 0, isClosed: true)
    }
    for batch in [early, late] {
      let shown = try await bench.wait(for: batch, until: "\"status\":\"cancelled\"")
      #expect(shown.contains("\"output_file_id\":null"), "\(shown)")
      #expect(APIBench.value("cancelled_at", in: shown) != "null")
      #expect(try bench.ask("POST", "/v1/batches/\(batch)/cancel").status == 200)
    }
  }

  @Test("a batch whose window is over shows what was done, and the rest as errors")
  func expired() async throws {
    let bench = try APIBench()
    let batch = id(try bench.create(try bench.upload(Self.requests), window: "2h"))
    _ = try await bench.wait(for: batch, until: "held_for_sun")
    bench.node.progress(1, completed: 2)
    bench.node.change { content in
      content.now = content.now + TimeSpan(minutes: 120)
      _ = content.queue.control(
        surplus: .unknown(since: content.now), plan: nil, engine: .unknown, at: content.now)
    }
    #expect(try await bench.wait(for: batch, until: "finalizing").contains("\"state\":\"ending\""))
    bench.node.progress(1, completed: 2, failed: 1, isClosed: true)
    let shown = try await bench.wait(for: batch, until: "\"status\":\"expired\"")
    #expect(shown.contains("{\"total\":3,\"completed\":2,\"failed\":1}"), "\(shown)")
    #expect(APIBench.value("expired_at", in: shown) != "null")
    #expect(APIBench.value("completed_at", in: shown) == "null")
    #expect(APIBench.value("error_file_id", in: shown)?.hasPrefix("file-") == true)
  }

  @Test("says that a batch whose job the full queue refused failed")
  func queueFull() async throws {
    let scratch = try ScratchFolder()
    let node = try QueueNode(scratch, rules: JobRules(liveLimit: 1))
    let bench = try APIBench(scratch: scratch, node: node)
    let file = try bench.upload(Self.requests)
    _ = try await bench.wait(for: id(try bench.create(file)), until: "held_for_sun")
    let second = try await bench.wait(for: id(try bench.create(file)), until: "failed_at\":1")
    #expect(second.contains("\"code\":\"queue_full\""), "\(second)")
  }

  @Test("gives a repeated request the batch that the first one made")
  func repeats() throws {
    let bench = try APIBench()
    let file = try bench.upload(Self.requests)
    let first = id(try bench.create(file, fields: ["Idempotency-Key: k"]))
    #expect(id(try bench.create(file, fields: ["Idempotency-Key: k"])) == first)
    let other = try bench.create(file, window: "2h", fields: ["Idempotency-Key: k"])
    #expect(other.status == 400)
    let second = id(try bench.create(file, window: "3h"))
    #expect(second != first)
    let retry = ["x-stainless-retry-count: 1"]
    #expect(id(try bench.create(file, window: "3h", fields: retry)) == second)
    #expect(id(try bench.create(file, window: "4h", fields: retry)) != second)
    let form = APIBench.form("{}\n")
    let fields = [APIBench.formType, "Idempotency-Key: f"]
    let uploads = try (0..<2).map { _ in
      id(try bench.ask("POST", "/v1/files", form, fields: fields))
    }
    #expect(uploads[0] == uploads[1] && uploads[0].hasPrefix("file-"))
  }

  @Test("pages through batches, newest first")
  func pages() throws {
    let bench = try APIBench()
    let file = try bench.upload(Self.requests)
    var made: [String] = []
    for _ in 0..<5 {
      bench.node.change { $0.now = $0.now + TimeSpan(seconds: 1) }
      made.append(id(try bench.create(file)))
    }
    var seen: [String] = []
    var after = ""
    for _ in 0..<3 {
      let page = try bench.ask("GET", "/v1/batches?limit=2&after=\(after)").body
      after = try #require(APIBench.value("last_id", in: page))
      seen.append(try #require(APIBench.value("first_id", in: page)))
      #expect(page.contains("\"has_more\":\(seen.count < 3)"))
    }
    #expect(seen == [made[4], made[2], made[0]])
    for query in ["limit=0", "limit=101", "limit=x", "after=batch_none", "order=up"] {
      #expect(try bench.ask("GET", "/v1/batches?\(query)").status == 400)
    }
  }

  @Test("over TCP, wants its key and a Host that is this machine")
  func access() throws {
    let bench = try APIBench(port: 0, key: "a-key-of-this-house")
    func status(_ host: String, _ key: String?) throws -> Int {
      let client = try SocketClient(port: bench.api.port)
      let field = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
      client.send("GET /v1/files HTTP/1.1\r\nHost: \(host)\r\n\(field)\r\n")
      return client.answer().status
    }
    for host in ["localhost", "127.0.0.1:\(bench.api.port)", "[::1]:80", "LOCALHOST:1"] {
      #expect(try status(host, "a-key-of-this-house") == 200)
    }
    for host in ["example.org", "localhost.example.org", "127.0.0.1.nip.io", "localhost:x", ""] {
      #expect(try status(host, "a-key-of-this-house") == 403)
    }
    for key in [nil, "", "a-key-of-this-hous", "a-key-of-this-houses"] as [String?] {
      #expect(try status("localhost", key) == 401)
    }
    #expect(try bench.ask("GET", "/v1/files").status == 200)
  }
}
