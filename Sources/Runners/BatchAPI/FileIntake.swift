import Sealing

/// Takes an uploaded form in: its file goes to disk as it comes.
final class FileIntake: HTTPBodySink {
  /// What a form may have around its file.
  private static let formBytes: Int64 = 128 << 10

  private let service: BatchService
  private let request: HTTPRequest
  private var reader: MultipartReader
  private var form: UploadForm

  init(_ head: HTTPRequest, service: BatchService) throws(HTTPRefusal) {
    self.service = service
    request = head
    reader = try MultipartReader(contentType: head[field: "content-type"] ?? "")
    form = UploadForm(desk: service.desk)
    // What is announced as too large need not come first.
    let limit = service.desk.files.limits.fileBytes
    let announced = head[field: "content-length"].flatMap { Int64($0) } ?? 0
    guard announced <= limit + Self.formBytes else {
      let error = RunnerError(
        .tooLarge, "the file has more than \(limit / 1_000_000) MB: split it")
      throw HTTPRefusal(.refusal(of: error))
    }
  }

  func take(_ bytes: ArraySlice<UInt8>) throws(HTTPRefusal) {
    try reader.take(bytes) { event throws(HTTPRefusal) in try form.take(event) }
  }

  func finish(_ reply: @escaping HTTPReply) {
    do throws(HTTPRefusal) {
      try reader.finish()
      let (given, fileName, purpose) = try form.takeWhole()
      let key = try RepeatedRequests.key(of: request)
      // Safe: handed over whole; from here on only the closure below has it.
      nonisolated(unsafe) let upload = given
      let service = service
      service.disk.async {
        reply(Self.keep(upload, fileName: fileName, purpose: purpose, key: key, service))
      }
    } catch {
      reply(error.response)
    }
  }

  /// Puts the file on disk; one that a client sends again under its key is not kept twice.
  private static func keep(
    _ upload: FileUpload, fileName: String, purpose: String, key: String?, _ service: BatchService
  ) -> HTTPResponse {
    if let key {
      let content = Digest(of: Array("\(upload.length) \(fileName)".utf8))
      let look = service.repeats.begin(key, content: content)
      if let refusal = RepeatedRequests.refusal(look) { return refusal }
      if case .answered(let id) = look {
        return service.desk.files.file(id).map { .json($0.object) }
          ?? .refusal(404, "the file made with this Idempotency-Key was deleted")
      }
    }
    do throws(RunnerError) {
      let now = service.desk.node.now()
      let file = try upload.finish(fileName: fileName, purpose: purpose, at: now)
      if let key { service.repeats.end(key, answer: file.id) }
      return .json(file.object)
    } catch {
      if let key { service.repeats.end(key, answer: nil) }
      service.desk.node.say("upload: \(error.message)")
      return .refusal(of: error)
    }
  }
}
