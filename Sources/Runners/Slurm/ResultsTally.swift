import Glibc
import Planning
import Sealing

/// Counts the lines of a job's results while another process writes them.
///
/// Reads on from where it was; a last line without its end is not there yet. Nothing is changed:
/// the files are the writer's.
final class ResultsTally {
  private struct Counted {
    var offset: Int64 = 0
    var lines = 0
  }

  private static let maximumLineBytes = 64 << 20

  private(set) var completionTokens: Int64 = 0
  /// Whether the results have their final names: every request has its line.
  private(set) var isFinished = false
  private let path: String
  private var output = Counted()
  private var errors = Counted()
  private var seen: Set<Digest> = []

  /// Throws where there is no such job.
  init(path: String) throws(RunnerError) {
    guard Folder.exists(path + "/input.jsonl") else {
      throw RunnerError(.storage, "\(path) holds no input.jsonl: the job's folder is gone")
    }
    self.path = path
  }

  var completed: Int { output.lines }
  var failed: Int { errors.lines }

  /// Takes in what was added since.
  func refresh() {
    // Before the lines: the final name comes last, so what it stands for is there to be read.
    let hasEnded = Folder.exists(path + "/output.jsonl")
    count("output", &output, countsTokens: true)
    count("errors", &errors, countsTokens: false)
    isFinished = hasEnded
  }

  private func count(_ kind: String, _ counted: inout Counted, countsTokens: Bool) {
    // The writer may give it its final name at any moment.
    for name in [kind + ".jsonl", kind + ".partial.jsonl", kind + ".jsonl"] {
      let file = path + "/" + name
      guard Folder.exists(file),
        let reader = try? LineReader(
          path: file, maximumLineBytes: Self.maximumLineBytes, from: counted.offset)
      else { continue }
      while let line = try? reader.next(), line.isWhole {
        counted.offset = line.offset + Int64(line.bytes.count) + 1
        guard let result = try? JSONParser.parse(line.bytes),
          let customID = result["custom_id"]?.text,
          seen.insert(Digest(of: Array(customID.utf8))).inserted
        else { continue }
        counted.lines += 1
        let tokens = result["response"]?["body"]?["usage"]?["completion_tokens"]?.integer
        if countsTokens { completionTokens += tokens.flatMap(RequestOutcome.plausible) ?? 0 }
      }
      return
    }
  }
}
