import Sealing

/// How the identities of one author's records follow from one another.
///
/// A record's identity is the digest of the identity before it, of its kind, and of the digest of
/// its content. So of a record that nobody needs any more, 34 bytes are enough to go on proving all
/// that was before and after it: the chain can be computed from kinds and digests alone, and the
/// next signature that is kept vouches for them. The kind stands apart so that nobody can pass off
/// as no longer needed what always is: a limit, a receipt.
public enum RecordChaining {
  /// The identity of a record; `previous` is nil for the first of a chain.
  ///
  /// BLAKE2b-256 of the 32 bytes of the identity before, zeros where there is none, the kind in two
  /// bytes, the higher one first, and the 32 bytes of BLAKE2b-256 of the content without the
  /// signature.
  public static func identity(after previous: Digest?, kind: Int64, content: Digest) -> Digest {
    var input = (previous ?? .zero).bytes
    input.reserveCapacity(66)
    input.append(UInt8(truncatingIfNeeded: kind >> 8))
    input.append(UInt8(truncatingIfNeeded: kind))
    input.append(contentsOf: content.bytes)
    return Digest(of: input)
  }

  /// What is left of a record once it is folded.
  public static func remainder(of record: Record) -> FoldedRun.Remainder {
    FoldedRun.Remainder(
      kind: record.kindNumber, content: Digest(of: Array(record.bytes.dropLast(64))))
  }

  /// The digest of the content of a record's bytes; nil where these are too short for a signature.
  public static func content(of record: [UInt8]) -> Digest? {
    record.count > 64 ? Digest(of: record.dropLast(64)) : nil
  }
}
