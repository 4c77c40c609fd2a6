import Dispatch
import Quantities
import Sealing

/// The OpenAI Batch API of a node: files and batches, on a Unix socket and, where wanted, loopback.
///
/// `POST|GET /v1/files`, `GET|DELETE /v1/files/{id}`, `GET /v1/files/{id}/content`,
/// `POST|GET /v1/batches`, `GET /v1/batches/{id}`, `POST /v1/batches/{id}/cancel`,
/// `GET /v1/models`. Result files belong to their jobs' folders: deleting one hides it from clients
/// and leaves it to the household.
public final class BatchAPI: Sendable {
  /// How clients reach it.
  public struct Access: Sendable {
    /// The path of the Unix socket; nil for none.
    public var socketPath: String?
    /// The port on 127.0.0.1 and ::1; nil for none, 0 for any free one.
    public var port: UInt16?
    /// What clients must send as their key over TCP; nil takes any. Never shown.
    public var key: [UInt8]?

    public init(socketPath: String?, port: UInt16?, key: [UInt8]?) {
      self.socketPath = socketPath
      self.port = port
      self.key = key
    }
  }

  private let desk: BatchDesk
  private let server: HTTPServer

  /// Opens what it keeps below `directory` (the jobs folder) and begins to serve.
  public init(
    _ access: Access, directory: String, node: any BatchNode,
    limits: StorageLimits = StorageLimits()
  ) throws(RunnerError) {
    try Folder.make(directory)
    let files = try FileStore(directory: directory + "/files", limits: limits)
    let records = try BatchRecords(directory: directory + "/batches")
    desk = BatchDesk(records: records, files: files, node: node)
    var listeners: [ListeningSocket] = []
    if let path = access.socketPath { listeners.append(try ListeningSocket(path: path)) }
    if let port = access.port {
      let first = try ListeningSocket(port: port)
      listeners.append(first)
      // A machine without IPv6 does without.
      if let second = try? ListeningSocket(version6Port: first.port) {
        listeners.append(second)
      }
    }
    server = try HTTPServer(
      listeners: listeners,
      service: BatchService(desk: desk, key: access.key, directory: directory))
    desk.start()
  }

  /// The port on 127.0.0.1; 0 where it serves a Unix socket only.
  public var port: UInt16 { server.port }

  /// Ends the server; what clients were told stays true.
  public func stop() {
    desk.stop()
    server.stop()
  }

  deinit { stop() }
}

/// Answers the API's requests: who may ask, then what was asked.
final class BatchService: HTTPService {
  let desk: BatchDesk
  /// The jobs folder.
  let directory: String
  let repeats = RepeatedRequests()
  private let key: Digest?
  /// Uploads wait for the disk here, and for nothing else.
  let disk = DispatchQueue(label: "uploads")

  static let maximumBodyBytes = 64 << 10

  init(desk: BatchDesk, key: [UInt8]?, directory: String) {
    self.desk = desk
    self.directory = directory
    self.key = key.map { Digest(of: $0) }
  }

  func intake(for head: HTTPRequest) -> HTTPIntake {
    if let refusal = refusal(of: head) { return .refused(refusal) }
    guard head.method == "POST", head.path == "/v1/files" else {
      return .memory(limit: Self.maximumBodyBytes)
    }
    do throws(HTTPRefusal) {
      return .sink(try FileIntake(head, service: self))
    } catch {
      return .refused(error.response)
    }
  }

  func answer(_ request: HTTPRequest, _ reply: @escaping HTTPReply) {
    desk.queue.async { self.route(request, reply) }
  }

  // MARK: Who may ask

  /// Why this client is not served; nil when it is.
  private func refusal(of head: HTTPRequest) -> HTTPResponse? {
    // A web page that the household looks at must not reach its node.
    guard head[field: "origin"] == nil else {
      return .refusal(403, "requests of web pages (with an Origin) are not served")
    }
    guard head.arrival == .loopback else { return nil }
    guard let host = head[field: "host"], Self.isLocal(host) else {
      return .refusal(403, "the Host must be localhost, 127.0.0.1 or [::1]")
    }
    guard let key else { return nil }
    guard let given = head[field: "authorization"], given.hasPrefix("Bearer "),
      Self.isEqual(Digest(of: Array(given.utf8.dropFirst("Bearer ".utf8.count))), key)
    else {
      return .refusal(
        401, "Authorization: expected Bearer and the key in jobs.api.keyFile",
        code: "invalid_api_key", kind: "authentication_error")
    }
    return nil
  }

  /// Whether a Host field names this machine itself; a name that was made to point here does not.
  private static func isLocal(_ host: String) -> Bool {
    let names = ["localhost", "127.0.0.1", "[::1]"]
    return names.contains { name in
      guard host.lowercased().hasPrefix(name) else { return false }
      let rest = host.dropFirst(name.count)
      return rest.isEmpty || (rest.first == ":" && UInt16(rest.dropFirst()) != nil)
    }
  }

  /// Takes as long for a wrong key as for the right one.
  private static func isEqual(_ left: Digest, _ right: Digest) -> Bool {
    var difference: UInt8 = 0
    for (one, other) in zip(left.bytes, right.bytes) { difference |= one ^ other }
    return difference == 0
  }

  // MARK: What was asked

  private func route(_ request: HTTPRequest, _ reply: @escaping HTTPReply) {
    let parts = request.path.split(separator: "/").map(String.init)
    guard parts.first == "v1", parts.count >= 2 else {
      return reply(.refusal(404, "there is no \(Self.shown(request.path)) here"))
    }
    do throws(HTTPRefusal) {
      switch (request.method, parts[1], parts.count) {
      case ("GET", "models", 2): reply(models())
      case ("GET", "files", 2): reply(try listFiles(request))
      case ("GET", "files", 3): reply(try showFile(parts[2]))
      case ("DELETE", "files", 3): reply(try deleteFile(parts[2]))
      case ("GET", "files", 4) where parts[3] == "content": reply(try sendFile(parts[2]))
      case ("POST", "batches", 2): try createBatch(request, reply)
      case ("GET", "batches", 2): try listBatches(request, reply)
      case ("GET", "batches", 3): try showBatch(parts[2], reply)
      case ("POST", "batches", 4) where parts[3] == "cancel": try cancelBatch(parts[2], reply)
      case (_, "files", 2...4), (_, "batches", 2...4), (_, "models", 2):
        throw HTTPRefusal(
          .refusal(405, "\(request.method) is not served at \(Self.shown(request.path))"))
      default: throw HTTPRefusal(.refusal(404, "there is no \(Self.shown(request.path)) here"))
      }
    } catch {
      reply(error.response)
    }
  }

  private static func shown(_ path: String) -> String { SystemText.printable(path, limit: 80) }

  private func models() -> HTTPResponse {
    let models = [desk.node.model].compactMap { $0 }.map { name in
      JSONValue.members([
        "id": .string(name), "object": .string("model"),
        "created": .integer(desk.node.now().secondsSince1970), "owned_by": .string("heliograph"),
      ])
    }
    return .json(.members(["object": .string("list"), "data": .array(models)]))
  }
}
