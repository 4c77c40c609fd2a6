import Glibc
import Planning
import Sealing

/// Counts the lines of a job's results while another process writes them.
///
/// Reads on from where it was; a line that is not whole is not there yet. Nothing is changed: the
/// files are the writer's.
package final class ResultsTally {
  private struct Counted {
    package var offset: Int64 = 0
    package var lines = 0
  }

  private static let maximumLineBytes = 64 << 20

  package private(set) var completionTokens: Int64 = 0
  /// Whether the results have their final names: every request has its line.
  package private(set) var isFinished = false
  private let path: String
  private var output = Counted()
  private var errors = Counted()
  private var seen: Set<Digest> = []

  /// Throws where there is no such job.
  package init(path: String) throws(RunnerError) {
    guard Folder.exists(path + "/input.jsonl") else {
      throw RunnerError(.storage, "\(path) holds no input.jsonl: the job's folder is gone")
    }
    self.path = path
  }

  package var completed: Int { output.lines }
  package var failed: Int { errors.lines }

  /// Takes in what was added since.
  package func refresh() {
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
        let result = try? JSONParser.parse(line.bytes)
        // Half a line, or the room that the writer keeps after the last: it is read again.
        if result == nil, name.contains(".partial.") { break }
        counted.offset = line.offset + Int64(line.bytes.count) + 1
        guard let customID = result?["custom_id"]?.text,
          seen.insert(Digest(of: Array(customID.utf8))).inserted
        else { continue }
        counted.lines += 1
        let tokens = result?["response"]?["body"]?["usage"]?["completion_tokens"]?.integer
        if countsTokens { completionTokens += tokens.flatMap(RequestOutcome.plausible) ?? 0 }
      }
      return
    }
  }
}
