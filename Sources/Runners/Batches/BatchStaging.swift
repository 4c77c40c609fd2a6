import Glibc
import Planning
import Quantities
import Sealing
import Texting

/// Checks batch files and copies them into folders of their own below the jobs folder.
package struct BatchStaging {
  package static let maximumRequests = 50_000
  package static let maximumBytes: Int64 = 200_000_000

  package let jobsDirectory: String
  /// Where a bare file name is looked for; nil looks in `inbox` below the jobs folder.
  package let inboxDirectory: String
  private let witness: (any DiskWitness)?

  package init(
    jobsDirectory: String, inboxDirectory: String, witness: (any DiskWitness)? = nil
  ) {
    self.witness = witness
    self.jobsDirectory = jobsDirectory
    self.inboxDirectory = inboxDirectory
  }

  /// Removes what a crash left half copied: folders that never got their `input.jsonl`.
  package func removeUnfinished() {
    guard let listing = opendir(jobsDirectory) else { return }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      let folder = jobsDirectory + "/" + name
      guard name != ".", name != "..", Folder.exists(folder + "/input.partial.jsonl") else {
        continue
      }
      remove(folder)
    }
  }

  package func stage(
    _ request: BatchRequest, power: Power, terms: BatchTerms
  ) throws(RunnerError) -> StagedBatch {
    let source =
      request.file.contains("/") ? request.file : inboxDirectory + "/" + request.file
    let fileName = terms.name ?? source.split(separator: "/").last.map(String.init) ?? source
    let name = Self.name(from: fileName)
    let reader = try LineReader(path: source, maximumLineBytes: BatchLine.maximumBytes)
    try Folder.make(jobsDirectory, witness: witness)
    let folder = terms.folder ?? Self.folder(named: name)
    let path = jobsDirectory + "/" + folder
    try Folder.make(path, mustBeNew: true, witness: witness)
    do throws(RunnerError) {
      let (requests, model) = try copy(
        reader, to: path, fileName: SystemText.printable(fileName, limit: 24),
        model: request.model, endpoint: terms.endpoint)
      try Folder.rename(
        "input.partial.jsonl", to: "input.jsonl", in: path, witness: witness)
      try Folder.synchronise(jobsDirectory, witness: witness)
      return StagedBatch(
        folder: folder, name: name, model: model, requests: requests, power: power,
        deadline: terms.deadline, expires: terms.expires, priority: request.priority,
        value: request.value, interruptible: request.interruptible, after: request.after)
    } catch {
      remove(path)
      throw error
    }
  }

  private func copy(
    _ reader: LineReader, to path: String, fileName: String, model wanted: String?,
    endpoint: String?
  ) throws(RunnerError) -> (requests: Int, model: String) {
    let file = try AppendOnlyFile(
      path: path + "/input.partial.jsonl", length: 0, witness: witness)
    var seen: Set<Digest> = []
    var model = wanted
    var number = 0
    while true {
      number += 1
      func wrong(_ message: String) -> RunnerError {
        RunnerError(
          .invalidBatch, "\(fileName) line \(number): \(message)", line: number,
          field: BatchLine.field(in: message))
      }
      let next: LineReader.Line?
      do throws(RunnerError) {
        next = try reader.next()
      } catch {
        guard error.code == .invalidBatch else { throw error }
        throw wrong("longer than \(BatchLine.maximumBytes >> 20) MiB")
      }
      guard let next else { break }
      if BatchLine.isBlank(next.bytes) { continue }
      let line: BatchLine
      do throws(RunnerError) {
        line = try BatchLine(next.bytes)
      } catch {
        throw wrong(error.message)
      }
      guard endpoint == nil || line.url == endpoint else {
        throw wrong("url: \(line.url), expected \(endpoint ?? "") as the batch says")
      }
      guard seen.insert(Digest(of: Array(line.customID.utf8))).inserted else {
        let shown = SystemText.printable(line.customID, limit: 64)
        throw wrong("custom_id: \(shown) is there twice")
      }
      guard seen.count <= Self.maximumRequests else {
        throw wrong("more than \(Self.maximumRequests) requests: split the file")
      }
      if let model, model != line.model {
        let shown = SystemText.printable(line.model, limit: 40)
        throw wrong(
          "body.model: \(shown), expected \(SystemText.printable(model, limit: 40)) as one job "
            + "has one model")
      }
      model = line.model
      try file.extend(next.bytes + [0x0A])
      guard file.length <= Self.maximumBytes else {
        throw wrong("the file has more than 200 MB: split it")
      }
    }
    guard let model, !seen.isEmpty else {
      throw RunnerError(.invalidBatch, "\(fileName) holds no requests")
    }
    try file.synchronise()
    return (seen.count, model)
  }

  /// Removes the folder of a batch that was staged and has no results.
  package func discard(_ folder: String) {
    guard !folder.isEmpty, !folder.contains("/"), !folder.hasPrefix(".") else { return }
    let path = jobsDirectory + "/" + folder
    let results = ["output.partial.jsonl", "output.jsonl"]
    guard !results.contains(where: { Folder.exists(path + "/" + $0) }) else { return }
    remove(path)
  }

  private func remove(_ path: String) {
    for name in ["input.partial.jsonl", "input.jsonl"] { unlink(path + "/" + name) }
    rmdir(path)
  }

  /// The file's name as people may type it: at most 24 letters, digits, `-`, `_` and `.`.
  package static func name(from fileName: String) -> String {
    var stem = fileName[...]
    if stem.hasSuffix(".jsonl") { stem.removeLast(6) }
    let kept = stem.unicodeScalars.prefix(24).map { scalar -> Character in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9") ~= scalar)
      return isPlain || scalar == "-" || scalar == "_" || scalar == "." ? Character(scalar) : "-"
    }
    let name = String(kept.drop { $0 == "." })
    return name.isEmpty ? "job" : name
  }

  /// A new folder's name: eight random digits, so that two files of one name get two folders.
  package static func folder(named name: String) -> String {
    name + "-" + Hexadecimal.text((0..<4).map { _ in UInt8.random(in: .min ... .max) })
  }
}
