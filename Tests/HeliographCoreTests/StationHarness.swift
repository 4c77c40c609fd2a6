import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Sites
import Testing
import Texting

/// Stations linked to each other without loss, stepped by hand.
struct StationHarness {
  static let start = TimeSlot(index: 2_000_000).start

  var now = start
  var stations: [PublicKey: Station] = [:]
  var keys: [PublicKey] = []
  var timers: [PublicKey: [TimerName: Instant]] = [:]
  var stored: [PublicKey: [StoreWrite]] = [:]
  var replies: [String] = []
  var commands: [Effect] = []
  /// The same, with whose they are; who answers them takes them out.
  var commandsOf: [(PublicKey, Effect)] = []
  /// What devices were to be told; a test answers with `steered`.
  var orders: [SteeringOrder] = []
  /// The longest frame that any station sent, in bytes.
  var largestFrame = 0
  /// What each station sent, until a test empties it.
  var sent: [PublicKey: [[UInt8]]] = [:]
  /// Grid power of each house: + import.
  var grid: [PublicKey: Power] = [:]
  private var imported: [PublicKey: Energy] = [:]
  private var exported: [PublicKey: Energy] = [:]
  /// What the meters' registers step by.
  var resolution = Energy(milliwattHours: 1)
  var isDown: Set<PublicKey> = []
  /// Houses whose meter does not answer.
  var silentMeters: Set<PublicKey> = []
  private var inbox: [(to: PublicKey, event: Event)] = []

  /// The keys of house number 0, 1, 2…
  static func keys(_ house: Int) throws -> KeyPair {
    try #require(KeyPair(seed: [UInt8](repeating: UInt8(house + 1), count: 32)))
  }

  init(
    houses: Int, adjusting adjust: (inout StationConfiguration) -> Void = { _ in }
  ) throws {
    let pairs = try (0..<houses).map { try Self.keys($0) }
    keys = pairs.map(\.publicKey)
    for (index, pair) in pairs.enumerated() {
      var configuration = Self.configuration(pair, index, keys)
      adjust(&configuration)
      stations[pair.publicKey] = Station(configuration, at: now)
      grid[pair.publicKey] = .zero
    }
    for key in keys { deliver(.started, to: key) }
    for key in keys { for other in keys where other != key { deliver(.linkUp(other), to: key) } }
  }

  static func configuration(
    _ pair: KeyPair, _ index: Int, _ keys: [PublicKey]
  ) -> StationConfiguration {
    StationConfiguration(
      name: "house\(index)", keys: pair, community: Community(name: "test"),
      devices: [
        SiteDevice(
          name: "meter", pollInterval: TimeSpan(seconds: 30),
          provides: [.grid, .pv, .load, .totals])
      ],
      neighbours: keys.enumerated().filter { $0.element != pair.publicKey }
        .map { Neighbour(name: "house\($0.offset)", key: $0.element) },
      readers: .init(readers: ["+255700000001"]))
  }

  /// Delivers an event and everything that follows from it at this moment.
  mutating func deliver(_ event: Event, to key: PublicKey) {
    inbox.append((key, event))
    var steps = 0
    while !inbox.isEmpty {
      let (to, event) = inbox.removeFirst()
      steps += 1
      precondition(steps < 10_000, "events never end")
      guard !isDown.contains(to), let effects = stations[to]?.step(event, at: now) else {
        continue
      }
      for effect in effects { perform(effect, of: to) }
    }
  }

  private mutating func perform(_ effect: Effect, of key: PublicKey) {
    switch effect {
    case .store(let write): stored[key, default: []].append(write)
    case .send(let to, let bytes):
      largestFrame = max(largestFrame, bytes.count)
      sent[key, default: []].append(bytes)
      if !isDown.contains(to) { inbox.append((to, .frame(from: key, bytes: bytes))) }
    case .sendRecords(let to, let request):
      let records = records(request, of: key)
      guard !records.isEmpty else { return }
      perform(.send(to: to, bytes: Frame.records(records).encoded), of: key)
    case .setTimer(let name, let at): timers[key, default: [:]][name] = at
    case .read(let device):
      let isSilent = silentMeters.contains(key)
      inbox.append(
        (
          key,
          isSilent
            ? .readingFailed(device: device, fault: .silent("2 s")) : .reading(reading(of: key))
        ))
    case .reply(_, let text): replies.append(text)
    case .prepareJob, .startJob, .pauseJob, .closeJob, .stageBatch, .discardBatch, .turnRelay,
      .work,
      .stageWork,
      .showLight:
      commands.append(effect)
      commandsOf.append((key, effect))
    case .steer(let order): orders.append(order)
    case .atRest: commands.append(effect)
    case .fold: break
    case .report, .measureComputing, .controlEngine: break
    }
  }

  /// What a store would give of the records that a station has stored.
  private func records(_ request: RecordRequest, of key: PublicKey) -> [[UInt8]] {
    let all = (stored[key] ?? []).compactMap { write -> StoredRecord? in
      if case .record(let record) = write { record } else { nil }
    }
    return request.records(
      arrivals: { span, limit in
        let end = span.sequences.map { span.from + $0 } ?? .max
        let found = all.indices.filter {
          all[$0].author == span.author && (span.from..<end).contains(all[$0].sequence)
        }
        return found.sorted { (all[$0].sequence, $0) < (all[$1].sequence, $1) }
          .prefix(limit).map { Int64($0) }
      }, bytes: { all[Int($0)].bytes })
  }

  private func reading(of key: PublicKey) -> DeviceReading {
    var reading = DeviceReading(device: "meter", at: now)
    let power = grid[key] ?? .zero
    reading.gridPower = power
    reading.pvPower = power < .zero ? -power : .zero
    reading.loadPower = power < .zero ? .zero : power
    reading.importedTotal = imported[key] ?? .zero
    reading.exportedTotal = exported[key] ?? .zero
    reading.totalResolution = resolution
    return reading
  }

  /// Lets time pass, firing timers as they fall due.
  mutating func advance(_ span: TimeSpan) {
    let end = now + span
    while now < end {
      let due = keys.compactMap { key in
        isDown.contains(key) ? nil : timers[key]?.values.min()
      }.min()
      let next = min(end, max(due ?? end, now))
      for key in keys {
        let energy = (grid[key] ?? .zero).energy(over: next.since(now))
        if energy > .zero { imported[key, default: .zero] += energy }
        if energy < .zero { exported[key, default: .zero] += -energy }
      }
      now = next
      for key in keys where !isDown.contains(key) {
        for (name, at) in (timers[key] ?? [:]).sorted(by: { $0.key < $1.key }) where at <= now {
          timers[key]?[name] = nil
          deliver(.timer(name), to: key)
        }
      }
    }
  }

  /// The station is killed; memory is gone, the store stays.
  mutating func kill(_ key: PublicKey) {
    isDown.insert(key)
    timers[key] = nil
    for other in keys where other != key {
      deliver(.linkDown(key, reason: "closed"), to: other)
    }
  }

  mutating func restart(_ key: PublicKey) throws {
    let configuration = try #require(stations[key]?.configuration)
    var state = StoredState()
    var entries: [String: [UInt8]] = [:]
    var index: LedgerIndex?
    var segments: [[UInt8]] = []
    var records: [StoredRecord] = []
    for write in stored[key] ?? [] {
      switch write {
      case .record(let record): records.append(record)
      case .index(let newer):
        segments = (newer.replacesAll ? [] : segments) + newer.segments
        index = newer
        records = []
      case .put(let name, let value): entries[name] = value
      case .remove(let name): entries[name] = nil
      }
    }
    var ledger = configuration.emptyLedger
    if let index {
      var reading = try #require(ledger.index(snapshot: index.snapshot))
      for segment in segments { reading.take(segment) }
      let isRestored = ledger.restore(reading)
      #expect(isRestored)
    }
    state.ledger = ledger
    state.records = records
    state.entries = entries.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) }
    stations[key] = Station(configuration, restoring: state, at: now)
    isDown.remove(key)
    deliver(.started, to: key)
    for other in keys where other != key && !isDown.contains(other) {
      deliver(.linkUp(other), to: key)
      deliver(.linkUp(key), to: other)
    }
  }

  /// Types a command at a node; returns its reply.
  mutating func type(_ text: String, at key: PublicKey) -> String? {
    replies = []
    deliver(.text(TextMessage(id: .init(1), origin: .local, text: text)), to: key)
    return replies.last
  }

  /// The balance of `party` that follows from the records in a station's store alone.
  func recomputedBalance(of party: PublicKey, at key: PublicKey) -> Credits {
    var accounts = Accounts()
    for case .record(let stored) in stored[key] ?? [] {
      guard let record = try? Record(decoding: stored.bytes, verifying: false) else { continue }
      _ = accounts.apply(record)
    }
    return accounts.balance(of: party)
  }

  func balance(_ party: PublicKey, seenBy key: PublicKey) -> Credits? {
    stations[key]?.ledger.accounts.balance(of: party)
  }
}
