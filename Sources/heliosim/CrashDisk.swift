import FoundationEssentials
import Glibc

/// A node's directory on the disk that Tests/Crash/disk.c makes, and the journal beside it.
struct CrashDisk {
  /// When a process is to be killed, counted in its durable points.
  struct Point: Hashable {
    enum Side: Int, CaseIterable { case before, after, halfWritten }

    let number: Int
    let side: Side
  }

  /// What a loss took back.
  struct Loss {
    let pieces: Int
    let names: Int
  }

  let directory: String
  /// Beside it, on the same file system.
  private let journal: String
  private let log: String
  /// The library, and the program that loses.
  private let library: String
  private let loser: String

  /// What Tests/Crash/build has made.
  struct Programs: Hashable {
    let library: String
    let loser: String

    init(in folder: String) {
      library = folder + "/disk.so"
      loser = folder + "/lose"
    }
  }

  init(_ directory: String, log: String, _ programs: Programs) {
    self.directory = directory
    journal = directory + ".journal"
    self.log = log
    library = StreetSystem.absolutePath(programs.library)
    loser = StreetSystem.absolutePath(programs.loser)
  }

  /// Empties the directory and its journal.
  func renew() throws(StreetError) {
    try Self.remove(directory)
    try Self.make(directory)
    try forget()
  }

  /// Begins a new journal: all that is in the directory is on the disk.
  func forget() throws(StreetError) {
    try Self.remove(journal)
    try Self.make(journal)
  }

  static func make(_ folder: String) throws(StreetError) {
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw StreetError("\(folder): \(StreetSystem.errorText())")
    }
  }

  /// Under which a process works on this disk.
  var environment: [String] {
    ["LD_PRELOAD=\(library)", "DISK_DIRECTORY=\(directory)", "DISK_JOURNAL=\(journal)"]
  }

  /// Starts a node of `CrashRun`'s; its promises come out of `output`.
  func start(
    _ node: [String], killedAt point: Point? = nil, ignoresSync: Bool, output: Int32
  ) throws(StreetError) -> StreetProcess {
    unlink(journal + "/points")
    var environment = environment
    if let point { environment.append("DISK_KILL=\(point.number):\(point.side.rawValue)") }
    if ignoresSync { environment.append("DISK_IGNORES_SYNC=1") }
    return try StreetProcess.start(
      try StreetSystem.ownExecutable(), ["crash", CrashNode.option, directory] + node,
      output: output, log: log, environment: environment)
  }

  /// The durable points that the last process passed, a letter for each.
  var points: [Character] {
    let bytes = FileManager.default.contents(atPath: journal + "/points") ?? Data()
    return Array(String(decoding: bytes, as: UTF8.self))
  }

  /// Takes back part of what nobody waited for, as `seed` throws the dice.
  func lose(_ seed: UInt64) throws(StreetError) -> Loss {
    let text = try StreetProcess.output(of: loser, [directory, journal, "\(seed)"], log: log)
    let numbers = text.split { $0 == " " || $0 == "\n" }.compactMap { Int($0) }
    guard numbers.count == 2 else { throw StreetError("\(loser) said '\(text)'") }
    return Loss(pieces: numbers[0], names: numbers[1])
  }

  /// Copies a directory to `other`, in place of what was there.
  static func copy(_ from: String, to other: String) throws(StreetError) {
    try remove(other)
    do { try FileManager.default.copyItem(atPath: from, toPath: other) } catch {
      throw StreetError("\(from) can't be copied to \(other): \(error)")
    }
  }

  static func remove(_ path: String) throws(StreetError) {
    guard access(path, F_OK) == 0 else { return }
    do { try FileManager.default.removeItem(atPath: path) } catch {
      throw StreetError("\(path) can't be removed: \(error)")
    }
  }
}
