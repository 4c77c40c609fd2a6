import Sealing

/// A record's bytes from a neighbour, with what is known of them before the ledger sees them.
///
/// The edge may decode and verify many of them on all cores; the ledger verifies what nobody did.
public struct ReceivedRecord: Sendable {
  public let bytes: [UInt8]
  /// What they say; nil where they are no record, or nobody has looked.
  public let record: Record?
  /// What is left of the records before it, where these came folded.
  public let run: FoldedRun?
  /// Whether the signature was verified by this node.
  public let isGenuine: Bool
  /// Where the record belongs; nil where there is none, or more came with it.
  public let place: Place?

  /// What tells whether a record is known, apart from its bytes.
  public struct Place: Hashable, Sendable {
    public let author: PublicKey
    public let sequence: Int64
    public let identity: Digest

    init(_ record: Record) {
      author = record.author
      sequence = record.sequence
      identity = record.identity
    }
  }

  /// Bytes that may be anything.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let parts = FoldedRun.parts(of: bytes)
    record = try? Record(decoding: parts?.record ?? bytes, verifying: false)
    run = parts?.run
    place = parts == nil ? record.map(Place.init) : nil
    isGenuine = false
  }

  /// A record whose signature was verified, or not.
  public init(_ record: Record, after run: FoldedRun? = nil, isGenuine: Bool) {
    bytes = run?.item(before: record.bytes) ?? record.bytes
    self.record = record
    self.run = run
    place = run == nil ? Place(record) : nil
    self.isGenuine = isGenuine
  }

  /// Hands it to a ledger.
  public func take(_ ledger: inout CommunityLedger) -> CommunityLedger.Receipt {
    guard let record else { return ledger.receive(bytes) }
    return ledger.receive(record, after: run, isGenuine: isGenuine)
  }
}
