/// Why the database could not do what was asked.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is, which decides whether trying again makes sense.
  public enum Kind: Hashable, Sendable {
    /// No room: on the disk, in the quota, or within the database's own page limit.
    case full
    /// The disk or file system refused: an I/O error, a read-only mount, missing permission.
    case io
    /// The file is damaged.
    case corrupt
    /// The file is another program's database.
    case foreign
    /// Another process has the database open.
    case busy
    /// The database was written by a later version than this one.
    case newer
    /// The database is one of an early version, before records could be folded.
    case older
    /// SQLite refused for another reason: a fault in this program.
    case refused
  }

  public let kind: Kind
  /// SQLite's extended result code; 0 where SQLite reported none.
  public let code: Int32
  /// SQLite's own words, or what was found.
  public let message: String
  /// What was being done: "commit", "open".
  public let operation: String
  public let path: String

  public init(kind: Kind, code: Int32, message: String, operation: String, path: String) {
    self.kind = kind
    self.code = code
    // SQLite's findings may take several lines; a journal entry is one.
    self.message = message.split(separator: "\n").joined(separator: " ")
    self.operation = operation
    self.path = path
  }

  public var description: String {
    let number = code == 0 ? "" : " (SQLite \(code))"
    return "database \(path): \(operation): \(message)\(number). \(advice)"
  }

  private var advice: String {
    switch kind {
    case .full: "Make room on its disk; it is tried again by itself."
    case .io: "Check the disk, its mount and who may write there; it is tried again by itself."
    case .corrupt:
      "A start keeps it aside and begins a new one; records come back from the neighbours."
    case .foreign: "Give another dataDirectory, or move the file away."
    case .busy: "Stop the other program that has it open."
    case .newer: "Install the version of Heliograph that wrote it, or a later one."
    case .older:
      "Move the data directory away: the ledger begins anew, and limits have to be typed again."
    case .refused: "This is a fault in Heliograph; please report it."
    }
  }
}
