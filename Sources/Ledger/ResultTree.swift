import Sealing

/// What a COMMIT fixes of a batch's results, and which of them chance picks afterwards.
public enum ResultTree {
  /// How many results are audited, as long as there are as many.
  public static let audited = 4

  /// The leaf of one result: the digest of its place among the requests, its tokens and its line,
  /// without the line feed.
  public static func leaf(index: Int64, tokens: Int64, line: [UInt8]) -> Digest {
    Digest(of: CBORValue.array([.integer(index), .integer(tokens), .bytes(line)]).encoded)
  }

  /// The root over all leaves, in order of index.
  public static func root(of leaves: [Digest]) -> Digest {
    var bytes = Array("results1".utf8)
    bytes.reserveCapacity(bytes.count + 32 * leaves.count)
    for leaf in leaves { bytes += leaf.bytes }
    return Digest(of: bytes)
  }

  /// The places, among `answered` results, of those that a PICK with this identity audits; in
  /// order, each once.
  ///
  /// Neither side can choose them: the results were fixed before the PICK was written, and its
  /// identity is a digest.
  public static func audits(by pick: Digest, among answered: Int64) -> [Int64] {
    guard answered > 0 else { return [] }
    let places = (0..<min(UInt8(audited), UInt8(clamping: answered))).map { number in
      let chance = Digest(of: pick.bytes + [number]).words.first
      return Int64(chance % UInt64(answered))
    }
    return Set(places).sorted()
  }
}
