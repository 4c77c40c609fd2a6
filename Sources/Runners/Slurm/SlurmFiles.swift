import Glibc
import Quantities

/// The files that running by Slurm adds to the jobs folder.
enum SlurmFiles {
  /// What the programs of a job said, in its folder.
  static let log = "slurm.log"
  /// The batch script that all jobs share, in the jobs folder.
  static let script = "slurm-batch.sh"
  /// What a job draws, in its folder.
  private static let power = "power.mW"

  /// The program takes the shell's place, so that Slurm's SIGTERM reaches it.
  private static let scriptText = "#!/bin/sh\nexec \"$@\"\n"

  /// Writes the batch script.
  static func writeScript(in jobsDirectory: String) throws(RunnerError) {
    try write(scriptText, to: script, in: jobsDirectory)
  }

  /// Remembers what a job draws for when it is submitted, perhaps after a restart.
  static func write(_ power: Power, in folder: String) throws(RunnerError) {
    try write("\(power.milliwatts)\n", to: Self.power, in: folder)
  }

  /// What a job draws; nil where nothing says.
  static func power(in folder: String) -> Power? {
    guard let text = tail(of: folder + "/" + power, bytes: 32),
      let milliwatts = Int64(text.prefix { $0 != "\n" }), milliwatts > 0
    else { return nil }
    return Power(milliwatts: milliwatts)
  }

  /// The last thing that a job's program said; nil where it said nothing.
  static func lastWords(in folder: String) -> String? {
    let lines = (tail(of: folder + "/" + log, bytes: 4096) ?? "").split(separator: "\n")
    // Slurm's own remarks say no more than its states.
    let own = lines.last { !$0.hasPrefix("slurmstepd") && $0 != "Terminated" }
    return own.map { SystemText.printable(String($0), limit: 120) }
  }

  private static func write(
    _ text: String, to name: String, in folder: String
  ) throws(RunnerError) {
    let partial = name + ".partial"
    let file = try AppendOnlyFile(path: folder + "/" + partial, length: 0)
    try file.append(Array(text.utf8))
    try Folder.rename(partial, to: name, in: folder)
  }

  private static func tail(of path: String, bytes count: Int) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: count)
    let got = pread(descriptor, &bytes, count, max(0, size - off_t(count)))
    return got > 0 ? String(decoding: bytes.prefix(got), as: UTF8.self) : nil
  }
}
