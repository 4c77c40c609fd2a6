import Ledger
import Mesh
import Planning
import Quantities
import Sealing
import Texting

/// Computing with and for neighbours.
extension Station {
  /// Neighbours' jobs give way to the household's own.
  private static let neighboursPriority: Int64 = -1

  /// Whatever of it the clock makes due.
  mutating func computeForNeighbours(at now: Instant) -> [Effect] {
    computingDue = nil
    var effects: [Effect] = []
    let awaited = computingTrader.awaitedJobs
    for job in queue.jobs where !job.isLive && awaited.contains(job.number.value) {
      effects += ended(job, at: now)
    }
    let actions = computingTrader.wake(&ledger, linked: gossip.linkedNeighbours, at: now)
    effects += self.effects(of: actions, at: now)
    guard computingTrader.isBusy else { return effects }
    // What could not be signed is the next step here, whoever else is waited for.
    let waits = actions.isEmpty && ledger.maySign
    let wait = waits ? computingTrader.wait : ComputingTrader.interval
    return effects + wakeComputing(within: wait, at: now)
  }

  /// Sets the timer for computing, unless it fires sooner: what neighbours send never puts it off.
  mutating func wakeComputing(within span: TimeSpan, at now: Instant) -> [Effect] {
    let due = now + span
    if let computingDue, computingDue <= due { return [] }
    computingDue = due
    return [.setTimer(.computing, at: due)]
  }

  mutating func effects(of actions: [ComputingTrader.Action], at now: Instant) -> [Effect] {
    guard !actions.isEmpty else { return [] }
    let effects = actions.flatMap { action -> [Effect] in
      switch action {
      case .record(let record): spread(record)
      case .request(let peer, let bytes): send(.request(bytes), to: peer)
      case .quote(let peer, let bytes): send(.quote(bytes), to: peer)
      case .fetch(let peer, let contract, let parcel, let part):
        send(.fetch(WorkPart(contract: contract, parcel: parcel, number: part)), to: peer)
      case .work(let order): [.work(order)]
      case .enqueue(let batch, let contract): enqueue(batch, for: contract, at: now)
      case .abandon(let folder): [.discardBatch(folder: folder)]
      case .store(let value): [.store(StoreWrite(value))]
      case .say(let text): say(.market, text, at: now)
      }
    }
    return effects + wakeComputing(within: ComputingTrader.interval, at: now)
  }

  private func send(_ frame: Frame, to peer: PublicKey) -> [Effect] {
    gossip.isLinked(peer) ? [.send(to: peer, bytes: frame.encoded)] : []
  }

  /// A batch file of the household's is ready: neighbours are asked for quotes.
  mutating func want(
    _ staged: StagedWork, payingAtMost pay: Credits, replyTo message: TextMessage.Identifier,
    at now: Instant
  ) -> [Effect] {
    let price = pay.scaled(by: 1_000_000, over: max(1, staged.tokens))
    let deadline = staged.batch.deadline ?? now + TimeSpan.day
    let (wish, actions) = computingTrader.want(
      staged, priceLimit: min(TokenPrice(rawValue: price.rawValue), .maximum),
      deadline: deadline, linked: gossip.linkedNeighbours, at: now)
    let effects = self.effects(of: actions, at: now)
    switch wish {
    case .refused(let reason):
      return [
        .discardBatch(folder: staged.batch.folder),
        .reply(to: message, text: TextReply.refusal(reason)),
      ]
    case .asked(_, let count):
      let neighbours = count == 1 ? "1 neighbour is asked" : "\(count) neighbours are asked"
      let text =
        "\(staged.batch.name): \(neighbours), at most \(pay.text) credits, due "
        + "\(configuration.localTime.clock(at: deadline)). WHY tells who takes it."
      return effects + [.reply(to: message, text: text)]
    }
  }

  /// A frame about computing.
  mutating func takeWork(
    _ frame: Frame, from peer: PublicKey, at now: Instant
  ) throws(SealedContentError) -> [Effect] {
    switch frame {
    case .request(let bytes):
      let actions = try computingTrader.take(
        requestBytes: bytes, from: peer, ledger, start: engineStart(at: now), at: now)
      return effects(of: actions, at: now)
    case .quote(let bytes):
      try computingTrader.take(quoteBytes: bytes, from: peer)
      return []
    case .fetch(let part):
      let actions = computingTrader.serve(
        part.parcel, of: part.contract, part: part.number, to: peer, ledger)
      return effects(of: actions, at: now)
    case .part(let part, let count, let sealed):
      let actions = computingTrader.take(
        part.parcel, of: part.contract, part: part.number, count: count, sealed: sealed,
        from: peer, ledger)
      return effects(of: actions, at: now)
    default: return []
    }
  }

  /// When the engine is expected to have power for a job: now, at the first slot of the plan with
  /// something to spare, or, where the plan sees none, after its end.
  private func engineStart(at now: Instant) -> Instant? {
    guard let plan, surplus.state.power == nil else { return now }
    let spare = plan.slots.first { $0.slot.end > now && $0.spare ?? .zero > .zero }
    return spare.map { max(now, $0.slot.start) } ?? plan.slots.last?.slot.end
  }

  /// A neighbour's work has been checked: a job comes of it, or the contract is given back.
  private mutating func enqueue(
    _ batch: StagedBatch, for contract: Digest, at now: Instant
  ) -> [Effect] {
    guard let buyer = ledger.accounts.contract(contract)?.buyer else { return [] }
    var batch = batch
    batch.name = String("for-\(trader.name(of: buyer))".prefix(24))
    batch.priority = Self.neighboursPriority
    batch.expires = true
    do {
      let (number, actions) = try queue.add(batch, at: now)
      planIsStale = true
      let power = queue.job(number)?.batch.power ?? batch.power
      return effects(of: actions, at: now)
        + [.prepareJob(number, folder: batch.folder, power: power)]
        + effects(of: computingTrader.queued(contract, as: number), at: now)
    } catch {
      return [.discardBatch(folder: batch.folder)]
        + effects(of: computingTrader.queued(contract, as: nil, reason: error.message), at: now)
    }
  }

  /// What became of an order about a contract's files.
  mutating func take(_ outcome: WorkOutcome, at now: Instant) -> [Effect] {
    effects(of: computingTrader.take(outcome, &ledger, at: now), at: now)
  }

  /// A job has come further; one of a neighbour's may be done.
  mutating func take(_ progress: JobProgress, at now: Instant) -> [Effect] {
    let effects = self.effects(of: queue.progress(progress, at: now), at: now)
    guard let job = queue.job(progress.job), !job.isLive else { return effects }
    return effects + ended(job, at: now)
  }

  private mutating func ended(_ job: Planning.Job, at now: Instant) -> [Effect] {
    effects(of: computingTrader.ended(job.number, folder: job.batch.folder), at: now)
  }
}
