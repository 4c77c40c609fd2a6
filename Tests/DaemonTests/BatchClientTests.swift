import Glibc
import Runners
import Testing
import Thrown

/// The Batch API of a whole daemon, driven from outside.
@Suite(.serialized) struct BatchClientTests {
  /// A node without any device, so without any sun, that runs jobs on a stand-in engine.
  struct Node {
    let directory = TemporaryDirectory()
    let engine: StandInEngine
    let port: UInt16
    let daemon: DaemonProcess
    let configuration: String

    var socket: String { directory.file("node/api.sock") }

    init(api: String = "") throws {
      engine = try StandInEngine(tokensPerSecond: 1000)
      port = try DaemonProcess.freePort()
      configuration = directory.write(
        "node.json5",
        """
        { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
          controlSeconds: 1,
          jobs: { engine: "http://127.0.0.1:\(engine.port)", api: { port: \(port) \(api) } } }
        """)
      daemon = try DaemonProcess(configuration: configuration, directory: directory.path)
      _ = daemon.ask("STATUS") { !$0.isEmpty }
    }

    /// What curl prints over the Unix socket.
    func curl(_ words: String...) throws -> String {
      let output = directory.file("curl-output")
      let child = try ChildRun(
        ["/usr/bin/curl", "-sS", "--unix-socket", socket] + words, output: output)
      #expect(child.wait() == 0)
      return FileText.read(output).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    func end() {
      #expect(daemon.end(SIGTERM) == 0)
      engine.stop()
    }
  }

  @Test("OpenAI's own client drives it, over loopback and over the Unix socket")
  func openAIClient() async throws {
    guard let python = InteropProcess.python() else { return }
    let node = try Node()
    for address in ["http://127.0.0.1:\(node.port)/v1", node.socket] {
      let words = [address, StandInEngine.modelName]
      let output = try await besidePool {
        let client = try InteropProcess(
          python: python, script: "openai_client.py", arguments: words)
        defer { client.finish() }
        return try client.wholeOutput()
      }
      #expect(output.hasSuffix("all held\n"), "\(address): \(output)\n\(node.daemon.journal)")
    }
    node.end()
  }

  @Test("curl drives it over the Unix socket, in chunks and with a go-ahead")
  func curl() async throws {
    guard access("/usr/bin/curl", X_OK) == 0 else {
      print("SKIPPED: no /usr/bin/curl")
      return
    }
    let node = try Node()
    let requests = (1...3).map { number in
      """
      {"custom_id":"r\(number)","method":"POST","url":"/v1/chat/completions","body":\
      {"model":"stand-in","messages":[{"role":"user","content":"?"}]}}\n
      """
    }.joined()
    let file = node.directory.write("three.jsonl", requests)
    let base = "http://localhost/v1"
    for field in ["Expect: 100-continue", "Transfer-Encoding: chunked", "Expect:"] {
      let answer = try node.curl(
        "-H", field, "-F", "file=@\(file)", "-F", "purpose=batch", base + "/files")
      #expect(answer.contains("\"bytes\":\(requests.utf8.count)"), "\(answer)")
      #expect(try node.curl("\(base)/files/\(Self.id(answer))/content") == requests)
    }
    let uploaded = Self.id(try node.curl("\(base)/files?limit=1"))
    let body =
      "{\"input_file_id\":\"\(uploaded)\",\"endpoint\":\"/v1/chat/completions\","
      + "\"completion_window\":\"10m\"}"
    let batch = Self.id(try node.curl("-d", body, base + "/batches"))
    var shown = ""
    for _ in 0..<1000 where !shown.contains("\"status\":\"completed\"") {
      shown = try node.curl("\(base)/batches/\(batch)")
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(shown.contains("\"completed\":3"), "\(shown)")
    // Another start finds all of it.
    #expect(node.daemon.end(SIGKILL) == nil)
    let again = try DaemonProcess(
      configuration: node.configuration, directory: node.directory.path)
    _ = again.ask("STATUS") { !$0.isEmpty }
    #expect(try node.curl("\(base)/batches/\(batch)") == shown)
    #expect(try node.curl("\(base)/files/\(uploaded)/content") == requests)
    #expect(again.end(SIGTERM) == 0)
    node.engine.stop()
  }

  @Test("a batch acknowledged a moment before the node is killed becomes one job")
  func killed() async throws {
    guard access("/usr/bin/curl", X_OK) == 0 else {
      print("SKIPPED: no /usr/bin/curl")
      return
    }
    let node = try Node()
    let base = "http://localhost/v1"
    let line =
      "{\"custom_id\":\"r\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":"
      + "{\"model\":\"stand-in\",\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]}}\n"
    let file = node.directory.write("one.jsonl", line)
    #expect(node.daemon.end(SIGKILL) == nil)
    for round in 1...4 {
      let first = try DaemonProcess(
        configuration: node.configuration, directory: node.directory.path)
      _ = first.ask("STATUS") { !$0.isEmpty }
      let answer = try node.curl("-F", "purpose=batch", "-F", "file=@\(file)", base + "/files")
      let body =
        "{\"input_file_id\":\"\(Self.id(answer))\",\"endpoint\":\"/v1/chat/completions\","
        + "\"completion_window\":\"24h\"}"
      let batch = Self.id(try node.curl("-d", body, base + "/batches"))
      // At once, or a little later each round: somewhere on its way to the queue.
      for _ in 1..<round { _ = first.ask("JOBS") }
      #expect(first.end(SIGKILL) == nil)
      let second = try DaemonProcess(
        configuration: node.configuration, directory: node.directory.path)
      _ = second.ask("STATUS") { !$0.isEmpty }
      var shown = ""
      for _ in 0..<1000 where !shown.contains("\"job\":\(round),") {
        shown = try node.curl("\(base)/batches/\(batch)")
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(shown.contains("\"job\":\(round),"), "\(shown)")
      #expect(second.ask("JOB \(round + 1)")?.contains("Error") == true)
      #expect(second.end(SIGKILL) == nil)
    }
    node.engine.stop()
  }

  /// The id of an object, or of the first one in a list.
  static func id(_ answer: String) -> String {
    let parts = answer.split(separator: "\"id\":\"", omittingEmptySubsequences: false)
    return parts.count > 1 ? String(parts[1].prefix { $0 != "\"" }) : "none"
  }
}
