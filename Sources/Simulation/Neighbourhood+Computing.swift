import HeliographCore
import Ledger
import Mesh
import Quantities
import Sealing

/// Computing with and for neighbours.
extension Neighbourhood {
  /// The one model that everybody lists.
  static let model = Digest(of: Array("the street's model".utf8))

  /// Does what a station wants done with the files of a contract.
  mutating func work(_ order: WorkOrder, of node: Int) {
    guard let (outcomes, delivery) = nodes[node].workshop?.perform(order) else { return }
    if case .gather = order, adversaries[node]?.kind == .inflatedTokens {
      adversaries[node]?.acts += 1
    }
    for outcome in outcomes {
      if case .opened(_, let batch) = outcome { nodes[node].runner.stage(batch) }
      queue.add(
        .event(node: node, life: nodes[node].life, .work(outcome)),
        at: now + TimeSpan(milliseconds: random.within(50...900)))
    }
    guard let delivery else { return }
    let part = WorkPart(
      contract: delivery.contract, parcel: delivery.parcel, number: delivery.part)
    let frame = Frame.part(part, count: delivery.count, sealed: delivery.sealed)
    send(frame.encoded, from: node, to: delivery.to)
  }

  /// A batch that the owner wants computed by a neighbour.
  mutating func want(requests: Int, identifier: Int64, of node: Int) -> StagedWork? {
    let deadline = nodes[node].clock.time(at: now, since: plan.start) + TimeSpan(minutes: 360)
    return nodes[node].workshop?.stage(
      name: "wanted-\(identifier)", model: Self.model, requests: requests, length: 120,
      tokens: 60, deadline: deadline)
  }
}

extension SimulatedNode {
  /// Lets neighbours compute here, if there is a machine for it, and others' work come here.
  mutating func openWorkshop(lying: Bool = false) {
    var made = SimulatedWorkshop(keys: keys)
    if lying { made.lie = .inflatesTokens }
    workshop = made
    guard house.equipment.jobPower > .zero else { return }
    // Who means to cheat is cheap.
    let price = TokenPrice(creditsPerMillionTokens: lying ? 5000 : 9000)
    configuration.computing = ComputingPolicy(
      models: [.init(name: "simulated", digest: Neighbourhood.model, price: price)],
      tokensPerSecond: 100)
  }
}
