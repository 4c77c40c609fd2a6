import Quantities
import Sealing

/// Finds circles of debts that this household is in, proposes to take them off, and agrees to
/// those that others propose.
///
/// Whoever takes part loses a claim and a debt as large, so it owes and is owed less: that is worth
/// agreeing to without being asked. The one of the circle with the smallest key proposes, so that
/// one circle is not proposed by all its members at once.
struct NettingClerk: Sendable {
  /// Smaller circles are not worth their records.
  static let leastAmount = Credits(credits: 1)
  /// Members of the circles that are looked for.
  static let longest = 5
  /// Debts that are looked at from one member: the largest.
  static let widest = 8
  /// How long a proposal waits before there is another.
  static let life = TimeSpan.day
  /// How long one that this household agrees to may wait: what it signed away is promised to nobody
  /// else meanwhile. Clocks may differ a day.
  static let longestLife = TimeSpan.day + TimeSpan.day
  /// Proposals that are agreed to at one look: each costs a record of the own chain.
  static let mostAgreements = 4
  /// How often it looks.
  static let interval = TimeSpan.hour

  private var lookedAt = Instant.distantPast
  private var proposedUntil = Instant.distantPast

  /// The circle to propose now; nil when there is none or it is not yet time to look.
  mutating func proposal(
    for own: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> (amount: Credits, parties: [PublicKey])? {
    guard now.since(lookedAt) >= Self.interval || now < lookedAt, now > proposedUntil else {
      return nil
    }
    lookedAt = now
    guard !ledger.accounts.hasSignedEnough(own),
      let found = Self.circle(from: own, ledger, at: now)
    else { return nil }
    proposedUntil = now + Self.life
    return found
  }

  /// The best circle that begins with `own`, who has the smallest key of it: that of the largest
  /// amount, then the shortest.
  private static func circle(
    from own: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> (amount: Credits, parties: [PublicKey])? {
    let silent = ledger.accounts.silent(towards: own, at: now)
    var best: (amount: Credits, parties: [PublicKey])?
    var stack: [(amount: Credits, parties: [PublicKey])] = [(LimitRule.maximum, [own])]
    while let path = stack.popLast() {
      guard let last = path.parties.last else { continue }
      if path.parties.count >= NettingProposal.sizes.lowerBound {
        let closing = min(
          free(from: last, to: own, ledger, at: now), spare(last, own, ledger, at: now))
        let amount = min(path.amount, closing)
        if amount >= leastAmount, amount > best?.amount ?? .zero {
          best = (amount, path.parties)
        }
      }
      guard path.parties.count < longest else { continue }
      let creditors = ledger.accounts.partners(of: last)
        .filter {
          own < $0 && !path.parties.contains($0) && !silent.contains($0) && !ledger.hasForked($0)
        }
        .map { key in
          // What it owes, as far as it has lent so much: else it could not sign.
          let owed = min(
            free(from: last, to: key, ledger, at: now), spare(last, key, ledger, at: now))
          return (key: key, owed: owed)
        }
        .filter { $0.owed >= leastAmount && $0.owed > best?.amount ?? .zero }
        .sorted { ($1.owed, $0.key) < ($0.owed, $1.key) }
      for creditor in creditors.prefix(widest).reversed() {
        stack.append((min(path.amount, creditor.owed), path.parties + [creditor.key]))
      }
    }
    return best
  }

  /// What `debtor` owes `creditor` beyond what is promised away already, by other proposals.
  private static func free(
    from debtor: PublicKey, to creditor: PublicKey, beside proposal: Digest? = nil,
    _ ledger: CommunityLedger, at now: Instant
  ) -> Credits {
    let promised = ledger.accounts.promised(
      by: creditor, of: debtor, beside: proposal, at: now)
    return ledger.accounts.balance(of: creditor, with: debtor) - promised
  }

  /// How much less `debtor` may owe `creditor` without having lent it more than its limit: what it
  /// owes lowers the balance, and what was sold to the creditor may count on that already.
  private static func spare(
    _ debtor: PublicKey, _ creditor: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> Credits {
    ledger.credit(seller: debtor, buyer: creditor, at: now)
  }

  /// The proposals that this household can agree to: all of the circle's debts are as large as
  /// they say, by what is known here, whoever has not signed can, none of its parties has left one
  /// unsigned, and it does not stand for ever.
  func agreeable(
    for own: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> [NettingProposal] {
    guard !ledger.accounts.hasSignedEnough(own) else { return [] }
    let silent = ledger.accounts.silent(towards: own, at: now)
    return ledger.accounts.openProposals(for: own).filter { proposal in
      guard proposal.amount >= Self.leastAmount, proposal.until <= now + Self.longestLife,
        !proposal.parties.contains(where: { silent.contains($0) || ledger.hasForked($0) })
      else { return false }
      let isOwed = proposal.debts.allSatisfy { debt in
        let owed = Self.free(
          from: debt.debtor, to: debt.creditor, beside: proposal.identity, ledger, at: now)
        return owed >= proposal.amount
      }
      return isOwed
        && proposal.debts.allSatisfy { debt in
          proposal.agreed.contains(debt.debtor)
            || Self.spare(debt.debtor, debt.creditor, ledger, at: now) >= proposal.amount
        }
    }
  }
}

extension EnergyTrader {
  /// Proposes and agrees to take circles of debts off, where the household has not forbidden it.
  mutating func takeOffCircles(_ ledger: inout CommunityLedger, at now: Instant) -> [Action] {
    guard policy.nets else { return [] }
    var actions: [Action] = []
    // One after the other: each agreement leaves less for the next.
    for _ in 0..<NettingClerk.mostAgreements {
      guard let proposal = netting.agreeable(for: ownKey, ledger, at: now).first,
        let written = ledger.write(
          .agree, peer: proposal.parties[0], link: proposal.identity, at: now)
      else { break }
      actions += [
        .record(written.record),
        .say(
          "agrees to take \(proposal.amount.text) credits off a circle of "
            + "\(proposal.parties.count) debts"),
      ]
    }
    guard let (amount, parties) = netting.proposal(for: ownKey, ledger, at: now),
      let written = ledger.write(
        .net, peer: parties[1],
        body: NettingProposal.body(
          amount: amount, until: now + NettingClerk.life, parties: parties), at: now)
    else { return actions }
    return actions + [
      .record(written.record),
      .say("proposes to take \(amount.text) credits off a circle of \(parties.count) debts"),
    ]
  }
}
