import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Texting

/// Links, and what neighbours send over them.
extension Station {
  /// A neighbour's bad messages are complained of at most this often.
  private static let complaintInterval = TimeSpan.hour
  /// The most lines about one neighbour's links and money in that time.
  private static let linesPerInterval = 20

  /// Whether the ledger has this very record, and not only what is left of it.
  public func knows(_ record: Record) -> Bool {
    ledger.holds(record.identity, of: record.author, at: record.sequence)
  }

  mutating func linkUp(_ key: PublicKey, at now: Instant) -> [Effect] {
    let sendings = gossip.linkUp(
      key, ledger: ledger, orders: trader.book.all.map(\.bytes), at: now)
    return say(.mesh, "linked with \(trader.name(of: key))", about: key, at: now) + sendings.effects
      + effects(of: trader.resend(to: [key], ledger, turn: nil, at: now), at: now)
  }

  mutating func linkDown(_ key: PublicKey, reason: String, at now: Instant) -> [Effect] {
    guard gossip.isLinked(key) else { return [] }
    gossip.linkDown(key)
    return say(.mesh, "link with \(trader.name(of: key)) lost: \(reason)", about: key, at: now)
  }

  /// Some lines an hour about each neighbour: one that comes and goes, or pays, without end, by
  /// fault or on purpose, must not push every other decision out of `WHY`.
  mutating func say(
    _ topic: Decision.Topic, _ text: String, about key: PublicKey, at now: Instant
  ) -> [Effect] {
    var lines = linesAbout[key] ?? (since: now, count: 0)
    if now.since(lines.since) >= Self.complaintInterval { lines = (since: now, count: 0) }
    lines.count += 1
    linesAbout[key] = lines
    guard lines.count <= Self.linesPerInterval else { return [] }
    return say(topic, text, at: now)
  }

  /// Compares frontiers and sends statements of unsettled contracts again.
  mutating func synchronise(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    ledger.endQuestion(at: now)
    for peer in ledger.doubtClaims(at: now) {
      let name = trader.name(of: peer)
      effects += say(
        .ledger, "\(name) claims to have own records and sends none: not believed", at: now)
    }
    if let why = ledger.readingOnly(at: now) { effects += say(.ledger, text(why), at: now) }
    effects += gossip.frontiers(of: ledger).effects
    effects += self.effects(
      of: trader.resend(
        to: gossip.linkedNeighbours, ledger, turn: Self.synchroniseInterval, at: now), at: now)
    effects += reviewDoubt(at: now)
    return effects + foldRecords() + storeIndex()
      + [.setTimer(.synchronise, at: now + Self.synchroniseInterval)]
  }

  /// What a household is told whose node has been reading only for ten minutes.
  private func text(_ why: ReadingOnly) -> String {
    switch why {
    case .missing(let from, let count):
      "reading only: own records \(from) to \(count - 1) are missing and no neighbour has sent "
        + "them. Link one that traded with this node."
    case .unanswered:
      "reading only: no head marker, and no neighbour has said what it knows of this node. Link "
        + "one that traded with it."
    case .forked:
      "reading only: this node has signed two branches, perhaps from a restored backup. It needs "
        + "a new key."
    }
  }

  mutating func noteFolded(_ author: PublicKey, bytes: Int) -> [Effect] {
    ledger.noteFolded(by: author, bytes: bytes)
    return []
  }

  /// Has the records of covered contracts folded, after a start and whenever more are covered.
  private mutating func foldRecords() -> [Effect] {
    let coverage = ledger.coverage
    guard !coverage.isEmpty, coverage != folding else { return [] }
    folding = coverage
    return [.fold(coverage)]
  }

  /// Stores what the next start reads instead of all records, when that is due.
  mutating func storeIndex(always: Bool = false) -> [Effect] {
    ledger.takeIndex(always: always).map { [.store(.index($0))] } ?? []
  }

  mutating func take(frame bytes: [UInt8], from peer: PublicKey, at now: Instant) -> [Effect] {
    guard gossip.hears(peer, at: now) else { return [] }
    let frame: Frame?
    do { frame = try Frame.decode(bytes) } catch {
      return complain(of: peer, "a frame (\(error.reason))", at: now)
    }
    switch frame {
    case nil: return []
    case .frontier(let entries): return take(frontier: entries, from: peer, at: now)
    case .records(let items):
      return take(records: items.map { ReceivedRecord($0) }, from: peer, at: now)
    case .ask(let questions):
      return gossip.answer(questions, from: peer, ledger: ledger, at: now).effects
    case .orders(let items):
      return take(orders: items.map { ReceivedOrder($0) }, from: peer, at: now)
    case .request, .quote, .fetch, .part:
      guard let frame else { return [] }
      do { return try takeWork(frame, from: peer, at: now) } catch {
        return complain(of: peer, "a message about computing (\(error.text))", at: now)
      }
    case .statement(let statement):
      do {
        let actions = try trader.take(
          statementBytes: statement, from: peer, &ledger, at: now)
        return effects(of: actions, at: now)
      } catch { return complain(of: peer, "a meter statement (\(error.text))", at: now) }
    }
  }

  mutating func take(
    frontier entries: [FrontierEntry], from peer: PublicKey, at now: Instant
  ) -> [Effect] {
    guard gossip.hears(peer, at: now) else { return [] }
    let lackedNone = !ledger.lacksOwnRecords
    ledger.heardNeighbour()
    // A neighbour that knows more of this node than it does itself: a backup was restored.
    for entry in entries where entry.author == ledger.ownKey {
      ledger.heardOwnLength(entry.count, from: peer, at: now)
    }
    noteFrontier(entries, of: peer)
    var effects = gossip.answer(entries, from: peer, ledger: ledger, at: now).effects
    if ledger.isInDoubt { effects += reviewDoubt(hearing: peer, at: now) }
    if lackedNone, ledger.lacksOwnRecords {
      effects += say(
        .ledger, "\(trader.name(of: peer)) has own records that are missing here: reading only",
        at: now)
      effects += gossip.ask(peer, ledger: ledger, at: now, afterFullBatch: true).effects
    }
    return effects
  }

  mutating func take(
    records items: [ReceivedRecord], from peer: PublicKey, at now: Instant
  ) -> [Effect] {
    guard gossip.hears(peer, at: now) else { return [] }
    // Most come from every neighbour, and are looked at but not copied. After a full frame there is
    // more, whatever it held.
    let isFull = isFull(items)
    guard isFull || items.indices.contains(where: { !isKnown(items[$0].place) }) else {
      guard ledger.isInDoubt else { return [] }
      return askOn(peer, after: items, isFull: false) + reviewDoubt(hearing: peer, at: now)
    }
    var effects: [Effect] = []
    var batch = RecordIntake()
    let lackedOwn = ledger.lacksOwnRecords
    let (mayHaveLost, ownCount) = (ledger.mayHaveLostRecords, ledger.ownCount)
    for place in items.indices where !isKnown(items[place].place) {
      let item = items[place]
      let run = item.record.flatMap { record in
        item.run.flatMap { ledger.unknown(of: $0, by: record.author) }
      }
      switch item.take(&ledger) {
      case .taken(let record, let moved, let provesFork):
        effects.append(store(record, after: run))
        // One that fills the place of its remainder was not missing.
        if record.author == ledger.ownKey, mayHaveLost, record.sequence >= ownCount {
          regainedRecord()
        }
        batch.took(record, as: run?.item(before: record.bytes) ?? record.bytes)
        effects += heard(record, at: now)
        if provesFork { effects += sayForked(record.author, by: peer, at: now) }
        for contract in moved {
          effects += self.effects(of: trader.answer(contract, &ledger, at: now), at: now)
          effects += self.effects(of: computingTrader.answer(contract, &ledger, at: now), at: now)
        }
      case .duplicate: break
      case .gap(let gap):
        batch.missed(gap)
        if gap.provesFork {
          // Not among the records: what leads to it is not known yet.
          let key = Self.forkPrefix + gap.record.author.hexadecimal
          effects.append(.store(.put(key: key, value: gap.record.bytes)))
          effects += sayForked(gap.record.author, by: peer, at: now)
        }
      case .refused(let reason): effects += complain(of: peer, "a record (\(reason))", at: now)
      }
    }
    if lackedOwn, !ledger.lacksOwnRecords {
      effects += say(.ledger, "own records are complete again: trading goes on", at: now)
    }
    if !batch.fresh.isEmpty {
      effects += gossip.spread(.records(batch.fresh), except: peer).effects
    }
    effects += askOn(peer, after: items, isFull: isFull)
    effects += reviewDoubt(hearing: peer, at: now)
    return effects + followUp(batch, items, isFull: isFull, from: peer, at: now) + storeIndex()
  }

  private func isKnown(_ place: ReceivedRecord.Place?) -> Bool {
    guard let place else { return false }
    return ledger.holds(place.identity, of: place.author, at: place.sequence)
  }

  /// Whether a frame of records had no room for more.
  private func isFull(_ items: [ReceivedRecord]) -> Bool {
    var bytes = 0
    for place in items.indices { bytes += items[place].bytes.count }
    return Gossip.isFull(records: items.count, bytes: bytes)
  }

  /// Asks for what a frame of records was not long enough for, or what leads to some of them.
  private mutating func followUp(
    _ batch: RecordIntake, _ items: [ReceivedRecord], isFull: Bool, from peer: PublicKey,
    at now: Instant
  ) -> [Effect] {
    for author in batch.placed { gossip.endSearch(for: author) }
    var effects = gossip.search(peer, for: batch.branchGaps).effects
    let goesOn = isFull && !batch.fresh.isEmpty
    if goesOn || batch.sawGap {
      effects += gossip.ask(peer, ledger: ledger, at: now, afterFullBatch: goesOn).effects
    } else if isFull, batch.branchGaps.isEmpty, let last = items.last?.record {
      effects += gossip.searchOn(peer, for: last.author, after: last.sequence).effects
    }
    return effects
  }

  /// One line, however many made-up keys fork: those count as lines about who passes them on.
  private mutating func sayForked(
    _ author: PublicKey, by peer: PublicKey, at now: Instant
  ) -> [Effect] {
    say(
      .ledger, "\(trader.name(of: author)) signed two different records: no more credit",
      about: names[author] == nil ? peer : author, at: now)
  }

  /// A record that contradicts a known one, as an earlier run kept it apart: it may have its place
  /// by now, and then lies with the others.
  mutating func restoreProof(_ entry: StoredState.Entry) -> [Effect] {
    switch ledger.receive(entry.value) {
    case .taken(let record, _, _): [store(record), .store(.remove(key: entry.key))]
    case .duplicate: [.store(.remove(key: entry.key))]
    case .gap, .refused: []
    }
  }

  mutating func take(
    orders items: [ReceivedOrder], from peer: PublicKey, at now: Instant
  ) -> [Effect] {
    guard gossip.hears(peer, at: now) else { return [] }
    var fresh: [[UInt8]] = []
    var effects: [Effect] = []
    for item in items {
      do {
        if try trader.take(item, at: now) { fresh.append(item.bytes) }
      } catch { effects += complain(of: peer, "an order (\(error.text))", at: now) }
    }
    if !fresh.isEmpty { effects += gossip.spread(.orders(fresh), except: peer).effects }
    return effects
  }

  /// One line an hour for each neighbour: a node that sends rubbish must not fill the journal.
  private mutating func complain(
    of peer: PublicKey, _ what: String, at now: Instant
  ) -> [Effect] {
    if let last = complainedAt[peer], now.since(last) < Self.complaintInterval { return [] }
    complainedAt[peer] = now
    return say(.mesh, "refused from \(trader.name(of: peer)): \(what)", at: now)
  }
}
