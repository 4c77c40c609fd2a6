import Quantities
import Sealing

/// Files: uploaded ones, and the results of batches.
extension BatchService {
  /// Everything that clients see as a file, in order of time.
  private var allFiles: [StoredFile] {
    let results = desk.records.all.flatMap { record in
      BatchRecord.parts.compactMap { result($0, of: record) }
    }
    guard !results.isEmpty else { return desk.files.files }
    return (desk.files.files + results).sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
  }

  private func result(_ part: String, of record: BatchRecord) -> StoredFile? {
    guard let outcome = record.outcome, record.lines(part) > 0,
      let bytes = Folder.size(path(part, of: record))
    else { return nil }
    return StoredFile(
      id: record.fileID(part), bytes: bytes, createdAt: outcome.finishedAt,
      fileName: "\(record.id)_\(part).jsonl", purpose: StoredFile.outputPurpose)
  }

  private func path(_ part: String, of record: BatchRecord) -> String {
    directory + "/" + record.folder + "/" + part + ".jsonl"
  }

  private static func missing(_ id: String) -> HTTPRefusal {
    HTTPRefusal(
      .refusal(404, "No such File object: \(SystemText.printable(id, limit: 60))", param: "id"))
  }

  private func find(_ id: String) throws(HTTPRefusal) -> (file: StoredFile, path: String) {
    if let file = desk.files.file(id) { return (file, desk.files.path(of: id)) }
    guard let (record, part) = desk.records.result(id), let file = result(part, of: record) else {
      throw Self.missing(id)
    }
    return (file, path(part, of: record))
  }

  func listFiles(_ request: HTTPRequest) throws(HTTPRefusal) -> HTTPResponse {
    let page = try ListPage(request, standard: 10_000, maximum: 10_000)
    let purpose = request[parameter: "purpose"]
    let all = allFiles.filter { purpose == nil || $0.purpose == purpose }
    let (files, hasMore) = try page.cut(all) { $0.id }
    return .page(files.map(\.object), hasMore: hasMore)
  }

  func showFile(_ id: String) throws(HTTPRefusal) -> HTTPResponse {
    .json(try find(id).file.object)
  }

  func sendFile(_ id: String) throws(HTTPRefusal) -> HTTPResponse {
    let path = try find(id).path
    do throws(RunnerError) {
      return .file(try ServedFile(path: path))
    } catch {
      desk.node.say("file \(id): \(error.message)")
      throw HTTPRefusal(.refusal(of: error))
    }
  }

  func deleteFile(_ id: String) throws(HTTPRefusal) -> HTTPResponse {
    do throws(RunnerError) {
      if let (record, part) = desk.records.result(id) {
        try desk.records.change(record.id) { $0.hidden.append(part) }
      } else {
        guard try desk.files.delete(id) else { throw RunnerError(.answer, "") }
      }
    } catch {
      if error.code == .answer { throw Self.missing(id) }
      desk.node.say("file \(id): \(error.message)")
      throw HTTPRefusal(.refusal(of: error))
    }
    return .json(
      .members(["id": .string(id), "object": .string("file"), "deleted": .bool(true)]))
  }
}
