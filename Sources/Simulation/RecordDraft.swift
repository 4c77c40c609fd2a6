import Ledger
import Market
import Quantities
import Sealing

/// A record as someone writes it who keeps no rule: of any kind, at any place, with any body.
struct RecordDraft: Sendable {
  var sequence: Int64
  var previous: Digest?
  var time: Instant
  var kind: Int64
  var peer: PublicKey?
  var link: Digest?
  var body: [CBORValue]

  /// Its bytes with a signature, which is genuine.
  func signed(_ keys: KeyPair, in community: Community) -> [UInt8] {
    SealedContent(
      .array([
        .integer(Record.version), .bytes(community.identifier), .bytes(keys.publicKey.bytes),
        .integer(sequence), .bytes(sequence == 0 ? [] : previous?.bytes ?? []),
        .integer(time.millisecondsSince1970), .integer(kind), .bytes(peer?.bytes ?? []),
        .bytes(link?.bytes ?? []), .array(body),
      ]), keys: keys
    ).bytes
  }
}
