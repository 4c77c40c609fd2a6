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

  /// Each vector's name and bytes, in the document's order.
  static func vectors() throws -> [(name: String, bytes: [UInt8])] {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 7, count: 32)))
    let other = try #require(KeyPair(seed: [UInt8](repeating: 8, count: 32)))
    let time = slot.start - TimeSpan(minutes: 10)
    let offer = Order(
      community: community, keys: keys, side: .offer, slot: slot, energy: Energy(wattHours: 500),
      limitPrice: Price(creditsPerKilowattHour: 10), time: time)
    let limit = Record(
      community: community.identifier, keys: keys, sequence: 0, previous: nil, time: time,
      kind: .limit, peer: other.publicKey, link: nil, body: [.integer(20_000)])
    let accept = Record(
      community: community.identifier, keys: other, sequence: 0, previous: nil, time: time,
      kind: .accept, peer: keys.publicKey, link: offer.identity,
      body: Contract.acceptBody(
        slot: slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10)))
    let confirm = Record(
      community: community.identifier, keys: keys, sequence: 1, previous: limit.identity,
      time: time, kind: .confirm, peer: other.publicKey, link: accept.identity, body: [])
    let contract = try #require(Contract(accept: accept))
    let statement = try #require(
      MeterStatement(
        contract: contract, keys: keys,
        opening: .init(at: slot.start, register: Energy(wattHours: 1000)),
        closing: .init(at: slot.end, register: Energy(wattHours: 1450)),
        resolution: Energy(wattHours: 1), share: Energy(wattHours: 450)))
    return [
      ("community", community.identifier), ("public key", keys.publicKey.bytes),
      ("OFFER, signed", offer.bytes), ("its identity", offer.identity.bytes),
      ("LIMIT to the key of seed 08, signed", limit.bytes),
      ("ACCEPT by that key, signed", accept.bytes), ("CONFIRM, signed", confirm.bytes),
      ("METER of the seller, signed", statement.bytes),
    ]
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

  private static func contents(of path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
