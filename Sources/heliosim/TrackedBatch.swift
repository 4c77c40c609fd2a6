import FoundationEssentials
import Glibc

/// A batch whose requests are known one by one, so that their results can be held against them.
struct TrackedBatch {
  /// Whatever a results file holds of one request.
  private struct Line: Decodable {
    var custom_id: String
  }

  let name: String
  let text: String
  /// In the order of the file.
  let customIDs: [String]
  /// The node's jobs folder.
  let jobs: String

  /// `line` makes the request of a custom id.
  init(name: String, count: Int, jobs: String, line: (_ customID: String) -> String) {
    self.name = name
    self.jobs = jobs
    customIDs = (1...count).map { "\(name)-\($0)" }
    text = customIDs.map { line($0) + "\n" }.joined()
  }

  /// The job's folder; nil while the node has none.
  var folder: String? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: jobs)) ?? []
    return names.sorted().first { $0.hasPrefix(name + "-") }.map { jobs + "/" + $0 }
  }

  /// Whether the results have their final names.
  var isFinished: Bool { folder.map { access($0 + "/output.jsonl", F_OK) == 0 } ?? false }

  /// How many answers are on disk, finished or not.
  var durable: Int {
    ["output.partial.jsonl", "output.jsonl"].reduce(0) { $0 + (ids(in: $1)?.count ?? 0) }
  }

  /// The custom ids of a results file, whole lines only; nil where there is no such file.
  func ids(in name: String) -> [String]? {
    guard let folder, let content = FileManager.default.contents(atPath: folder + "/" + name)
    else { return nil }
    let end = content.lastIndex(of: 0x0A) ?? content.startIndex
    return content[..<end].split(separator: 0x0A).map { bytes in
      (try? JSONDecoder().decode(Line.self, from: Data(bytes)))?.custom_id ?? "unreadable"
    }
  }

  /// What is wrong with the finished results; empty when every request is there once.
  func problems() -> [String] {
    guard let found = ids(in: "output.jsonl") else { return ["\(name): there is no output"] }
    var problems: [String] = []
    let counts = found.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    for customID in customIDs where counts[customID] != 1 {
      problems.append("\(customID): \(counts[customID] ?? 0) lines instead of 1")
    }
    if found.count != customIDs.count {
      problems.append("\(name): \(found.count) lines for \(customIDs.count) requests")
    }
    if let failed = ids(in: "errors.jsonl") {
      problems.append("\(name): \(failed.count) requests failed: \(failed.joined(separator: ", "))")
    }
    return problems
  }
}
