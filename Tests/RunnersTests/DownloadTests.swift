import Runners
import Testing
import Thrown

@Suite("Download")
struct DownloadTests {
  private static func answer(
    _ text: String, limit: Int = 1000, timeout: Int = 5000
  ) throws -> Result<[UInt8], RunnerError> {
    let server = try WebServer { _ in text }
    defer { server.stop() }
    do {
      return .success(
        try Download.get(
          "http://127.0.0.1:\(server.port)/v1/forecast?a=b&c=d", atMost: limit,
          timeoutMilliseconds: timeout))
    } catch {
      return .failure(error)
    }
  }

  @Test("fetches a body, and asks for the path with its query")
  func fetches() throws {
    let server = try WebServer { FaultyServer.response(200, $0) }
    defer { server.stop() }
    let url = "http://127.0.0.1:\(server.port)/v1/forecast?a=b&c=d"
    let body = String(decoding: try Download.get(url, atMost: 1000), as: UTF8.self)
    #expect(body == "GET /v1/forecast?a=b&c=d HTTP/1.1")
  }

  @Test(
    "says why there is nothing",
    arguments: [
      (FaultyServer.response(500, "{}"), "answers 500"),
      (FaultyServer.response(200, String(repeating: "x", count: 2000)), "more than 1000 bytes"),
      ("no HTTP at all", ""), ("", ""),
      ("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort", ""),
    ])
  func complains(answer: String, part: String) throws {
    let result = try Self.answer(answer)
    guard case .failure(let error) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(error.code == .answer)
    #expect(error.message.contains(part) && !error.message.isEmpty, "\(error.message)")
  }

  @Test("goes nowhere but to http and https, however it is led there")
  func staysOnTheWeb() throws {
    let field = "Location: file:///etc/hostname"
    let result = try Self.answer(FaultyServer.response(302, "", field: field))
    #expect(throws: RunnerError.self) { try result.get() }
    let error = thrown(RunnerError.self) { try Download.get("file:///etc/hostname", atMost: 99) }
    #expect(error?.code == .answer)
  }

  @Test("gives up on a server that never answers, and on one that nobody runs")
  func givesUp() throws {
    let server = try WebServer { _ in nil }
    let port = server.port
    let url = "http://127.0.0.1:\(port)/"
    #expect(throws: RunnerError.self) {
      try Download.get(url, atMost: 10, timeoutMilliseconds: 300)
    }
    server.stop()
    #expect(throws: RunnerError.self) { try Download.get(url, atMost: 10) }
  }
}
