import HeliographCore
import Quantities

/// What owners do about money and computing, as the seed has it.
extension OwnerErrand {
  /// How much the neighbours may owe: with some it grows by what they give.
  static func limits(
    of node: SimulatedNode, among nodes: [SimulatedNode], links: [PacketSimulator.Link],
    random: inout RandomSource
  ) -> [OwnerErrand] {
    links.filter { $0.touches(node.number) }.map { link in
      let name = nodes[link.low == node.number ? link.high : link.low].name
      let grows = random.happens(permille: 250)
      let text = grows ? "LIMIT \(name) 30 GROW 50 TO 80" : "LIMIT \(name) 50"
      return OwnerErrand(wish: .type(text), after: .minute)
    }
  }

  /// Debts that are paid, a neighbour that is said not to pay, and a batch that a neighbour is to
  /// compute: each day some of it.
  static func dealings(
    of node: SimulatedNode, days: Int, random: inout RandomSource
  ) -> [OwnerErrand] {
    var errands: [OwnerErrand] = []
    for day in 0..<Int64(days) {
      func add(_ wish: Wish, in hours: ClosedRange<Int64>, permille: Int64) {
        let minute = random.within(hours.lowerBound * 60...hours.upperBound * 60)
        guard random.happens(permille: permille) else { return }
        errands.append(
          OwnerErrand(wish: wish, after: TimeSpan(minutes: day * 1440 + minute)))
      }
      add(.work(requests: 24), in: 8...13, permille: 300)
      add(.pay(announced: true), in: 17...21, permille: 300)
      add(.pay(announced: false), in: 17...21, permille: 100)
      add(.complain, in: 12...20, permille: 50)
    }
    return errands
  }

  /// Three neighbours, each of whom got something of the next outside the ledger: a circle of
  /// debts that their stations find and take off. Each must know the next two.
  static func circle(
    among nodes: [SimulatedNode], random: inout RandomSource
  ) -> [(node: Int, errand: OwnerErrand)] {
    guard nodes.count >= 3 else { return [] }
    let first = Int(random.below(Int64(nodes.count)))
    let corners = (0..<3).map { (first + $0) % nodes.count }
    let hours = random.within(3...14)
    return corners.indices.map { index in
      let giver = nodes[corners[(index + 1) % corners.count]].name
      let text = "GOT \(giver) \(random.within(4...20))"
      return (
        corners[index],
        OwnerErrand(wish: .type(text), after: TimeSpan(minutes: hours * 60))
      )
    }
  }
}

extension Neighbourhood {
  /// The owner pays the neighbour to whom the house owes most, who confirms it some time later;
  /// without a word beforehand where it is not `announced`.
  mutating func pay(announced: Bool, by node: Int) {
    guard let (other, owed) = extreme(of: node, { -$0 }) else { return }
    let amount = Self.typed(owed.scaled(by: random.within(300...1000), over: 1000))
    if announced { add(.type("PAID \(nodes[other].name) \(amount)"), to: node, inMinutes: 0) }
    add(
      .type("GOT \(nodes[node].name) \(amount)"), to: other, inMinutes: random.within(10...60))
  }

  /// The owner says that the neighbour who owes most has not paid, and takes it back hours later.
  mutating func complain(by node: Int) {
    guard let (other, owed) = extreme(of: node, { $0 }) else { return }
    let name = nodes[other].name
    add(.type("UNPAID \(name) \(Self.typed(owed))"), to: node, inMinutes: 0)
    add(.type("UNPAID \(name) 0"), to: node, inMinutes: random.within(60...300))
  }

  private mutating func add(_ wish: OwnerErrand.Wish, to node: Int, inMinutes minutes: Int64) {
    let after = now.since(plan.start) + TimeSpan(minutes: minutes)
    errands[node].append(OwnerErrand(wish: wish, after: after))
  }

  /// The neighbour with whom the balance is worth most, if it is a credit at least.
  private func extreme(
    of node: Int, _ worth: (Credits) -> Credits
  ) -> (other: Int, amount: Credits)? {
    guard let accounts = nodes[node].station?.ledger.accounts else { return nil }
    var best: (other: Int, amount: Credits)?
    for link in network.links where link.touches(node) && link.high < plan.houses {
      let other = link.low == node ? link.high : link.low
      let balance = accounts.balance(
        of: nodes[node].keys.publicKey, with: nodes[other].keys.publicKey)
      let amount = worth(balance)
      if amount >= Credits(credits: 1), amount > best?.amount ?? .zero { best = (other, amount) }
    }
    return best
  }

  /// As people type it: "3.120".
  private static func typed(_ amount: Credits) -> String {
    let thousandths = String(amount.rawValue % 1000)
    return "\(amount.rawValue / 1000)." + String(repeating: "0", count: 3 - thousandths.count)
      + thousandths
  }
}
