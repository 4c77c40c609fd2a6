import Market
import Planning
import Quantities
import Sealing

/// Computing for neighbours.
extension ComputingTrader {
  /// A neighbour asks what computing would cost: quotes it, or says nothing.
  ///
  /// Throws where it is no request of its sender's, or one to quote whose signature is wrong.
  /// - Parameter start: when the engine is expected to work next; nil when that is not known.
  public mutating func take(
    requestBytes: [UInt8], from peer: PublicKey, _ ledger: CommunityLedger, start: Instant?,
    at now: Instant
  ) throws(SealedContentError) -> [Action] {
    let request = try WorkRequest(decoding: requestBytes, verifying: false)
    guard request.author == peer, request.community == community.identifier else {
      throw .malformed("a request of its sender's in \(community.name)")
    }
    given = given.filter { $0.value.quote.until > now }
    let givenToIt = given.values.count { $0.request.author == peer }
    guard names[peer] != nil, now >= absences[peer]?.until ?? .distantPast,
      given.count < Self.maximumQuotes,
      givenToIt < Self.maximumQuotesToOne,
      let model = policy.model(request.model), model.price <= request.priceLimit,
      request.requests <= policy.mostRequests, request.length <= policy.mostLength,
      request.tokens <= policy.mostTokens,
      request.length <= request.tokens * ComputingPolicy.mostBytesPerToken,
      request.deadline <= now + ComputingPolicy.farthestDeadline,
      openJobs(ledger, at: now) < policy.mostJobs, keepsFew(of: peer, ledger),
      let finish = finish(of: request, start: start, at: now)
    else { return [] }
    // Crumbs cost nothing once rounded, so no limit would ever stop them. A price of 0 is a gift.
    let cost = model.price.cost(ofTokens: request.tokens)
    guard cost > .zero || model.price == .zero,
      cost <= ledger.credit(seller: ownKey, buyer: peer, at: now)
    else { return [] }
    // Verified last: who asks for what is not to be had costs a look.
    guard request.isGenuine else { throw .badSignature(author: peer) }
    let quote = WorkQuote(
      community: community, keys: keys, request: request.identity, price: model.price,
      finish: finish, until: now + Self.quoteLife, time: now)
    given[quote.identity] = (quote, request)
    return [.quote(to: peer, bytes: quote.bytes)]
  }

  private func finish(of request: WorkRequest, start: Instant?, at now: Instant) -> Instant? {
    let duration = policy.duration(of: request.tokens, length: request.length)
    guard duration <= policy.longest else { return nil }
    let finish = max(now, start ?? now) + duration
    return finish <= request.deadline ? finish : nil
  }

  /// Jobs that are still to be computed. What was committed to needs the engine no more: a buyer
  /// that never picks or never signs keeps nobody else from it.
  private func openJobs(_ ledger: CommunityLedger, at now: Instant) -> Int {
    taken.keys.sorted().compactMap { contract($0, ledger) }
      .count { $0.stage == .confirmed && $0.contract.isLive(at: now) }
  }

  /// Whether there is room for one more job's files of this buyer's.
  private func keepsFew(of buyer: PublicKey, _ ledger: CommunityLedger) -> Bool {
    let kept = taken.keys.sorted().count { contract($0, ledger)?.buyer == buyer }
    return kept < 2 * max(policy.mostJobs, 1)
  }

  /// The next step of a contract that this household provides for.
  mutating func provide(
    _ contract: ComputingContract, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    switch contract.stage {
    case .accepted:
      if let reason = objection(to: contract, ledger, at: now) {
        guard refusals.isFirst(of: contract.buyer, at: now) else { return [] }
        return [.say("does not compute for \(name(of: contract.buyer)): \(reason)")]
      }
      var actions = step(.confirm, contract, &ledger, at: now)
      guard !actions.isEmpty,
        let length = given.removeValue(forKey: contract.offer)?.request.length
      else { return actions }
      let work = TakenWork(contract: contract.identifier, length: length, since: now)
      taken[work.contract] = work
      let price = contract.terms.price.cost(ofTokens: contract.tokens)
      actions += [
        save(work),
        .say(
          "computes \(contract.requests) requests for \(name(of: contract.buyer)), up to "
            + "\(price.text) credits"),
      ]
      return actions + begin(.work, of: work.contract, into: work.folder, at: now)
    default: return serve(contract.identifier, &ledger, at: now)
    }
  }

  /// Why this node does not confirm an ACCEPT of a quote; nil when it does.
  private func objection(
    to contract: ComputingContract, _ ledger: CommunityLedger, at now: Instant
  ) -> String? {
    guard let (quote, request) = given[contract.offer], request.author == contract.buyer,
      now <= quote.until
    else { return "no such quote stands" }
    let agreed = ComputingTerms(
      model: request.model, work: request.work, requests: request.requests,
      tokens: request.tokens, price: quote.price, deadline: request.deadline)
    guard contract.terms == agreed else { return "its terms are not those of the quote" }
    guard openJobs(ledger, at: now) < policy.mostJobs else { return "other jobs are under way" }
    let cost = contract.terms.price.cost(ofTokens: contract.tokens)
    let credit = ledger.credit(seller: ownKey, buyer: contract.buyer, at: now)
    let unsettled = ledger.accounts.unsettled(seller: ownKey, buyer: contract.buyer, at: now)
    guard cost <= credit - unsettled else {
      return "\(cost.text) credits would pass the limit (LIMIT \(name(of: contract.buyer)) …)"
    }
    let claims = ledger.accounts.claims(of: ownKey, at: now)
    guard claims + cost <= claimsAtMost else {
      return "neighbours owe \(claims.text) credits together already, the most that is lent"
    }
    return nil
  }

  /// Goes on with a neighbour's job, whatever it waits for.
  mutating func serve(
    _ identifier: Digest, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard let work = taken[identifier] else { return [] }
    guard let contract = contract(identifier, ledger), contract.isLive(at: now) else {
      return finish(work, ledger)
    }
    switch contract.stage {
    case .confirmed:
      if let trouble = work.trouble { return giveBack(contract, trouble, &ledger, at: now) }
      if let commitment = work.commitment {
        guard now <= contract.deadline else { return [] }
        return step(.commit, contract, body: commitment.body, &ledger, at: now)
      }
      guard work.job == nil else { return [] }
      guard now.since(work.since) < Self.patience(forWorkOf: work.length) else {
        let actions = giveBack(contract, "its work did not come", &ledger, at: now)
        guard !actions.isEmpty else { return [] }
        let count = absences[contract.buyer]?.count ?? 0
        let wait = min(TimeSpan(minutes: 60 << Int64(min(count, 5))), TimeSpan.day)
        absences[contract.buyer] = (count + 1, now + wait)
        return actions
      }
      return begin(.work, of: identifier, into: work.folder, at: now)
    case .picked:
      guard let commitment = contract.state.commitment else { return [] }
      let settlement = ContractState.Settlement(
        quantity: commitment.tokens,
        amount: contract.terms.price.cost(ofTokens: commitment.tokens))
      return step(.settle, contract, body: settlement.body, &ledger, at: now)
    case .settled, .disputed:
      guard now < contract.deadline + Contract.settlementTimeOut else {
        return finish(work, ledger)
      }
      guard contract.stage == .disputed, said.insert(identifier).inserted else {
        return []
      }
      return [
        .say(
          "\(name(of: contract.buyer)) disputes its job: \(contract.state.owed.text) credits are "
            + "not in doubt")
      ]
    default: return []
    }
  }

  /// Cancels a job; nothing is said while this node may not sign, as it is tried again.
  private mutating func giveBack(
    _ contract: ComputingContract, _ reason: String, _ ledger: inout CommunityLedger,
    at now: Instant
  ) -> [Action] {
    let cancelled = step(.cancel, contract, &ledger, at: now)
    guard !cancelled.isEmpty else { return [] }
    return cancelled + [.say("gives \(name(of: contract.buyer))'s job back: \(reason)")]
  }

  /// How long after its CONFIRM a job's work is waited for: ten minutes, and its own length at
  /// 16 KiB a second.
  private static func patience(forWorkOf length: Int64) -> TimeSpan {
    TimeSpan(minutes: 10) + TimeSpan(seconds: length >> 14)
  }

  /// The contract is over: what the neighbour sent is deleted.
  private mutating func finish(_ work: TakenWork, _ ledger: CommunityLedger) -> [Action] {
    taken[work.contract] = nil
    fetching[work.contract] = nil
    var actions: [Action] = [
      .work(.discard(contract: work.contract, folder: work.folder)),
      .store(KeyedValue(key: TakenWork.key(of: work.contract), value: nil)),
    ]
    if let contract = contract(work.contract, ledger), contract.stage == .acknowledged {
      let answered = contract.state.commitment?.answered ?? 0
      actions.append(
        .say(
          "computed \(answered) requests for \(name(of: contract.buyer)): "
            + "\(contract.state.owed.text) credits; its files are deleted"))
    }
    return actions
  }

  /// A neighbour's job has its number in the queue, or could not be queued.
  public mutating func queued(
    _ contract: Digest, as job: JobNumber?, reason: String = ""
  ) -> [Action] {
    guard var work = taken[contract] else { return [] }
    if let job { work.job = job.value } else { work.trouble = reason }
    taken[contract] = work
    return [save(work)]
  }

  /// A job of the queue has ended; if it is a neighbour's, its results are made.
  public mutating func ended(_ job: JobNumber, folder: String) -> [Action] {
    guard let work = takenWork(as: job), work.commitment == nil,
      work.trouble == nil, gathering.insert(work.contract).inserted
    else { return [] }
    return [.work(.gather(contract: work.contract, folder: folder))]
  }

  mutating func gathered(
    _ contract: Digest, root: Digest, answered: Int64, tokens: Int64,
    _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    gathering.remove(contract)
    guard var work = taken[contract], work.commitment == nil else { return [] }
    if answered == 0 {
      work.trouble = "nothing of it could be answered"
    } else {
      let most = self.contract(contract, ledger)?.tokens ?? tokens
      work.commitment = ContractState.Commitment(
        record: contract, root: root, answered: answered, tokens: min(tokens, most))
    }
    taken[contract] = work
    return [save(work)] + serve(contract, &ledger, at: now)
  }
}
