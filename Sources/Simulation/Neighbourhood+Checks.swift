import HeliographCore
import Quantities
import Sealing

extension Neighbourhood {
  /// After every step: no house's energy came from nowhere, and where a settlement was signed
  /// off, all balances still follow from the records and cancel out in pairs.
  mutating func checkStep() throws(BrokenInvariant) {
    for node in nodes.indices where nodes[node].house.imbalance != 0 {
      throw BrokenInvariant(
        .energyIsConserved, "\(nodes[node].name) is off by \(nodes[node].house.imbalance) µJ")
    }
    guard audit.creditsMoved != creditsChecked else { return }
    creditsChecked = audit.creditsMoved
    try checkBalances()
  }

  /// Marks the meters, and checks that no energy came from nowhere in any house or the street.
  mutating func checkEnergy() throws(BrokenInvariant) {
    var street = EnergyTotals()
    markMeters()
    for node in nodes.prefix(plan.houses) { street.add(node.house.totals) }
    guard street.imbalance == 0 else {
      throw BrokenInvariant(.energyIsConserved, "the street is off by \(street.imbalance) µJ")
    }
    tally.energies = street
    tally.energySettled = audit.energySettled
    tally.creditsMoved = audit.creditsMoved
    tally.contractsBound = audit.contractsBound
    tally.contractsSettled = audit.contractsSettled
    tally.records = audit.recordCount
    tallyAdversaries()
  }

  /// Tells the audit what all meters show at this moment.
  mutating func markMeters() {
    for node in 0..<plan.houses {
      nodes[node].house.step(to: now, weather: weather)
      let totals = nodes[node].house.totals
      audit.mark(
        node, at: now, imported: EnergyTotals.energy(microjoules: totals.imported),
        exported: EnergyTotals.energy(microjoules: totals.exported))
    }
  }

  /// Checks each node's balance against its records, and each pair's against each other.
  ///
  /// A station may be a commit ahead of its disk: it is left out until that is done. What only one
  /// side of a pair has seen settle is left out until the other has; at the `end` nothing is.
  mutating func checkBalances(atEnd end: Bool = false) throws(BrokenInvariant) {
    guard adversaries.isEmpty else { return }
    let accounts = nodes.map { audit.accounts(of: $0.store) }
    for node in nodes where !node.commitIsDue {
      let recounted = accounts[node.number].balance(of: node.keys.publicKey)
      let clock = node.clock(at: now, since: plan.start)
      guard let shown = node.station?.snapshot(at: clock, since: .max).balance else { continue }
      guard shown == recounted else {
        throw BrokenInvariant(
          .balanceFollowsFromRecords,
          "\(node.name) shows \(shown.text), its records come to \(recounted.text)")
      }
    }
    for link in network.links {
      let low = nodes[link.low].keys.publicKey
      let high = nodes[link.high].keys.publicKey
      let shared = accounts[link.low].settled.intersection(accounts[link.high].settled)
      let scope = end ? nil : shared
      let claim = accounts[link.low].balance(of: low, with: high, within: scope)
      let debt = accounts[link.high].balance(of: high, with: low, within: scope)
      guard claim + debt == .zero else {
        throw BrokenInvariant(
          .creditsAreConserved,
          "\(nodes[link.low].name) counts \(claim.text) with \(nodes[link.high].name), which"
            + " counts \(debt.text)")
      }
    }
    guard end else { return }
    let sum = nodes.reduce(Credits.zero) {
      $0 + accounts[$1.number].balance(of: $1.keys.publicKey)
    }
    guard sum == .zero else {
      throw BrokenInvariant(.creditsAreConserved, "all balances together come to \(sum.text)")
    }
  }

  /// After the quiet time every node must hold the same chains and balances must cancel out.
  mutating func checkAgreement() throws(BrokenInvariant) {
    let honest = nodes.filter { isHonest($0.number) }
    let expected = honest.first.map(Self.heads) ?? []
    for node in honest {
      guard node.station != nil else {
        throw BrokenInvariant(.agreement, "\(node.name) is down at the end")
      }
      guard Self.heads(of: node) == expected else {
        throw BrokenInvariant(
          .agreement,
          "\(node.name) has \(Self.text(Self.heads(of: node))), \(nodes[0].name) has"
            + " \(Self.text(expected))")
      }
      try audit.check(node.store, of: node.number)
    }
    try checkBalances(atEnd: true)
    if !books.isEmpty {
      try checkHonest()
      try checkHonestAgreement()
    }
  }

  private static func text(_ heads: [StoredRecord]) -> String {
    heads.map { "\($0.author.short):\($0.sequence)" }.joined(separator: " ")
  }

  /// The last record of each author on a node's disk, by author.
  private static func heads(of node: SimulatedNode) -> [StoredRecord] {
    var heads: [StoredRecord] = []
    for record in node.store.load().records {
      if heads.last?.author == record.author { heads.removeLast() }
      heads.append(record)
    }
    return heads
  }
}
