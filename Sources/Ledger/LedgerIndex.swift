import Sealing

/// What a start reads instead of every record: all tags, and how accounts and chains stood.
///
/// Tags come in segments that are only ever added to; the snapshot is written anew each time. All
/// of it is committed together with the records that it covers. Each part ends with its digest,
/// and segments and snapshot say how many tags there are: whatever does not fit is not used, and
/// the records are read instead.
public struct LedgerIndex: Hashable, Sendable {
  /// Segments to be added; a few tens of KiB each.
  public let segments: [[UInt8]]
  /// The new snapshot.
  public let snapshot: [UInt8]
  /// Whether earlier segments are to be removed first.
  public let replacesAll: Bool

  public init(segments: [[UInt8]], snapshot: [UInt8], replacesAll: Bool) {
    self.segments = segments
    self.snapshot = snapshot
    self.replacesAll = replacesAll
  }

  /// The most tags in one segment: 32 KiB of them.
  static let segmentTags = 4096
  static let segmentName = "tags1"
}

/// An index that is being read: its snapshot, and its segments one after the other.
public struct IndexReading {
  private let check: Int64
  let chains: [CBORValue]
  let accounts: Accounts
  let snapshotBytes: Int
  /// Tags by author and branch.
  private(set) var tags: [PublicKey: [TagList]] = [:]
  private(set) var count = 0
  /// Whether each segment was as it was written and went on where the one before ended.
  private(set) var isWhole = true

  init(check: Int64, chains: [CBORValue], accounts: Accounts, snapshotBytes: Int) {
    self.check = check
    self.chains = chains
    self.accounts = accounts
    self.snapshotBytes = snapshotBytes
  }

  /// Takes the next segment.
  public mutating func take(_ segment: [UInt8]) {
    isWhole = isWhole && takeWhole(segment)
  }

  private mutating func takeWhole(_ segment: [UInt8]) -> Bool {
    guard let fields = Digested.fields(segment, named: LedgerIndex.segmentName),
      fields.count == 4, fields[1].integer == check, fields[2].integer == Int64(count),
      let runs = fields[3].array
    else { return false }
    for value in runs {
      guard let run = TagRun(value), (0..<Int64(Chain.maximumBranches)).contains(run.branch)
      else { return false }
      let branch = Int(run.branch)
      while tags[run.author, default: []].count <= branch {
        tags[run.author, default: []].append(TagList())
      }
      guard tags[run.author]?[branch].count == Int(run.from) else { return false }
      tags[run.author]?[branch].append(contentsOf: run.tags)
      count += run.tags.count
    }
    return true
  }
}

/// Tags of one branch that follow one another.
struct TagRun {
  let author: PublicKey
  let branch: Int64
  /// How many of the branch's tags came before.
  let from: Int64
  let tags: [RecordTag]

  var encoded: CBORValue {
    var bytes: [UInt8] = []
    let row = tags
    bytes.reserveCapacity(8 * row.count)
    for tag in row {
      for shift in stride(from: UInt64(56), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: tag >> shift))
      }
    }
    return .array([.bytes(author.bytes), .integer(branch), .integer(from), .bytes(bytes)])
  }

  init(author: PublicKey, branch: Int64, from: Int64, tags: [RecordTag]) {
    self.author = author
    self.branch = branch
    self.from = from
    self.tags = tags
  }

  init?(_ value: CBORValue) {
    guard let fields = value.array, fields.count == 4,
      let author = fields[0].bytes.flatMap(PublicKey.init), let branch = fields[1].integer,
      let from = fields[2].integer, let bytes = fields[3].bytes, bytes.count % 8 == 0
    else { return nil }
    var tags: [RecordTag] = []
    tags.reserveCapacity(bytes.count / 8)
    var tag: RecordTag = 0
    for (index, byte) in bytes.enumerated() {
      tag = tag << 8 | RecordTag(byte)
      if index % 8 == 7 { tags.append(tag) }
    }
    self.init(author: author, branch: branch, from: from, tags: tags)
  }
}

/// Content followed by its digest: what the store gave back as it was written.
enum Digested {
  static func bytes(_ content: CBORValue) -> [UInt8] {
    var bytes = content.encoded
    bytes += Digest(of: bytes).bytes
    return bytes
  }

  /// The fields of an array that begins with `name`; nil for anything else or damaged.
  static func fields(_ bytes: [UInt8], named name: String) -> [CBORValue]? {
    guard bytes.count > 32 else { return nil }
    let content = bytes.dropLast(32)
    guard Digest(of: content) == Digest(bytes.suffix(32)),
      let fields = (try? CBORValue(decoding: content))?.array, fields.first?.text == name
    else { return nil }
    return fields
  }
}
