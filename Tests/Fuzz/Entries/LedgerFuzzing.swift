import Ledger
import Market
import Mesh
import Quantities
import Sealing

/// Any bytes as what neighbours sign and send.
enum LedgerFuzzing {
  /// Deterministic CBOR: what is taken has one form.
  static func cbor(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    guard let value = try? CBORValue(decoding: bytes) else { return }
    promise(value.encoded == bytes, "what is taken is written as it was read")
    promise(depth(of: value) <= CBORValue.maximumDepth, "nothing lies deeper than is allowed")
  }

  private static func depth(of value: CBORValue) -> Int {
    guard let items = value.array else { return 0 }
    return 1 + (items.map(depth).max() ?? 0)
  }

  /// A frame, and each signed thing; signatures are left out where that can be asked for.
  static func record(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    if let frame = try? Frame.decode(bytes) {
      promise(frame.encoded == bytes, "a frame that is known is written as it was read")
    }
    _ = try? Order(decoding: bytes)
    _ = try? MeterStatement(decoding: bytes)
    _ = try? WorkRequest(decoding: bytes)
    _ = try? WorkQuote(decoding: bytes)
    folded(bytes, promise: promise)
    guard let record = try? Record(decoding: bytes, verifying: false) else { return }
    promise(record.bytes == bytes, "a record keeps its bytes")
    promise(record.sequence >= 0, "a sequence is none before the first")
    promise((record.previous == nil) == (record.sequence == 0), "only the first follows nothing")
    var accounts = Accounts()
    _ = accounts.apply(record)
    promise(
      Accounts(decoding: accounts.encoded)?.encoded == accounts.encoded,
      "accounts come back from their snapshot")
    if let contract = Contract(accept: record) {
      promise(contract.buyer != contract.seller, "nobody trades with himself")
      promise(contract.terms.cost >= .zero, "a cost is no gift")
      promise(ContractTerms(body: contract.terms.body) == contract.terms, "terms are written")
    }
  }

  /// A record with what is left of those before it, as a frame or a file holds them.
  private static func folded(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    guard let (run, record) = FoldedRun.parts(of: bytes) else { return }
    promise(run.item(before: record) == bytes, "folded records are written as they were read")
    promise(run.end > run.first && run.first >= 0, "a run holds records")
    promise(run.identities.count == run.remainders.count, "each folded record has an identity")
    promise((run.previous == nil) == (run.first == 0), "only the first follows nothing")
    // Whatever it says, the ledger takes it, waits for what is before it, or says why not.
    guard let keys = KeyPair(seed: [UInt8](repeating: 7, count: 32)) else { return }
    var ledger = CommunityLedger(community: Community(name: "fuzz"), keys: keys)
    let receipt = ReceivedRecord(bytes).take(&ledger)
    if case .refused(let reason) = receipt {
      promise(!reason.isEmpty, "what is refused has a reason")
    }
  }
}
