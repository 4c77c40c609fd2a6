import HeliographCore
import Planning
import Quantities
import Sealing

/// Batches: made, shown, listed and taken back. On the desk's queue.
extension BatchService {
  /// How long a repeated request without a key finds what the first one made.
  private static let repeatSpan = TimeSpan(minutes: 10)

  func createBatch(
    _ request: HTTPRequest, _ reply: @escaping HTTPReply
  ) throws(HTTPRefusal) {
    let wish = try BatchWish(request.body)
    let key = try RepeatedRequests.key(of: request)
    if let key {
      let look = repeats.begin(key, content: Digest(of: request.body))
      if let refusal = RepeatedRequests.refusal(look) { throw HTTPRefusal(refusal) }
      if case .answered(let id) = look { return try showBatch(id, reply) }
    } else if let earlier = repeated(wish, request) {
      return try showBatch(earlier.id, reply)
    }
    do throws(HTTPRefusal) {
      let record = try add(wish)
      if let key { repeats.end(key, answer: record.id) }
      reply(.json(BatchObject(record: record, report: nil).json))
    } catch {
      if let key { repeats.end(key, answer: nil) }
      throw error
    }
  }

  private func add(_ wish: BatchWish) throws(HTTPRefusal) -> BatchRecord {
    guard let file = desk.files.file(wish.inputFile) else {
      let shown = SystemText.printable(wish.inputFile, limit: 60)
      throw HTTPRefusal(
        .refusal(
          400, "input_file_id: there is no uploaded file \(shown)", code: "invalid_input_file",
          param: "input_file_id"))
    }
    guard desk.records.live.count < BatchRecords.maximumLive else {
      throw HTTPRefusal(
        .refusal(
          429, "\(BatchRecords.maximumLive) batches are open: let some end first",
          code: "too_many_batches", isLasting: true))
    }
    let now = desk.node.now()
    let record = BatchRecord(
      id: FileName.random(FileName.batchPrefix), createdAt: now, inputFile: file.id,
      inputName: file.fileName, endpoint: wish.endpoint, window: wish.window,
      expiresAt: now + wish.span, metadata: wish.metadata, options: wish.options,
      folder: BatchStaging.folder(named: BatchStaging.name(from: file.fileName)))
    do throws(RunnerError) {
      try desk.add(record)
    } catch {
      desk.node.say("batch \(record.id): \(error.message)")
      throw HTTPRefusal(.refusal(of: error))
    }
    return record
  }

  /// The batch that a client made whose request is one that it says it repeats: OpenAI's own client
  /// counts its tries and sends no key unless it is told to.
  private func repeated(_ wish: BatchWish, _ request: HTTPRequest) -> BatchRecord? {
    guard let tries = request[field: "x-stainless-retry-count"].flatMap({ Int($0) }), tries > 0
    else { return nil }
    let now = desk.node.now()
    return desk.records.all.last { record in
      now.since(record.createdAt) <= Self.repeatSpan && record.inputFile == wish.inputFile
        && record.endpoint == wish.endpoint && record.window == wish.window
        && record.metadata == wish.metadata
    }
  }

  private func find(_ id: String) throws(HTTPRefusal) -> BatchRecord {
    guard let record = desk.records.record(id) else {
      let shown = SystemText.printable(id, limit: 60)
      throw HTTPRefusal(.refusal(404, "No batch found with id '\(shown)'", param: "batch_id"))
    }
    return record
  }

  func showBatch(_ id: String, _ reply: @escaping HTTPReply) throws(HTTPRefusal) {
    let record = try find(id)
    show([record], reply) { objects in objects.first.map { .json($0) } ?? .json(.null) }
  }

  func listBatches(
    _ request: HTTPRequest, _ reply: @escaping HTTPReply
  ) throws(HTTPRefusal) {
    let page = try ListPage(request, standard: 20, maximum: 100)
    let (records, hasMore) = try page.cut(desk.records.all) { $0.id }
    show(records, reply) { .page($0, hasMore: hasMore) }
  }

  func cancelBatch(_ id: String, _ reply: @escaping HTTPReply) throws(HTTPRefusal) {
    let record = try find(id)
    let status = BatchObject(record: record, report: nil).status
    guard !record.isOver || record.outcome?.ending == .cancelled else {
      throw HTTPRefusal(
        .refusal(409, "Cannot cancel a batch with status '\(status)'", code: "batch_is_over"))
    }
    do throws(RunnerError) {
      try desk.cancel(id)
    } catch {
      desk.node.say("batch \(id): \(error.message)")
      throw HTTPRefusal(.refusal(of: error))
    }
    try showBatch(id, reply)
  }

  /// Shows batches as they stand now; those that are over need nobody asked.
  private func show(
    _ records: [BatchRecord], _ reply: @escaping HTTPReply,
    _ body: @escaping @Sendable ([JSONValue]) -> HTTPResponse
  ) {
    guard records.contains(where: { $0.job != nil && !$0.isOver }) else {
      return reply(body(records.map { BatchObject(record: $0, report: nil).json }))
    }
    let isTaken = desk.node.jobs { [desk] reports in
      // Not on the thread that answers: it is the node's own.
      desk.queue.async {
        let objects = records.map { record in
          // What became of it meanwhile counts.
          let latest = desk.records.record(record.id) ?? record
          let report = reports.first { $0.job.number == latest.job }
          return BatchObject(record: latest, report: latest.isOver ? nil : report).json
        }
        reply(body(objects))
      }
    }
    if !isTaken { reply(.refusal(503, "the node is busy: ask again")) }
  }
}
