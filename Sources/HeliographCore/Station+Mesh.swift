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
  /// The most lines about one neighbour's links in that time.
  private static let linkLinesPerInterval = 20

  mutating func linkUp(_ key: PublicKey, at now: Instant) -> [Effect] {
    let sendings = gossip.linkUp(
      key, ledger: ledger, orders: trader.book.all.map(\.bytes), at: now)
    return say(link: key, "linked with \(trader.name(of: key))", at: now) + send(sendings)
      + effects(of: trader.resend(to: key, ledger, at: now), at: now)
  }

  mutating func linkDown(_ key: PublicKey, reason: String, at now: Instant) -> [Effect] {
    guard gossip.isLinked(key) else { return [] }
    gossip.linkDown(key)
    return say(link: key, "link with \(trader.name(of: key)) lost: \(reason)", at: now)
  }

  /// Some lines an hour for each neighbour's links: one that comes and goes without end, by fault
  /// or on purpose, must not push every other decision out of `WHY`.
  private mutating func say(link key: PublicKey, _ text: String, at now: Instant) -> [Effect] {
    var lines = linkLines[key] ?? (since: now, count: 0)
    if now.since(lines.since) >= Self.complaintInterval { lines = (since: now, count: 0) }
    lines.count += 1
    linkLines[key] = lines
    guard lines.count <= Self.linkLinesPerInterval else { return [] }
    return say(.mesh, text, at: now)
  }

  /// Compares frontiers and sends statements of unsettled contracts again.
  mutating func synchronise(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    for peer in ledger.doubtClaims(at: now) {
      let name = trader.name(of: peer)
      effects += say(
        .ledger, "\(name) claims to have own records and sends none: not believed", at: now)
    }
    effects += send(gossip.frontiers(of: ledger))
    for peer in gossip.linkedNeighbours {
      effects += self.effects(of: trader.resend(to: peer, ledger, at: now), at: now)
    }
    return effects + [.setTimer(.synchronise, at: now + Self.synchroniseInterval)]
  }

  mutating func take(frame bytes: [UInt8], from peer: PublicKey, at now: Instant) -> [Effect] {
    guard gossip.isLinked(peer) else { return [] }
    gossip.heard(peer, at: now)
    let frame: Frame?
    do { frame = try Frame.decode(bytes) } catch {
      return complain(of: peer, "a frame (\(error.reason))", at: now)
    }
    switch frame {
    case nil: return []
    case .frontier(let entries): return take(entries, from: peer, at: now)
    case .records(let items): return take(records: items, from: peer, at: now)
    case .orders(let items): return take(orders: items, from: peer, at: now)
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

  private mutating func take(
    _ entries: [FrontierEntry], from peer: PublicKey, at now: Instant
  ) -> [Effect] {
    let mayHaveSigned = ledger.maySign
    // A neighbour that knows more of this node than it does itself: a backup was restored.
    for entry in entries where entry.author == ledger.ownKey {
      ledger.heardOwnLength(entry.count, from: peer, at: now)
    }
    var effects = send(gossip.answer(entries, from: peer, ledger: ledger))
    if mayHaveSigned, !ledger.maySign {
      effects += say(
        .ledger, "\(trader.name(of: peer)) has own records that are missing here: reading only",
        at: now)
      effects += send(gossip.ask(peer, ledger: ledger, at: now, afterFullBatch: true))
    }
    return effects
  }

  private mutating func take(
    records items: [[UInt8]], from peer: PublicKey, at now: Instant
  ) -> [Effect] {
    var effects: [Effect] = []
    var fresh: [[UInt8]] = []
    var sawGap = false
    let mayHaveSigned = ledger.maySign
    for bytes in items {
      switch ledger.receive(bytes) {
      case .taken(let record, let moved):
        effects.append(store(record))
        fresh.append(bytes)
        effects += heard(record, at: now)
        for contract in moved {
          effects += self.effects(of: trader.answer(contract, &ledger, at: now), at: now)
          effects += self.effects(of: computingTrader.answer(contract, &ledger, at: now), at: now)
        }
      case .duplicate: break
      case .gap: sawGap = true
      case .forked(let fork):
        // Not among the records: a start must go on with the branch that was known first.
        let key = Self.forkPrefix + fork.author.hexadecimal
        effects.append(.store(.put(key: key, value: bytes)))
        fresh.append(bytes)
        effects += say(
          .ledger,
          "\(trader.name(of: fork.author)) signed two different records: no more credit",
          at: now)
      case .refused(let reason): effects += complain(of: peer, "a record (\(reason))", at: now)
      }
    }
    if !mayHaveSigned, ledger.maySign {
      effects += say(.ledger, "own records are complete again: trading goes on", at: now)
    }
    if !fresh.isEmpty { effects += send(gossip.spread(.records(fresh), except: peer)) }
    let wasFull = Gossip.isFull(items) && !fresh.isEmpty
    if wasFull || sawGap {
      effects += send(gossip.ask(peer, ledger: ledger, at: now, afterFullBatch: wasFull))
    }
    return effects
  }

  private mutating func take(
    orders items: [[UInt8]], from peer: PublicKey, at now: Instant
  ) -> [Effect] {
    var fresh: [[UInt8]] = []
    var effects: [Effect] = []
    for bytes in items {
      do {
        if try trader.take(orderBytes: bytes, at: now) { fresh.append(bytes) }
      } catch { effects += complain(of: peer, "an order (\(error.text))", at: now) }
    }
    if !fresh.isEmpty { effects += send(gossip.spread(.orders(fresh), except: peer)) }
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
