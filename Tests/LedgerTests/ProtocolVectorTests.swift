import Ledger
import Market
import Quantities
import Sealing
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The vectors of Protocol.md are what this code writes.
@Suite struct ProtocolVectorTests {
  static let community = Community(name: "test")
  static let slot = TimeSlot(index: 2_000_000)

  /// Three chains that grow by turns.
  private struct Chains {
    let keys: [KeyPair]
    var lengths = [Int64](repeating: 0, count: 3)
    var heads = [Digest?](repeating: nil, count: 3)
    var vectors: [(name: String, bytes: [UInt8])] = []

    /// The next record of chain `author` to the party `peer`, under the name that the document
    /// gives it.
    mutating func write(
      _ name: String, by author: Int, to peer: Int, _ kind: Record.Kind, link: Digest? = nil,
      body: [CBORValue] = []
    ) -> Digest {
      let record = Record(
        community: community.identifier, keys: keys[author], sequence: lengths[author],
        previous: heads[author], time: slot.start - TimeSpan(minutes: 10), kind: kind,
        peer: keys[peer].publicKey, link: link, body: body)
      lengths[author] += 1
      heads[author] = record.identity
      vectors.append((name, record.bytes))
      return record.identity
    }
  }

  /// Each vector's name and bytes, in the document's order.
  static func vectors() throws -> [(name: String, bytes: [UInt8])] {
    let keys = try [UInt8(7), 8, 9].map {
      try #require(KeyPair(seed: [UInt8](repeating: $0, count: 32)))
    }
    let offer = Order(
      community: community, keys: keys[0], side: .offer, slot: slot,
      energy: Energy(wattHours: 500), limitPrice: Price(creditsPerKilowattHour: 10),
      time: slot.start - TimeSpan(minutes: 10))
    var chains = Chains(keys: keys)
    chains.vectors = [
      ("community", community.identifier), ("public key of seed 07", keys[0].publicKey.bytes),
      ("public key of seed 08", keys[1].publicKey.bytes),
      ("public key of seed 09", keys[2].publicKey.bytes),
      ("OFFER by 07, signed", offer.bytes), ("its identity", offer.identity.bytes),
    ]
    let rule = LimitRule(
      amount: Credits(credits: 20), growth: 250, ceiling: Credits(credits: 50))
    _ = chains.write("LIMIT by 07", by: 0, to: 1, .limit, body: rule.body)
    try energy(&chains, offer: offer)
    computing(&chains)
    money(&chains)
    folding(&chains)
    return chains.vectors
  }

  private static func energy(_ chains: inout Chains, offer: Order) throws {
    let terms = EnergyTerms(
      slot: slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10))
    let accept = chains.write(
      "ACCEPT by 08", by: 1, to: 0, .accept, link: offer.identity, body: terms.body)
    let confirm = chains.write("CONFIRM by 07", by: 0, to: 1, .confirm, link: accept)
    let bind = chains.write("BIND by 08", by: 1, to: 0, .bind, link: confirm)
    let statements = try [0, 1].map { side in
      try #require(
        MeterStatement(
          contract: accept, keys: chains.keys[side],
          opening: .init(at: slot.start, register: Energy(wattHours: 1000)),
          closing: .init(at: slot.end, register: Energy(wattHours: 1450)),
          resolution: Energy(wattHours: 1), share: Energy(wattHours: 450)))
    }
    chains.vectors.append(("METER of 07, signed", statements[0].bytes))
    chains.vectors.append(("METER of 08, signed", statements[1].bytes))
    let settlement = ContractState.Settlement(
      quantity: 450_000, amount: Credits(millicredits: 4500),
      statements: statements.map(\.identity))
    let settle = chains.write(
      "SETTLE by 07", by: 0, to: 1, .settle, link: bind, body: settlement.body)
    _ = chains.write("ACKNOWLEDGE by 08", by: 1, to: 0, .acknowledge, link: settle)
  }

  private static func computing(_ chains: inout Chains) {
    let terms = ComputingTerms(
      model: Digest(of: [1]), work: Digest(of: [2]), requests: 10, tokens: 1000,
      price: TokenPrice(creditsPerMillionTokens: 3000), deadline: slot.end)
    let accept = chains.write(
      "ACCEPT of computing by 08", by: 1, to: 0, .accept, link: Digest(of: [3]), body: terms.body)
    let confirm = chains.write("CONFIRM by 07, of computing", by: 0, to: 1, .confirm, link: accept)
    let commitment = ContractState.Commitment(
      record: confirm, root: Digest(of: [4]), answered: 9, tokens: 900)
    let commit = chains.write(
      "COMMIT by 07", by: 0, to: 1, .commit, link: confirm, body: commitment.body)
    let pick = chains.write("PICK by 08", by: 1, to: 0, .pick, link: commit)
    let settlement = ContractState.Settlement(quantity: 900, amount: Credits(millicredits: 2700))
    let settle = chains.write(
      "SETTLE by 07, of computing", by: 0, to: 1, .settle, link: pick, body: settlement.body)
    _ = chains.write(
      "DISPUTE by 08", by: 1, to: 0, .dispute, link: settle,
      body: [.integer(800), .integer(2400), .integer(2)])
    let other = chains.write(
      "another ACCEPT by 08", by: 1, to: 0, .accept, link: Digest(of: [3]), body: terms.body)
    let confirmed = chains.write("its CONFIRM by 07", by: 0, to: 1, .confirm, link: other)
    _ = chains.write("CANCEL by 07", by: 0, to: 1, .cancel, link: confirmed)
  }

  private static func money(_ chains: inout Chains) {
    let payment = chains.write("PAYMENT by 08", by: 1, to: 0, .payment, body: [.integer(2000)])
    _ = chains.write(
      "RECEIPT by 07", by: 0, to: 1, .receipt, link: payment, body: [.integer(2000)])
    _ = chains.write("DEFAULT by 07", by: 0, to: 1, .default, body: [.integer(1000)])
    let parties = [1, 0, 2].map { chains.keys[$0].publicKey }
    let net = chains.write(
      "NET by 08", by: 1, to: 0, .net,
      body: NettingProposal.body(
        amount: Credits(millicredits: 1500), until: slot.end, parties: parties))
    _ = chains.write("AGREE by 07", by: 0, to: 1, .agree, link: net)
    _ = chains.write("AGREE by 09", by: 2, to: 1, .agree, link: net)
  }

  private static func folding(_ chains: inout Chains) {
    let checkpoint = chains.write(
      "CHECKPOINT by 08", by: 1, to: 0, .checkpoint,
      body: [.integer(0), .integer(0), .integer(0), .integer(0), .integer(0)])
    _ = chains.write(
      "COUNTERSIGN by 07", by: 0, to: 1, .countersign, link: checkpoint, body: [.integer(0)])
    chains.vectors.append(("its identity, of a record", chains.heads[0]?.bytes ?? []))
    let own = chains.vectors.compactMap { try? Record(decoding: $0.bytes) }
      .filter { $0.author == chains.keys[1].publicKey }
    let run = FoldedRun(
      first: 0, previous: nil, remainders: own.prefix(2).map(RecordChaining.remainder))
    chains.vectors.append(
      ("records 0 and 1 of 08, folded before its record 2", run.item(before: own[2].bytes)))
  }

  @Test("Protocol.md holds exactly the vectors that this code writes")
  func documented() throws {
    let path =
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/") + "/Sources/HeliographCore/HeliographCore.docc/Protocol.md"
    let text = try #require(Self.contents(of: path))
    let packed = text.filter { !$0.isWhitespace }
    for (name, bytes) in try Self.vectors() {
      let hexadecimal = Hexadecimal.text(bytes)
      #expect(packed.contains(hexadecimal), "\(name): \(hexadecimal)")
    }
  }

  @Test("the records of the vectors move the balances that Protocol.md names")
  func balances() throws {
    var accounts = Accounts()
    var keys: [PublicKey] = []
    for (name, bytes) in try Self.vectors() {
      if name.hasPrefix("public key") { keys.append(try #require(PublicKey(bytes))) }
      guard let record = try? Record(decoding: bytes) else { continue }
      _ = accounts.apply(record)
    }
    // 4.5 acknowledged and 2.4 not in doubt, less 2 receipted and 1.5 taken off.
    #expect(accounts.balance(of: keys[0], with: keys[1]) == Credits(millicredits: 3400))
    #expect(accounts.balance(of: keys[2], with: keys[0]) == Credits(millicredits: -1500))
    #expect(accounts.balance(of: keys[1], with: keys[2]) == Credits(millicredits: -1500))
    // A quarter of the 2 receipted since.
    let limit = accounts.limit(creditor: keys[0], debtor: keys[1])
    #expect(limit == Credits(millicredits: 20_500))
    #expect(accounts.defaults(of: keys[1]).map(\.claim.amount) == [Credits(credits: 1)])
    #expect(accounts.openPayments(creditor: keys[0], debtor: keys[1]).isEmpty)
  }

  private static func contents(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 17)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
