/// What of unfinished answers was generated, on disk: each piece before it counts.
///
/// `journal.partial.jsonl` in the job's folder, a line for each piece with the place in the answer
/// where it belongs. A torn last line is cut off; a piece that doesn't join is left out with all
/// that follow it. When nothing is unfinished any more the file starts over.
final class StreamJournal {
  static let fileName = "journal.partial.jsonl"
  private static let maximumLineBytes = 64 << 20

  private let file: AppendOnlyFile
  /// By custom id: what is on disk of it.
  private var pieces: [String: Generated]

  /// Reads what is there; `isDone` says which requests have their answer.
  init(
    folder: String, witness: (any DiskWitness)? = nil, isDone: (String) -> Bool
  ) throws(RunnerError) {
    let path = folder + "/" + Self.fileName
    var length: Int64 = 0
    var pieces: [String: Generated] = [:]
    if Folder.exists(path) {
      let reader = try LineReader(path: path, maximumLineBytes: Self.maximumLineBytes)
      while let line = try reader.next(), line.isWhole,
        let piece = try? JSONParser.parse(line.bytes)
      {
        length = line.offset + Int64(line.bytes.count) + 1
        Self.take(piece, into: &pieces)
      }
    }
    file = try AppendOnlyFile(path: path, length: length, witness: witness)
    try Folder.synchronise(folder, witness: witness)
    self.pieces = pieces.filter { !isDone($0.key) }
  }

  /// What was generated of this request; nil where nothing was.
  func generated(_ customID: String) -> Generated? { pieces[customID] }

  /// Puts on disk what has come since the last time.
  func append(_ generated: Generated, of customID: String) throws(RunnerError) {
    let known = pieces[customID]
    guard known != generated else { return }
    let start = known.map { generated.text.hasPrefix($0.text) ? $0.text.utf8.count : 0 } ?? 0
    var line = JSONValue.members([
      "custom_id": .string(customID), "at": .integer(start),
      "text": .string(String(decoding: generated.text.utf8.dropFirst(start), as: UTF8.self)),
      "tokens": .integer(generated.tokens), "cuts": .integer(generated.cuts),
    ])
    line["prompt_tokens"] = generated.promptTokens.map { JSONValue.integer($0) }
    try file.append(line.bytes + [0x0A])
    pieces[customID] = generated
  }

  /// Forgets a request that has its answer, or is begun anew.
  func forget(_ customID: String) throws(RunnerError) {
    guard pieces.removeValue(forKey: customID) != nil, pieces.isEmpty else { return }
    try file.clear()
  }

  private static func take(_ piece: JSONValue, into pieces: inout [String: Generated]) {
    guard let customID = piece["custom_id"]?.text, let start = piece["at"]?.integer,
      let text = piece["text"]?.text, let tokens = piece["tokens"]?.integer, tokens >= 0
    else { return }
    let before = start == 0 ? "" : pieces[customID]?.text
    guard let before, before.utf8.count == Int(start) else {
      pieces[customID] = nil
      return
    }
    pieces[customID] = Generated(
      text: before + text, tokens: tokens, promptTokens: piece["prompt_tokens"]?.integer,
      cuts: Int(piece["cuts"]?.integer ?? 0))
  }
}
