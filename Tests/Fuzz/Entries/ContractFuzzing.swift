import Ledger
import Quantities
import Sealing

/// Any row of records by three parties, one of whom forks: the accounts keep their promises.
///
/// Six bytes make a record: whose it is and of which kind, which earlier record it links, to whom
/// it goes, its time, and two numbers for its body. Nothing is signed: the accounts never ask.
enum ContractFuzzing {
  /// Chains 0 to 2 are the parties'; chain 3 is another branch of party 0's.
  private static let chains = 4
  private static let slot = TimeSlot(index: 2_000_000)
  /// Sequences go in steps, as if other records lay between: so checkpoints reach over some.
  private static let step: Int64 = 300

  static func run(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    let records = records(of: bytes)
    var accounts = Accounts()
    for record in records { _ = accounts.apply(record) }
    check(accounts, promise)
    promise(
      Accounts(decoding: accounts.encoded)?.encoded == accounts.encoded,
      "accounts come back from their snapshot")
    // The same records chain by chain, the last first; the branch after what it branches from.
    var other = Accounts()
    for chain in [2, 1, 0] {
      for record in records where record.author == keys[chain] { _ = other.apply(record) }
    }
    for first in keys {
      for second in keys where first != second {
        promise(
          accounts.balance(of: first, with: second) == other.balance(of: first, with: second),
          "balances do not depend on the order in which chains arrive")
      }
    }
  }

  private static func check(_ accounts: Accounts, _ promise: (Bool, String) -> Void) {
    let sum = keys.reduce(Credits.zero) { $0 + accounts.balance(of: $1) }
    promise(sum == .zero, "what one is owed another owes")
    for contract in accounts.contracts {
      promise(contract.state.owed <= contract.terms.cost, "no more is owed than was agreed")
      promise(contract.state.owed >= .zero, "a seller owes nothing for what it sold")
      let exposure = contract.exposure(at: slot.start - .minute)
      promise((.zero...contract.terms.cost).contains(exposure), "exposure is within the cost")
      guard contract.stage == .acknowledged else { continue }
      promise(contract.settlement?.amount == contract.state.owed, "what is acknowledged is owed")
    }
  }

  private static let keys: [PublicKey] = (1...3).map { number in
    PublicKey(words: Words32(first: UInt64(number), second: 0, third: 0, fourth: 0))
  }

  private static func records(of bytes: [UInt8]) -> [Record] {
    var records: [Record] = []
    var lengths = [Int64](repeating: 0, count: chains)
    var heads = [Digest?](repeating: nil, count: chains)
    for start in stride(from: 0, to: min(bytes.count - bytes.count % 6, 6 * 200), by: 6) {
      let choice = Array(bytes[start..<start + 6])
      let chain = Int(choice[0] & 3)
      // The branch leaves party 0's chain after its second record.
      if chain == 3, lengths[3] == 0 {
        guard lengths[0] > 2 * step,
          let second = records.filter({ $0.author == keys[0] }).dropFirst().first
        else { continue }
        lengths[3] = 2 * step
        heads[3] = second.identity
      }
      let author = chain == 3 ? 0 : chain
      let link = records.isEmpty ? nil : records[Int(choice[1]) % records.count]
      guard
        let record = record(
          choice, author: author, sequence: lengths[chain], previous: heads[chain], link: link)
      else { continue }
      guard !records.contains(where: { $0.identity == record.identity }) else { continue }
      lengths[chain] += step
      heads[chain] = record.identity
      records.append(record)
    }
    return records
  }

  private static func record(
    _ choice: [UInt8], author: Int, sequence: Int64, previous: Digest?, link: Record?
  ) -> Record? {
    let kind = Int64(choice[0] >> 2) % 18
    let isAlone: [Record.Kind] = [.limit, .payment, .default, .net, .checkpoint]
    let answered =
      Record.Kind(rawValue: kind).map(isAlone.contains) == true
      ? nil : kind == Record.Kind.accept.rawValue ? Digest(of: [1]) : link?.identity
    let peer = keys[(author + 1 + Int(choice[2] & 1)) % 3]
    let time = slot.start + TimeSpan(minutes: Int64(choice[3]) - 200)
    let content = CBORValue.array([
      .integer(Record.version), .bytes([UInt8](repeating: 0, count: 16)),
      .bytes(keys[author].bytes), .integer(sequence), .bytes(previous?.bytes ?? []),
      .integer(time.rawValue), .integer(kind), .bytes(peer.bytes),
      .bytes(answered?.bytes ?? []),
      .array(body(of: kind, choice, author)),
    ])
    return try? Record(
      decoding: content.encoded + [UInt8](repeating: 0, count: 64), verifying: false)
  }

  private static func body(of kind: Int64, _ choice: [UInt8], _ author: Int) -> [CBORValue] {
    let (first, second) = (Int64(choice[4]), Int64(choice[5]))
    switch Record.Kind(rawValue: kind) {
    case .accept where choice[2] & 2 == 0:
      return EnergyTerms(
        slot: slot, energy: Energy(wattHours: 1 + first), price: Price(rawValue: second * 100)
      ).body
    case .accept:
      return ComputingTerms(
        model: Digest(of: [1]), work: Digest(of: [2]), requests: 10, tokens: 1 + first * 1000,
        price: TokenPrice(rawValue: second * 1000), deadline: slot.start
      ).body
    case .settle, .dispute:
      // Figures that fit some of the terms above, and some that fit none.
      let quantity = first * 1000
      let statements = [Digest(of: [3]), Digest(of: [4])].map { CBORValue.bytes($0.bytes) }
      let figures: [CBORValue] = [.integer(quantity), .integer(quantity * second / 10_000)]
      if kind == Record.Kind.dispute.rawValue { return figures + [.integer(second % 7)] }
      return figures + (choice[2] & 2 == 0 ? statements : [])
    case .commit:
      return [.bytes(Digest(of: [5]).bytes), .integer(first % 12), .integer(second * 1000)]
    case .limit where choice[2] & 2 == 0: return [.integer(first * 100)]
    case .limit: return [.integer(first), .integer(second * 5), .integer(first + second * 100)]
    case .payment, .receipt, .default: return [.integer(first * 10)]
    case .net:
      let parties = (0..<3).map { CBORValue.bytes(keys[(author + $0) % 3].bytes) }
      return [.integer(first), .integer(slot.start.rawValue)] + parties
    case .checkpoint:
      let reaches = [first % 8, second % 8].map { CBORValue.integer($0 * 1024) }
      return reaches + [.integer(first * 10), .integer(second * 10), .integer(first)]
    case .countersign: return [.integer(first)]
    default: return []
    }
  }
}
