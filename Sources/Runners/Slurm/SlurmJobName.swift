import Planning

/// The name by which a node finds its own jobs in Slurm's queue: whose, which, and where it lies.
///
/// It is all that has to survive: a node that was killed between submitting and noting finds its
/// job by the name and never submits it twice.
struct SlurmJobName: Hashable, Sendable {
  private static let prefix = "heliograph"

  let node: String
  let job: JobNumber
  let folder: String

  init(node: String, job: JobNumber, folder: String) {
    self.node = node
    self.job = job
    self.folder = folder
  }

  /// Nil for the name of anything else.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == Self.prefix, let number = Int64(parts[2]), number > 0,
      Self.isFolder(String(parts[3]))
    else { return nil }
    node = String(parts[1])
    job = JobNumber(number)
    folder = String(parts[3])
  }

  var text: String { "\(Self.prefix):\(node):\(job):\(folder)" }

  /// Whether it is a folder's name as staging makes them, and no path.
  static func isFolder(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count), !text.hasPrefix(".") else { return false }
    return text.utf8.allSatisfy {
      isPlain($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
    }
  }

  /// Whether it is a node's name.
  static func isNode(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count) && text.utf8.allSatisfy(isPlain)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
