import Glibc
import HeliographCore
import Ledger
import Market
import Quantities
import Sealing
import Storage

/// Two nodes that write linked records to each other: a PAYMENT and the RECEIPT that names it.
///
/// Each signs its own, verifies the other's from its bytes, keeps chains and accounts, and has all
/// of it on the disk (synchronous=FULL) before the other hears of it; no network between them.
struct PairBenchmark {
  private struct Node {
    var ledger: CommunityLedger
    let store: RecordStore
    /// What the next commit will hold.
    var writes: [StoreWrite] = []

    mutating func write(
      _ kind: Record.Kind, to peer: PublicKey, link: Digest? = nil, amount: Int64, at now: Instant
    ) throws -> Record {
      let body = [CBORValue.integer(amount)]
      guard let written = ledger.write(kind, peer: peer, link: link, body: body, at: now) else {
        throw Complaint("the ledger signs nothing")
      }
      keep(written.record)
      return written.record
    }

    mutating func take(_ bytes: [UInt8]) throws -> Record {
      guard case .taken(let record, _, _) = ledger.receive(bytes) else {
        throw Complaint("a record was not taken")
      }
      keep(record)
      return record
    }

    private mutating func keep(_ record: Record) {
      writes.append(
        .record(
          StoredRecord(
            community: record.community, author: record.author, sequence: record.sequence,
            identity: record.identity, bytes: record.bytes)))
    }

    mutating func commit() throws {
      if let index = ledger.takeIndex() { writes.append(.index(index)) }
      try store.commit(writes)
      writes.removeAll(keepingCapacity: true)
    }
  }

  private static let community = Community(name: "bench")

  /// Prints pairs a second, `batch` of them to a commit as the daemon's loop takes what waits.
  static func run(directory: String, pairs: Int, batch: Int) throws {
    let keys = [1, 2].compactMap { KeyPair(seed: [UInt8](repeating: $0, count: 32)) }
    guard keys.count == 2 else { throw Complaint("libsodium refused a seed") }
    let names = keys.map(\.publicKey)
    var nodes: [Node] = []
    for (key, name) in zip(keys, ["payer", "payee"]) {
      nodes.append(
        Node(
          ledger: CommunityLedger(community: community, keys: key, listed: Set(names)),
          store: try RecordStore(path: directory + "/\(name).db")))
    }
    let now = Instant(millisecondsSince1970: 1_782_000_000_000)
    let start = nanoseconds()
    for first in stride(from: 0, to: pairs, by: batch) {
      var sent: [[UInt8]] = []
      for number in first..<min(pairs, first + batch) {
        let amount = Int64(1000 + number % 1000)
        sent.append(
          try nodes[0].write(.payment, to: names[1], amount: amount, at: now).bytes)
      }
      try nodes[0].commit()
      var answers: [[UInt8]] = []
      for bytes in sent {
        let payment = try nodes[1].take(bytes)
        guard let amount = payment.body.first?.integer else { throw Complaint("no amount") }
        answers.append(
          try nodes[1].write(
            .receipt, to: names[0], link: payment.identity, amount: amount, at: now
          ).bytes)
      }
      try nodes[1].commit()
      for bytes in answers { _ = try nodes[0].take(bytes) }
      try nodes[0].commit()
    }
    let elapsed = nanoseconds() - start
    let balances = zip(nodes, [names[1], names[0]]).map { node, other in
      node.ledger.accounts.balance(of: node.ledger.ownKey, with: other)
    }
    guard balances[0] == -balances[1], balances[0] != .zero,
      nodes.allSatisfy({ $0.ledger.recordCount == 2 * pairs })
    else { throw Complaint("the two books differ") }
    Output.line("\(Int64(pairs) * 1_000_000_000 / max(elapsed, 1))")
  }

  private static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
