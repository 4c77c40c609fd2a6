import Glibc
import HeliographCore
import Ledger
import Market
import Quantities
import Sealing
import Storage
import Testing
import Thrown

/// `heliograph ledger` at a database and at files, with no node at work.
@Suite("Ledger on the command line")
struct LedgerToolTests {
  /// Two houses of a lane that trade once, as one of them has stored it.
  struct Lane {
    static let slot = TimeSlot(index: 2_000_000)
    let directory = TemporaryDirectory()
    let community = Community(name: "lane")
    let seller: KeyPair
    let buyer: KeyPair
    var records: [Record] = []

    var node: [String] { ["--node", directory.path] }
    var database: String { directory.file("heliograph.db") }

    init() throws {
      seller = try #require(KeyPair(seed: [UInt8](repeating: 51, count: 32)))
      buyer = try #require(KeyPair(seed: [UInt8](repeating: 52, count: 32)))
      let terms = EnergyTerms(
        slot: Self.slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10))
      let settlement = ContractState.Settlement(
        quantity: 450_000, amount: Credits(millicredits: 4500),
        statements: [Digest(of: [1]), Digest(of: [2])])
      write(seller, .limit, nil, [.integer(20_000)], minute: 0)
      write(buyer, .accept, Digest(of: [3]), terms.body, minute: 1)
      write(seller, .confirm, records[1].identity, [], minute: 2)
      write(buyer, .bind, records[2].identity, [], minute: 3)
      write(seller, .settle, records[3].identity, settlement.body, minute: 20)
      write(buyer, .acknowledge, records[4].identity, [], minute: 21)
      write(seller, .receipt, nil, [.integer(1500)], minute: 30)
    }

    mutating func write(
      _ keys: KeyPair, _ kind: Record.Kind, _ link: Digest?, _ body: [CBORValue], minute: Int64
    ) {
      let chain = records.filter { $0.author == keys.publicKey }
      let peer = keys.publicKey == seller.publicKey ? buyer.publicKey : seller.publicKey
      records.append(
        Record(
          community: community.identifier, keys: keys, sequence: Int64(chain.count),
          previous: chain.last?.identity,
          time: Self.slot.start + TimeSpan(minutes: minute - 10), kind: kind, peer: peer,
          link: link, body: body))
    }

    /// Stores them, as bytes that a disk may have changed.
    func store(_ bytes: (Record) -> [UInt8] = { $0.bytes }, first: Int? = nil) throws {
      let store = try RecordStore(path: database)
      try store.commit(
        records.prefix(first ?? records.count).map {
          .record(
            StoredRecord(
              community: $0.community, author: $0.author, sequence: $0.sequence,
              identity: $0.identity, bytes: bytes($0)))
        })
    }

    func run(_ arguments: String...) async throws -> ToolProcess {
      let all = ["ledger"] + arguments + node
      let directory = directory
      return try await besidePool { try ToolProcess(all, in: directory) }
    }
  }

  @Test("verifies a database and its export, and says the first thing that is wrong")
  func verify() async throws {
    let lane = try Lane()
    try lane.store()
    let database = try await lane.run("verify")
    let expected =
      "in order: 7 records of 2 authors; contracts: 1 acknowledged; pairs with a balance: 1\n"
    #expect(database.status == 0 && database.output == expected, "\(database)")
    let file = lane.directory.file("lane.cbor")
    let exported = try await lane.run("export", "--output", file)
    #expect(exported.status == 0 && exported.output == "\(file): 7 records\n", "\(exported)")
    let again = try await lane.run("verify", file)
    #expect(again.output == expected)
    let twice = try await lane.run("export", "--output", file)
    #expect(twice.status == 1 && twice.complaint.contains("File exists"))

    let damaged = try Lane()
    let third = damaged.records[4].identity
    try damaged.store { $0.identity == third ? $0.bytes.dropLast(1) + [0] : $0.bytes }
    let fault = try await damaged.run("verify")
    #expect(fault.status == 1)
    #expect(fault.complaint.contains("sequence 2): its signature is not its author's"))
    #expect(fault.complaint.contains("The node gets such a record anew"))
    let nothing = try await lane.run("verify", "/nowhere/lane.cbor")
    #expect(nothing.status == 1 && nothing.complaint.contains("can't be read"))
    let none = try await lane.run("export", lane.directory.write("text", "no records"))
    #expect(none.status == 1 && none.complaint.contains("no CBOR byte string"))
  }

  @Test("names who forked, and a database that ends before its head marker")
  func forkAndMarker() async throws {
    var lane = try Lane()
    let twin = Record(
      community: lane.community.identifier, keys: lane.buyer, sequence: 2,
      previous: lane.records[3].identity, time: Lane.slot.start, kind: .payment,
      peer: lane.seller.publicKey, link: nil, body: [.integer(5)])
    lane.records.append(twin)
    try lane.store()
    let forked = try await lane.run("verify")
    let name = lane.buyer.publicKey.short
    #expect(forked.status == 0 && forked.output.contains("forked: \(name) at sequence 2"))
    _ = lane.directory.write("head", "9 \(Digest(of: [9]).hexadecimal)\n")
    let behind = try await lane.run("verify")
    #expect(behind.status == 1 && behind.complaint.contains("before this node's record 8"))
  }

  @Test("shows records in words and a statement of what was traded")
  func show() async throws {
    let lane = try Lane()
    try lane.store()
    let (seller, buyer) = (lane.seller.publicKey, lane.buyer.publicKey)
    let all = try await lane.run("show")
    let lines = all.output.split(separator: "\n")
    #expect(lines.count == 7, "\(all)")
    let first = "2027-01-15T07:50:00Z \(seller.short) 0 to \(buyer.short): LIMIT: may owe 20.000"
    #expect(lines.first.map(String.init) == first)
    #expect(lines[4].contains("SETTLE: 450 Wh for 4.500 (contract "), "\(lines[4])")
    #expect(lines.last?.contains("RECEIPT: 1.500") == true)
    let contract = try await lane.run("show", lane.records[1].identity.short)
    #expect(contract.output.split(separator: "\n").count == 5)
    let stranger = try await lane.run("show", "00000000")
    #expect(stranger.status == 1)

    let unnamed = try await lane.run("show", "--csv")
    #expect(unnamed.status == 2 && unnamed.complaint.contains("--of KEY"))
    let head = lane.records[6]
    _ = lane.directory.write("head", "\(head.sequence + 1) \(head.identity.hexadecimal)\n")
    let own = try await lane.run("show", "--csv")
    #expect(
      own.output == """
        time,neighbour,kind,quantity,unit,amount,balance
        2027-01-15T08:11:00Z,\(buyer.short),energy,450.000,Wh,4.500,4.500
        2027-01-15T08:20:00Z,\(buyer.short),receipt,,,-1.500,3.000

        """, "\(own)")
    let theirs = try await lane.run("show", "--csv", "--of", buyer.hexadecimal, seller.short)
    #expect(theirs.output.hasSuffix(",\(seller.short),receipt,,,1.500,-3.000\n"), "\(theirs)")
  }

  @Test("imports what is valid and missing, once, and nothing of a file with a fault")
  func importing() async throws {
    let lane = try Lane()
    try lane.store(first: 3)
    let items = lane.records.flatMap { RecordSequence.item($0.bytes) }
    let file = lane.directory.file("lane.cbor")
    try Self.write(items, to: file)
    let broken = lane.directory.file("broken.cbor")
    var damaged = items
    damaged[damaged.count - 1] ^= 1
    try Self.write(damaged, to: broken)
    let refused = try await lane.run("import", broken)
    #expect(refused.status == 1 && refused.complaint.contains("record 7"), "\(refused)")
    #expect(try RecordStore(path: lane.database).load().records.count == 3)
    try Self.write(Array(items.dropLast(9)), to: broken)
    let cut = try await lane.run("import", broken)
    #expect(cut.status == 1 && cut.complaint.contains("it was cut off"))
    let taken = try await lane.run("import", file)
    #expect(taken.status == 0 && taken.output.contains(": 4 records were missing"), "\(taken)")
    #expect(try RecordStore(path: lane.database).load().records.count == 7)
    let again = try await lane.run("import", file)
    #expect(again.status == 0 && again.output.contains(": 0 records were missing"))
    let gap = lane.directory.file("gap.cbor")
    try Self.write(Array(items.dropFirst(items.count / 2)), to: gap)
    #expect(try await lane.run("verify", gap).status == 1)
    let swapped = try await lane.run("import", lane.database)
    #expect(swapped.status == 1 && swapped.complaint.contains("import puts an exported file"))
  }

  @Test("says to stop a node that holds its database")
  func running() async throws {
    let lane = try Lane()
    try lane.store()
    let store = try RecordStore(path: lane.database)
    for task in ["verify", "show", "export"] {
      let run = try await lane.run(task)
      #expect(run.status == 1 && run.complaint.contains("a node runs on it. Stop it first"))
    }
    #expect(try store.load().records.count == 7)
  }

  @Test(
    "says what it expects",
    arguments: [
      ([], "ledger needs verify"), (["audit"], "ledger knows verify"),
      (["import"], "needs a FILE"), (["verify", "a", "b"], "one word too many"),
      (["verify", "--csv", "a"], "knows no option --csv"),
    ])
  func usage(arguments: [String], expected: String) async throws {
    let directory = TemporaryDirectory()
    let run = try await besidePool { try ToolProcess(["ledger"] + arguments, in: directory) }
    #expect(run.status == 2 && run.complaint.contains(expected), "\(run)")
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    try #require(Glibc.write(file, bytes, bytes.count) == bytes.count)
  }
}
