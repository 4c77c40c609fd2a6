import Glibc
import Ledger

/// A parcel that comes part by part, each on disk before it counts.
///
/// Beside it a small file says of how many parts it is, and its length once the last is there: the
/// last part may be shorter, so the length alone would not tell a whole parcel from a torn one.
package struct ParcelFile {
  package let path: String
  private let folder: String
  private let name: String

  /// `name` is made here from a contract's digest, never by a neighbour.
  package init(folder: String, name: String) {
    self.folder = folder
    self.name = name
    path = folder + "/" + name
  }

  private var noteName: String { name + ".parts" }

  /// How many parts are here, and of how many.
  package struct State: Hashable {
    package var parts: Int64
    package var count: Int64?

    package init(parts: Int64, count: Int64?) {
      self.parts = parts
      self.count = count
    }

    package var isWhole: Bool { parts == count }
  }

  private struct Note {
    var count: Int64
    /// In bytes, once all of it is here.
    var length: Int64?
  }

  private var note: Note? {
    guard let bytes = Folder.read(folder + "/" + noteName, atMost: 64) else { return nil }
    let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ").map { Int64($0) }
    guard let count = fields.first ?? nil, (1...WorkParcel.maximumParts).contains(count) else {
      return nil
    }
    return Note(count: count, length: fields.count > 1 ? fields[1] : nil)
  }

  private func write(_ note: Note) throws(RunnerError) {
    let text = "\(note.count)" + (note.length.map { " \($0)" } ?? "")
    try Folder.replace(noteName, with: Array(text.utf8), in: folder)
  }

  /// What of it is here; what a crash tore off does not count.
  package func look() -> State {
    guard let note, let length = Folder.size(path) else { return State(parts: 0, count: nil) }
    if let whole = note.length, length >= whole {
      return State(parts: note.count, count: note.count)
    }
    let parts = min(length / Int64(WorkParcel.partLength), note.count - 1)
    return State(parts: parts, count: note.count)
  }

  /// Appends the next part; one that is here already is not written again.
  ///
  /// All parts but the last are of one length, so a part's place follows from its number.
  package func append(_ bytes: [UInt8], part: Int64, of count: Int64) throws(RunnerError) -> State {
    var state = look()
    if state.parts > 0, state.count != count {
      throw RunnerError(.invalidBatch, "a parcel of \(state.count ?? 0) parts now has \(count)")
    }
    guard part == state.parts, part < count, !state.isWhole else { return state }
    let isLast = part == count - 1
    guard isLast ? !bytes.isEmpty : bytes.count == WorkParcel.partLength,
      bytes.count <= WorkParcel.partLength
    else { throw RunnerError(.invalidBatch, "part \(part + 1) of \(count) has a wrong length") }
    if part == 0 {
      try Folder.make(folder)
      try write(Note(count: count))
    }
    let start = part * Int64(WorkParcel.partLength)
    let file = try AppendOnlyFile(path: path, length: start)
    try file.append(bytes)
    if part == 0 { try Folder.synchronise(folder) }
    state = State(parts: part + 1, count: count)
    if isLast { try write(Note(count: count, length: start + Int64(bytes.count))) }
    return state
  }

  func remove() {
    Folder.remove(path)
    Folder.remove(folder + "/" + noteName)
  }

  /// Part `number` of a file that is here whole, and of how many; nil where there is none.
  package static func part(_ number: Int64, of path: String) -> (bytes: [UInt8], count: Int64)? {
    guard let file = try? ServedFile(path: path), file.length > 0 else { return nil }
    let length = Int64(WorkParcel.partLength)
    let count = (file.length + length - 1) / length
    guard (0..<min(count, WorkParcel.maximumParts)).contains(number) else { return nil }
    var bytes: [UInt8] = []
    let start = number * length
    let wanted = Int(min(length, file.length - start))
    while bytes.count < wanted {
      let from = start + Int64(bytes.count)
      guard let more = file.bytes(at: from, atMost: wanted - bytes.count), !more.isEmpty else {
        return nil
      }
      bytes += more
    }
    return (bytes, count)
  }
}
