import FoundationEssentials
import Glibc

/// The folder that the street's nodes live in, made anew for each day.
struct StreetDirectory {
  /// A folder is emptied only if this file says that the street made it.
  private static let mark = ".heliograph-street"
  /// A Unix socket's path has at most 107 bytes (unix(7)); the nodes' is the longest here.
  private static let longestPath = 107 - "/amber/control.sock".utf8.count

  /// Absolute.
  let path: String

  init(_ path: String, houses: [String]) throws(StreetError) {
    self.path = StreetSystem.absolutePath(path)
    guard self.path.utf8.count <= StreetDirectory.longestPath else {
      throw StreetError(
        "\(self.path) is too long for the sockets in it. Name a shorter one with --directory.")
    }
    let files = FileManager.default
    let mark = self.path + "/" + StreetDirectory.mark
    do {
      if files.fileExists(atPath: self.path), !files.fileExists(atPath: mark) {
        guard try files.contentsOfDirectory(atPath: self.path).isEmpty else {
          throw StreetError(
            "\(self.path) holds something that the street did not make. "
              + "Name another folder with --directory.")
        }
      }
      try files.createDirectory(atPath: self.path, withIntermediateDirectories: true)
      try StreetDirectory.lock(mark, in: self.path)
      for name in houses + ["batches"] {
        let folder = self.path + "/" + name
        if files.fileExists(atPath: folder) { try files.removeItem(atPath: folder) }
        try files.createDirectory(
          atPath: folder, withIntermediateDirectories: false,
          attributes: [.posixPermissions: 0o700])
      }
    } catch let error as StreetError {
      throw error
    } catch {
      throw StreetError(
        "\(self.path) can't be made anew: \(StreetSystem.errorText()). "
          + "Name another folder with --directory.")
    }
  }

  /// Marks the folder as this street's until the process ends.
  ///
  /// A second street would empty it below the first one's nodes. Child processes do not inherit
  /// the lock.
  private static func lock(_ mark: String, in path: String) throws(StreetError) {
    let file = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw StreetError("\(mark) can't be made: \(StreetSystem.errorText())")
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      close(file)
      throw StreetError(
        "another street lives in \(path). End it first, or name another folder with --directory.")
    }
    _ = StreetSystem.write("made by heliosim street, which empties it at each start\n", to: file)
  }

  func folder(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to file: String) throws(StreetError) {
    do {
      try Data(text.utf8).write(to: URL(filePath: file), options: .atomic)
    } catch {
      throw StreetError("\(file) can't be written: \(error)")
    }
  }
}
