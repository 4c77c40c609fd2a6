import Glibc
import Ledger
import Market
import Mesh
import Quantities
import Sealing

/// Two neighbours who trade with each other, contract after contract, always the same ones.
///
/// Whoever looks at a store afterwards so knows what was sent to it, byte for byte.
struct CrashTrade {
  static let community = Community(name: "crash")
  /// The node's own number among the keys; its neighbours are 2 and 3.
  static let node: UInt8 = 1
  static let neighbours: [UInt8] = [2, 3]
  static let recordsPerContract = 5

  /// A frame for each contract, as a neighbour sends it.
  let frames: [[UInt8]]
  /// The digests of the records' whole bytes, by author, in order.
  let digests: [PublicKey: [Digest]]

  static func keys(_ number: UInt8) throws(StreetError) -> KeyPair {
    guard let keys = KeyPair(seed: [UInt8](repeating: number, count: 32)) else {
      throw StreetError("libsodium refuses a seed")
    }
    return keys
  }

  /// Lets them trade.
  init(contracts: Int) throws(StreetError) {
    var buyer = CommunityLedger(community: Self.community, keys: try Self.keys(2))
    var seller = CommunityLedger(community: Self.community, keys: try Self.keys(3))
    var frames: [[UInt8]] = []
    var digests: [PublicKey: [Digest]] = [:]
    for number in 0..<Int64(contracts) {
      let records = try Self.contract(number, &buyer, &seller)
      frames.append(Frame.records(records.map(\.bytes)).encoded)
      for record in records { digests[record.author, default: []].append(Digest(of: record.bytes)) }
    }
    self.frames = frames
    self.digests = digests
  }

  private static func contract(
    _ number: Int64, _ buyer: inout CommunityLedger, _ seller: inout CommunityLedger
  ) throws(StreetError) -> [Record] {
    let slot = TimeSlot(index: 1_980_000 + number)
    let before = slot.start - TimeSpan(minutes: 5)
    let after = slot.end + TimeSpan(minutes: 1)
    let energy = Energy(wattHours: 300 + number % 400)
    let price = Price(creditsPerKilowattHour: 10)
    let terms = EnergyTerms(slot: slot, energy: energy, price: price)
    let offer = Digest(of: Array("offer \(number)".utf8))
    let statements = ["seller \(number)", "buyer \(number)"].map { Digest(of: Array($0.utf8)) }
    let settlement = ContractState.Settlement(
      quantity: energy.rawValue, amount: price.cost(of: energy), statements: statements)
    let accept = try write(.accept, offer, terms.body, before, by: &buyer, to: &seller)
    let confirm = try write(.confirm, accept.identity, [], before, by: &seller, to: &buyer)
    let bind = try write(.bind, confirm.identity, [], before, by: &buyer, to: &seller)
    let settle = try write(
      .settle, bind.identity, settlement.body, after, by: &seller, to: &buyer)
    let end = try write(.acknowledge, settle.identity, [], after, by: &buyer, to: &seller)
    return [accept, confirm, bind, settle, end]
  }

  private static func write(
    _ kind: Record.Kind, _ link: Digest, _ body: [CBORValue], _ time: Instant,
    by author: inout CommunityLedger, to peer: inout CommunityLedger
  ) throws(StreetError) -> Record {
    let written = author.write(kind, peer: peer.ownKey, link: link, body: body, at: time)
    guard let record = written?.record else {
      throw StreetError("the neighbours can't trade: one of them may not sign")
    }
    let receipt = peer.receive(record, isGenuine: true)
    guard case .taken = receipt else {
      throw StreetError("the neighbours can't trade: a record is not taken (\(receipt))")
    }
    return record
  }

  // MARK: the file that the node reads them from

  /// Writes the frames, each after its length.
  func write(_ path: String) throws(StreetError) {
    var bytes: [UInt8] = []
    for frame in frames {
      for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: frame.count >> shift)) }
      bytes += frame
    }
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0, Glibc.write(file, bytes, bytes.count) == bytes.count else {
      throw StreetError("\(path): \(StreetSystem.errorText())")
    }
    close(file)
  }

  /// The frames of a file.
  static func frames(in path: String) throws(StreetError) -> [[UInt8]] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw StreetError("\(path): \(StreetSystem.errorText())") }
    defer { close(file) }
    var status = stat()
    fstat(file, &status)
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    guard read(file, &bytes, bytes.count) == bytes.count else {
      throw StreetError("\(path) can't be read whole")
    }
    var frames: [[UInt8]] = []
    var offset = 0
    while offset + 4 <= bytes.count {
      let count = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      guard offset + 4 + count <= bytes.count else { throw StreetError("\(path) is cut off") }
      frames.append(Array(bytes[offset + 4..<offset + 4 + count]))
      offset += 4 + count
    }
    return frames
  }
}
