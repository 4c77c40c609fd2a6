import FoundationEssentials
import Glibc
import Ledger
import Market
import Quantities
import Sealing
import Thrown

/// The second implementation in Tests/Interop, asked for one thing.
enum SecondLedger {
  /// What a ledger comes to, in the form that both implementations print.
  struct Summary: Codable, Equatable {
    struct Fork: Codable, Equatable {
      var author: String
      var sequence: Int64
    }

    struct Pair: Codable, Equatable {
      var creditor: String
      var debtor: String
      var balance: Int64
      var limit: Int64
      var `default`: Int64
      var open: Int64
    }

    struct AgreedContract: Codable, Equatable {
      var contract: String
      var buyer: String
      var seller: String
      var state: String
      var last: String
      var quantity: Int64?
      var amount: Int64?
      var moved: Int64
      var disputes: Int
      var open: Int64
    }

    var records: Int
    var authors: Int
    var forks: [Fork]
    var contracts: [AgreedContract]
    var pairs: [Pair]

    /// What this implementation makes of the same records.
    init(_ check: LedgerCheck, of community: Community, keys: [PublicKey]) {
      let accounts = check.accounts(of: community.identifier)
      records = check.recordCount
      authors = check.authorCount
      forks = check.forks.map { Fork(author: $0.author.hexadecimal, sequence: $0.sequence) }
      contracts = accounts.contracts.map(Self.summary).sorted { $0.contract < $1.contract }
      let forked = check.forks.map(\.author)
      pairs = []
      for creditor in keys.sorted() {
        for debtor in keys.sorted() where debtor != creditor {
          // Who forked gives no credit.
          let limit = accounts.limit(creditor: creditor, debtor: debtor).rawValue
          let claim = accounts.defaults(of: debtor).first { $0.creditor == creditor }
          let open = accounts.contracts
            .filter { $0.seller == creditor && $0.buyer == debtor }
            .reduce(Credits.zero) { $0 + $1.exposure(at: .distantPast) }
          let pair = Pair(
            creditor: creditor.hexadecimal, debtor: debtor.hexadecimal,
            balance: accounts.balance(of: creditor, with: debtor).rawValue,
            limit: forked.contains(creditor) ? 0 : limit,
            default: claim?.claim.amount.rawValue ?? 0, open: open.rawValue)
          let figures = [pair.balance, pair.limit, pair.default, pair.open]
          if figures != [0, 0, 0, 0] { pairs.append(pair) }
        }
      }
    }

    private static func summary(_ contract: Contract) -> AgreedContract {
      AgreedContract(
        contract: contract.identifier.hexadecimal, buyer: contract.buyer.hexadecimal,
        seller: contract.seller.hexadecimal, state: "\(contract.stage)",
        last: contract.last.hexadecimal, quantity: contract.settlement?.quantity,
        amount: contract.settlement?.amount.rawValue, moved: contract.state.owed.rawValue,
        disputes: contract.state.disputes, open: contract.exposure(at: .distantPast).rawValue)
    }
  }

  /// A record that it made, with what it thinks of it.
  struct Made: Decodable {
    var name: String
    var bytes: String
    var reason: String?
    var changed: Bool?
  }

  /// Every field that one of its answers may have.
  struct Answer: Decodable {
    var faults: [String]?
    var fault: String?
    var vectors: Int?
    var known: [String]?
    var broken: [Made]?
    var idle: [Made]?
    var next: String?
    var run: String?
    var comes: Summary?
    var records: [String]?
    var kinds: [String]?
  }

  /// Runs `ledger_peer.py` with these arguments and reads its line.
  static func ask<Reply: Decodable & Sendable>(
    _ reply: Reply.Type, _ python: String, _ arguments: [String]
  ) async throws -> Reply {
    let line = try await besidePool {
      let process = try InteropProcess(
        python: python, script: "ledger_peer.py", arguments: arguments)
      defer { process.finish() }
      return try process.wholeOutput()
    }
    return try JSONDecoder().decode(reply, from: Data(line.utf8))
  }

  /// The records as a file of their own, removed after `body`.
  static func exported<Value>(
    _ records: [[UInt8]], _ body: (String) async throws -> Value
  ) async throws -> Value {
    let name =
      "/tmp/heliograph-ledger-\(getpid())-\(records.count)-\(UInt64.random(in: 0...(.max)))"
    let bytes = records.flatMap { RecordSequence.item($0) }
    try Data(bytes).write(to: URL(filePath: name))
    defer { unlink(name) }
    return try await body(name)
  }
}
