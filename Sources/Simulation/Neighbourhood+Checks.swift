import HeliographCore
import Ledger
import Quantities
import Sealing

extension Neighbourhood {
  /// After every step: where something was signed that may move a balance, all balances still
  /// follow from the records and cancel out in pairs.
  mutating func checkStep() throws(BrokenInvariant) {
    guard audit.movements != movementsChecked else { return }
    movementsChecked = audit.movements
    try checkBalances()
  }

  /// Lets time pass in a house, and checks that no energy came from nowhere.
  mutating func moveHouse(_ node: Int) throws(BrokenInvariant) {
    nodes[node].house.step(to: now, weather: weather)
    let imbalance = nodes[node].house.imbalance
    guard imbalance == 0 else {
      throw BrokenInvariant(
        .energyIsConserved, "\(nodes[node].name) is off by \(imbalance) µJ")
    }
  }

  /// The checks of a whole minute, and of the hours and days among them.
  mutating func checkMinute() throws(BrokenInvariant) {
    try checkEnergy()
    let minute = LocalTime.utc.minuteOfDay(at: now)
    if minute % 60 == 0 {
      try checkBalances()
      try checkHonest()
      tallyAdversaries()
    }
    if minute == 0, LocalTime.utc.dayNumber(at: now) % 7 == 0 { try checkBooks() }
    // The earliest clock's slot begins half a minute before, the latest statement's ends so long
    // after: marked then, no more is allowed for than the clocks' tolerance.
    if [14, 3].contains(minute % 15) {
      queue.add(.marks, at: now + SimulationPlan.clockTolerance)
    }
    queue.add(.minute, at: now + .minute)
  }

  /// Marks the meters, and checks that no energy came from nowhere in the street.
  private mutating func checkEnergy() throws(BrokenInvariant) {
    var street = EnergyTotals()
    try markMeters()
    for node in 0..<plan.houses { street.add(nodes[node].house.totals) }
    guard street.imbalance == 0 else {
      throw BrokenInvariant(.energyIsConserved, "the street is off by \(street.imbalance) µJ")
    }
    tally.energies = street
    tally.energySettled = audit.energySettled
    tally.creditsMoved = audit.creditsMoved
    tally.contractsBound = audit.contractsBound
    tally.contractsSettled = audit.contractsSettled
    tally.computingSettled = audit.computingSettled
    tally.receipts = audit.receipts
    tally.agreements = audit.agreements
    tally.records = audit.recordCount
  }

  /// Tells the audit what all meters show at this moment.
  mutating func markMeters() throws(BrokenInvariant) {
    for node in 0..<plan.houses {
      try moveHouse(node)
      let totals = nodes[node].house.totals
      audit.mark(
        node, at: now, imported: EnergyTotals.energy(microjoules: totals.imported),
        exported: EnergyTotals.energy(microjoules: totals.exported))
    }
  }

  /// Checks each node's balances against its records, and each pair's against each other.
  ///
  /// A station may be a commit ahead of its disk: it is left out until that is done. What only one
  /// side of a pair has seen settle is left out until the other has; at the `end` nothing is.
  mutating func checkBalances(atEnd end: Bool = false) throws(BrokenInvariant) {
    for node in nodes.indices where isHonest(node) { audit.recount(nodes[node].store, of: node) }
    for node in nodes.indices where isHonest(node) { try checkOwnBalance(of: node) }
    for link in network.links where isHonest(link.low) && isHonest(link.high) {
      let low = nodes[link.low].keys.publicKey
      let high = nodes[link.high].keys.publicKey
      let (lows, highs) = (audit.accounts(of: link.low), audit.accounts(of: link.high))
      let claim =
        end
        ? lows.balance(of: low, with: high) : lows.balance(of: low, with: high, sharedWith: highs)
      let debt =
        end
        ? highs.balance(of: high, with: low) : highs.balance(of: high, with: low, sharedWith: lows)
      guard claim + debt == .zero else {
        throw BrokenInvariant(
          .creditsAreConserved,
          "\(nodes[link.low].name) counts \(claim.text) with \(nodes[link.high].name), which"
            + " counts \(debt.text)")
      }
    }
    guard end, adversaries.isEmpty else { return }
    var sum = Credits.zero
    for node in nodes.indices {
      sum += audit.accounts(of: node).balance(of: nodes[node].keys.publicKey)
    }
    guard sum == .zero else {
      throw BrokenInvariant(.creditsAreConserved, "all balances together come to \(sum.text)")
    }
  }

  /// What a node shows, together and with each neighbour, is what its disk's records come to.
  private func checkOwnBalance(of node: Int) throws(BrokenInvariant) {
    guard !nodes[node].commitIsDue, let shown = nodes[node].station?.ledger.accounts else { return }
    let recounted = audit.accounts(of: node)
    let own = nodes[node].keys.publicKey
    let (all, expected) = (shown.balance(of: own), recounted.balance(of: own))
    guard all == expected else {
      throw BrokenInvariant(
        .balanceFollowsFromRecords,
        "\(nodes[node].name) shows \(all.text), its records come to \(expected.text)")
    }
    for link in network.links where link.touches(node) {
      let other = nodes[link.low == node ? link.high : link.low]
      try compare(
        shown, recounted, RecountedAccounts.Pair(own, other.keys.publicKey), of: node)
    }
  }

  /// Counts every disk's records anew from the first on: what was counted as they came, and what
  /// the station keeps of every pair in the street, must be the same.
  mutating func checkBooks() throws(BrokenInvariant) {
    for node in nodes.indices where isHonest(node) {
      audit.recount(nodes[node].store, of: node)
      let afresh = audit.accountsAfresh(of: nodes[node].store)
      let counted = audit.accounts(of: node)
      guard afresh.pairs == counted.pairs else {
        throw BrokenInvariant(
          .balanceFollowsFromRecords, "\(nodes[node].name): other pairs when counted anew")
      }
      let shown = nodes[node].commitIsDue ? nil : nodes[node].station?.ledger.accounts
      for pair in afresh.pairs {
        let (now, before) = (
          afresh.balance(of: pair.low, with: pair.high),
          counted.balance(of: pair.low, with: pair.high)
        )
        guard now == before else {
          throw BrokenInvariant(
            .balanceFollowsFromRecords,
            "\(nodes[node].name): \(before.text) as counted, \(now.text) counted anew")
        }
        if let shown { try compare(shown, afresh, pair, of: node) }
      }
    }
  }

  private func compare(
    _ shown: Accounts, _ recounted: RecountedAccounts, _ pair: RecountedAccounts.Pair,
    of node: Int
  ) throws(BrokenInvariant) {
    let kept = shown.balance(of: pair.low, with: pair.high)
    let expected = recounted.balance(of: pair.low, with: pair.high)
    guard kept == expected else {
      throw BrokenInvariant(
        .balanceFollowsFromRecords,
        "\(nodes[node].name) keeps \(kept.text) between \(pair.low.short) and \(pair.high.short),"
          + " its records come to \(expected.text)")
    }
  }

  /// After the quiet time every node must hold the same chains and balances must cancel out.
  mutating func checkAgreement() throws(BrokenInvariant) {
    let honest = nodes.filter { isHonest($0.number) }
    let expected = honest.first.map(Self.heads) ?? []
    for node in honest {
      guard node.isUp else {
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
    try checkBooks()
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
