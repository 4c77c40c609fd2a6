import HeliographCore
import Sealing

/// What a node has promised to keep, over all of its lives with one directory.
struct CrashPromises {
  /// One place of one author's chain.
  struct Place: Hashable {
    let author: PublicKey
    let sequence: Int64
  }

  /// The digest of the whole bytes of what was promised.
  private(set) var records: [Place: Digest] = [:]
  private(set) var ownCount: Int64 = 0
  private let own: PublicKey

  init() throws(StreetError) { own = try CrashTrade.keys(CrashTrade.node).publicKey }

  /// The line about a record, with its end.
  static func line(_ record: StoredRecord) -> String {
    "\(record.author.hexadecimal) \(record.sequence) \(Digest(of: record.bytes).hexadecimal)\n"
  }

  /// Takes what a node has said; a last line without its end was not said.
  mutating func take(_ text: some StringProtocol) throws(StreetError) {
    let whole = text.lastIndex(of: "\n").map { text[..<$0] } ?? ""
    for line in whole.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let author = PublicKey(hexadecimal: String(words[0])),
        let sequence = Int64(words[1]), let digest = Digest(hexadecimal: String(words[2]))
      else { throw StreetError("the node said '\(line)'") }
      let place = Place(author: author, sequence: sequence)
      if let earlier = records.updateValue(digest, forKey: place) {
        let kind = earlier == digest ? "twice" : "two different ones: a fork"
        throw StreetError("record \(sequence) of \(author.short) was promised \(kind)")
      }
      if author == own { ownCount = max(ownCount, sequence + 1) }
    }
  }
}
