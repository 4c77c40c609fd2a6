import Sealing

/// Eight bytes that stand for a record's identity within one node.
///
/// A million records take 8 MB so. The tag is a hash of the identity under a secret of the node:
/// nobody who does not know its key can search for two records that have one tag, and that two have
/// one by chance is a matter of 2⁻⁶⁴ for each pair of one author and sequence.
public typealias RecordTag = UInt64

/// Makes the tags of one node.
struct TagSalt: Sendable {
  private let hash: ShortHash

  init(keys: KeyPair) {
    hash = ShortHash(secret: Digest(of: Array("heliograph record tag".utf8) + keys.seed))
  }

  func tag(_ identity: Digest) -> RecordTag { hash(identity) }

  /// Tells whether tags in the store are this node's.
  var check: Int64 { Int64(bitPattern: tag(.zero)) }
}
