import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing

/// One that sends without end, within what a frame may hold and beyond it.
extension Neighbourhood {
  /// One kind of flood, by chance, on one neighbour; now and then on all.
  mutating func flood(as node: Int) throws(BrokenInvariant) {
    var near = linkedNeighbours(of: node)
    guard !near.isEmpty else { return }
    if chance(0...3, of: node) > 0 {
      near = [near[Int(chance(0...Int64(near.count - 1), of: node))]]
    }
    let choice = chance(0...7, of: node)
    for neighbour in near {
      switch choice {
      case 0: floodWithJunk(neighbour, as: node)
      case 1: floodWithOrders(neighbour, as: node)
      case 2: floodWithOwnOrders(neighbour, as: node)
      case 3: floodWithEnds(neighbour, as: node)
      case 4: floodWithQuestions(neighbour, as: node)
      case 5: floodWithForgeries(neighbour, as: node)
      case 6: floodWithRequests(neighbour, as: node)
      default:
        adversaries[node]?.acts += 1
        try lose(PacketSimulator.Link(node, neighbour), why: "connection reset")
      }
    }
  }

  private mutating func bytes(_ count: Int64, of node: Int) -> [UInt8] {
    guard var random = adversaries[node]?.random else { return [] }
    defer { adversaries[node]?.random = random }
    return (0..<count).map { _ in UInt8(random.within(0...255)) }
  }

  private mutating func floodWithJunk(_ neighbour: Int, as node: Int) {
    for number in 0..<9 as Range<Int64> {
      let head: [UInt8] = number == 0 ? [] : [0x82, UInt8(number)]
      slip(head + bytes(chance(0...600, of: node), of: node), from: node, to: neighbour, as: node)
    }
    let tooLong = [UInt8](repeating: 0x80, count: Frame.maximumBytes + 1)
    slip(tooLong, from: node, to: neighbour, as: node)
  }

  private mutating func strangers(_ count: Int, of node: Int) -> [KeyPair] {
    (0..<count).compactMap { _ in KeyPair(seed: bytes(32, of: node)) }
  }

  private mutating func floodWithOrders(_ neighbour: Int, as node: Int) {
    let slot = TimeSlot(containing: now).next.next
    let orders = strangers(24, of: node).map { keys in
      Order(
        community: nodes[node].configuration.community, keys: keys,
        side: chance(0...1, of: node) == 0 ? .offer : .bid,
        slot: slot.advanced(by: chance(0...8, of: node)),
        energy: Energy(wattHours: chance(0...2000, of: node)),
        limitPrice: Price(millicreditsPerKilowattHour: chance(0...30_000, of: node)), time: now)
    }
    // Just signed with their own keys: the simulator need not verify that.
    for order in orders { frames.learn(genuine: order) }
    slip(Frame.orders(orders.map(\.bytes)).encoded, from: node, to: neighbour, as: node)
  }

  /// Each newer than the one before, so that each is news.
  private mutating func floodWithOwnOrders(_ neighbour: Int, as node: Int) {
    let slot = TimeSlot(containing: now).next.next
    let orders = (0..<24 as Range<Int64>).map { number in
      Order(
        community: nodes[node].configuration.community, keys: nodes[node].keys,
        side: number % 2 == 0 ? .offer : .bid, slot: slot, energy: Energy(wattHours: 100 * number),
        limitPrice: Price(creditsPerKilowattHour: number),
        time: now + TimeSpan(milliseconds: number))
    }
    for order in orders {
      frames.learn(genuine: order)
      slip(Frame.orders([order.bytes]).encoded, from: node, to: neighbour, as: node)
    }
  }

  /// Says that it knows chains that nobody wrote, and more of the neighbour's own than there is.
  private mutating func floodWithEnds(_ neighbour: Int, as node: Int) {
    var entries = (0..<40).compactMap { _ in PublicKey(bytes(32, of: node)) }.map {
      FrontierEntry(author: $0, count: 900_000, head: Digest(of: $0.bytes))
    }
    entries.append(
      FrontierEntry(
        author: nodes[neighbour].keys.publicKey, count: 1_000_000_000, head: Digest(of: [7])))
    slip(Frame.frontier(entries).encoded, from: node, to: neighbour, as: node)
  }

  private mutating func floodWithQuestions(_ neighbour: Int, as node: Int) {
    let known = nodes.prefix(plan.houses).map(\.keys.publicKey)
    let questions = (0..<2000).map { RecordQuestion(author: known[$0 % known.count], from: 0) }
    let frame = Frame.ask(questions).encoded
    for _ in 0..<4 { slip(frame, from: node, to: neighbour, as: node) }
  }

  /// Records of others with a bit turned, and of strangers.
  private mutating func floodWithForgeries(_ neighbour: Int, as node: Int) {
    var records: [[UInt8]] = []
    for stored in nodes[node].store.records.suffix(30) {
      var bytes = stored.bytes
      bytes[Int(chance(0...Int64(bytes.count - 1), of: node))] ^= 1
      records.append(bytes)
    }
    slip(Frame.records(records).encoded, from: node, to: neighbour, as: node)
  }

  private mutating func floodWithRequests(_ neighbour: Int, as node: Int) {
    let keys = nodes[node].keys
    for number in 0..<20 as Range<Int64> {
      let request = WorkRequest(
        community: nodes[node].configuration.community, keys: keys, model: Self.model,
        work: Digest(of: [UInt8(number)]), requests: 10, length: 1000, tokens: 1000,
        priceLimit: TokenPrice(rawValue: 20_000_000), deadline: now + .hour, time: now)
      slip(Frame.request(request.bytes).encoded, from: node, to: neighbour, as: node)
    }
    let part = WorkPart(contract: .zero, parcel: .results, number: 0)
    slip(
      Frame.part(part, count: 1, sealed: bytes(300, of: node)).encoded, from: node, to: neighbour,
      as: node)
    slip(Frame.fetch(part).encoded, from: node, to: neighbour, as: node)
  }
}
