import Glibc
import Testing

/// What a large batch costs a daemon in memory.
extension BatchClientTests {
  /// The most memory that a process has had resident, in KiB.
  static func peak(_ process: pid_t) -> Int? {
    let text = FileText.read("/proc/\(process)/status").map { String(decoding: $0, as: UTF8.self) }
    let line = text?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.split { $0 == " " || $0 == "\t" }.dropFirst().first ?? "") }
  }

  @Test("50,000 requests are uploaded, checked and copied in flat memory")
  func flatMemory() async throws {
    guard access("/usr/bin/curl", X_OK) == 0 else {
      print("SKIPPED: no /usr/bin/curl")
      return
    }
    let node = try Node()
    let padding = String(repeating: "How much sun is left for this house today? ", count: 6)
    func file(_ count: Int, _ name: String) -> String {
      let lines = (1...count).map { number in
        """
        {"custom_id":"request-\(number)","method":"POST","url":"/v1/chat/completions","body":\
        {"model":"stand-in","messages":[{"role":"user","content":"\(padding)"}]}}\n
        """
      }
      return node.directory.write(name, lines.joined())
    }
    let base = "http://localhost/v1"
    func run(_ count: Int) async throws -> String {
      let path = file(count, "many.jsonl")
      let answer = try node.curl("-F", "purpose=batch", "-F", "file=@\(path)", base + "/files")
      let body =
        "{\"input_file_id\":\"\(Self.id(answer))\",\"endpoint\":\"/v1/chat/completions\","
        + "\"completion_window\":\"24h\"}"
      let batch = Self.id(try node.curl("-d", body, base + "/batches"))
      var shown = ""
      for _ in 0..<3000 where !shown.contains("\"job\":") || shown.contains("\"job\":null") {
        shown = try node.curl("\(base)/batches/\(batch)")
        try await Task.sleep(for: .milliseconds(20))
      }
      return shown
    }
    // A small one first: what code and caches take once is no batch's.
    #expect(try await run(10).contains("\"total\":10,"))
    let before = try #require(Self.peak(node.daemon.process))
    #expect(try await run(50_000).contains("\"total\":50000,"))
    let after = try #require(Self.peak(node.daemon.process))
    print("50,000 requests: peak of \(before) KiB before, \(after) KiB after")
    // The file has 21 MB; the digests of 50,000 ids take 3 to 5.
    #expect(after - before < 12_000)
    node.end()
  }
}
