import HeliographCore
import Planning
import Quantities
import Texting

/// Something that the owner of a simulated node wants done, and asks for until it is answered.
struct OwnerErrand: Hashable, Sendable {
  enum Wish: Hashable, Sendable {
    /// A line typed at the console.
    case type(String)
    /// A text message from a listed number, which must be answered in one message.
    case message(String)
    /// A batch for a neighbour to compute.
    case work(requests: Int)
    /// What is owed to one neighbour is paid, outside the ledger.
    case pay(announced: Bool)
    /// The neighbour who owes most is said not to pay.
    case complain
    /// A batch handed in.
    case batch(requests: Int, power: Power)
  }

  let wish: Wish
  /// Not before this long after the first start.
  let after: TimeSpan
  /// The identifiers under which it was asked for.
  var asked: [Int64] = []
  var isDone = false

  /// What the owners do: open credit for the neighbours they know, pay, hand in batches here and at
  /// neighbours', and ask now and then how things stand.
  static func errands(
    of node: SimulatedNode, among nodes: [SimulatedNode], links: [PacketSimulator.Link],
    days: Int, random: inout RandomSource
  ) -> [OwnerErrand] {
    var errands = limits(of: node, among: nodes, links: links, random: &random)
    errands += dealings(of: node, days: days, random: &random)
    let power = node.house.equipment.jobPower
    if power > .zero {
      for (hour, requests) in [(Int64(0), 160), (7, 240), (11, 400)] {
        errands.append(
          OwnerErrand(
            wish: .batch(requests: requests, power: power), after: TimeSpan(minutes: hour * 60)))
      }
    }
    for (hour, text) in [(Int64(6), "STATUS"), (12, "BAL"), (15, "WHY"), (20, "TODAY")] {
      errands.append(OwnerErrand(wish: .message(text), after: TimeSpan(minutes: hour * 60)))
    }
    return errands
  }
}

extension Neighbourhood {
  /// The number that every simulated owner's telephone has.
  static let ownersNumber = "+15550100"

  /// Asks for everything that is due and not answered yet; looks again five minutes later.
  mutating func runErrands(of node: Int) throws(BrokenInvariant) {
    queue.add(.owner(node: node), at: now + TimeSpan(minutes: 5))
    guard nodes[node].isUp else { return }
    for index in errands[node].indices
    where !errands[node][index].isDone && now >= plan.start + errands[node][index].after {
      switch errands[node][index].wish {
      case .pay, .complain: errands[node][index].isDone = true
      default: break
      }
      let identifier = nodes[node].nextMessage
      nodes[node].nextMessage += 1
      errands[node][index].asked.append(identifier)
      try ask(errands[node][index].wish, identifier: identifier, of: node)
    }
  }

  private mutating func ask(
    _ wish: OwnerErrand.Wish, identifier: Int64, of node: Int
  ) throws(BrokenInvariant) {
    let id = TextMessage.Identifier(identifier)
    switch wish {
    case .type(let text):
      try tell(.text(TextMessage(id: id, origin: .local, text: text)), to: node)
    case .message(let text):
      let origin = TextMessage.Origin.sms(number: Self.ownersNumber)
      try tell(.text(TextMessage(id: id, origin: origin, text: text)), to: node)
    case .work(let requests):
      guard let staged = want(requests: requests, identifier: identifier, of: node) else { return }
      try tell(
        .workStaged(staged, payingAtMost: Credits(credits: 20), replyTo: id), to: node)
    case .pay(let announced): pay(announced: announced, by: node)
    case .complain: complain(by: node)
    case .batch(let requests, let power):
      let batch = StagedBatch(
        folder: "batch-\(identifier)", name: "letters-\(identifier)", model: "simulated",
        requests: requests, power: power)
      nodes[node].runner.stage(batch)
      try tell(.batchStaged(batch, replyTo: id), to: node)
    }
  }

  /// A reply came: the errand is done. One to a text message must fit one message.
  mutating func answered(
    _ identifier: Int64, with text: String, of node: Int
  ) throws(BrokenInvariant) {
    for index in errands[node].indices where errands[node][index].asked.contains(identifier) {
      errands[node][index].isDone = true
      if case .message(let question) = errands[node][index].wish, text.count > 160 {
        throw BrokenInvariant(
          .bounded, "\(nodes[node].name) answers \(question) with \(text.count) characters")
      }
    }
  }
}
