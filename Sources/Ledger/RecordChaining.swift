import Sealing

/// How the identities of one author's records follow from one another.
///
/// A record's identity is the digest of the identity before it and of the digest of its content.
/// So of a record that nobody needs any more, 32 bytes are enough to go on proving all that was
/// before and after it: the chain can be computed from the digests of the contents alone, and the
/// next signature that is kept vouches for them.
public enum RecordChaining {
  /// The identity of a record; `previous` is nil for the first of a chain.
  ///
  /// BLAKE2b-256 of the 32 bytes of the identity before, zeros where there is none, and the 32
  /// bytes of BLAKE2b-256 of the content without the signature.
  public static func identity(after previous: Digest?, content: Digest) -> Digest {
    Digest(of: (previous ?? .zero).bytes + content.bytes)
  }

  /// The identity of a record by its bytes, of which no more is read than needed; nil where they are
  /// too short for a signature.
  public static func identity(of record: [UInt8]) -> Digest? {
    if let folded = FoldedRun.parts(of: record) { return identity(of: folded.record) }
    return content(of: record).map { identity(after: previous(in: record), content: $0) }
  }

  private static func previous(in record: [UInt8]) -> Digest? {
    guard record.count > sequenceOffset + 9 + 34,
      let length = headLengths[record[sequenceOffset] & 0x1F]
    else { return nil }
    let place = sequenceOffset + length
    guard record[place] == 0x58 else { return nil }
    return Digest(record[place + 2..<place + 34])
  }

  /// Where a record's sequence begins: after the array's head, the version, 16 bytes of community
  /// and 32 of author with their heads.
  private static let sequenceOffset = 2 + 17 + 34
  /// How long a number is that begins with these five bits.
  private static let headLengths: [UInt8: Int] = {
    var lengths: [UInt8: Int] = [0x18: 2, 0x19: 3, 0x1A: 5, 0x1B: 9]
    for value in UInt8(0)..<0x18 { lengths[value] = 1 }
    return lengths
  }()

  /// The digest of the content of a record's bytes; nil where these are too short for a signature.
  public static func content(of record: [UInt8]) -> Digest? {
    record.count > 64 ? Digest(of: Array(record.dropLast(64))) : nil
  }
}
