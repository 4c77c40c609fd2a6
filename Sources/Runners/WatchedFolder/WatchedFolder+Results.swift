import Glibc
import HeliographCore
import Planning

/// What becomes of a taken file whose job has ended.
extension WatchedFolder {
  /// Puts the results of a job that has ended into `done`.
  func finish(_ name: String, _ reports: [JobReport]) {
    guard name.hasSuffix(".jsonl"), let hyphen = name.firstIndex(of: "-"),
      let number = Int64(name[..<hyphen])
    else { return }
    let folder = String(name[name.index(after: hyphen)...].dropLast(".jsonl".count))
    let job = reports.first { $0.job.number == JobNumber(number) }?.job
    let results = jobsDirectory + "/" + folder
    // The output's name comes last and stands for the whole job's end.
    guard job?.isLive != true, Folder.exists(results + "/output.jsonl") else { return }
    let stem = "\(number)-\(folder.dropLast(9))"
    settle { () throws(RunnerError) in
      for part in ["output", "errors"] {
        guard let size = Folder.size("\(results)/\(part).jsonl"), size > 0 else { continue }
        try self.give("\(results)/\(part).jsonl", as: "\(stem).\(part).jsonl")
      }
      try self.move("taken/\(name)", to: "done/\(stem).input.jsonl")
    }
  }

  /// A second name for a result; where disks differ, a copy.
  private func give(_ file: String, as name: String) throws(RunnerError) {
    let done = path + "/done"
    guard !Folder.exists(done + "/" + name) else { return }
    if link(file, done + "/" + name) == 0 { return try Folder.synchronise(done) }
    guard errno == EXDEV || errno == EPERM else {
      throw AppendOnlyFile.failure("linked", file)
    }
    let source = try ServedFile(path: file)
    let copy = try AppendOnlyFile(path: done + "/" + name + ".new", length: 0)
    while copy.length < source.length {
      guard let bytes = source.bytes(at: copy.length, atMost: 1 << 16), !bytes.isEmpty else {
        throw RunnerError(.storage, "\(file) can't be read")
      }
      try copy.extend(bytes)
    }
    try copy.synchronise()
    try Folder.rename(name + ".new", to: name, in: done)
  }
}
