import Daemon
import Glibc
import HeliographCore
import Ledger
import Mesh
import Quantities
import Sealing
import Sites
import Storage
import Synchronization
import Testing
import Texting

@Suite struct EffectRunnerTests {
  static let peer = PublicKey(words: Words32(first: 5, second: 0, third: 0, fourth: 0))
  static let own = PublicKey(words: Words32(first: 6, second: 0, third: 0, fourth: 0))

  static func text(_ id: Int64, _ text: String) -> Event {
    .text(TextMessage(id: .init(id), origin: .local, text: text))
  }

  static func reply(_ id: Int64, _ text: String) -> Effect { .reply(to: .init(id), text: text) }

  static func put(_ key: String, bytes: Int = 1) -> Effect {
    .store(.put(key: key, value: [UInt8](repeating: 1, count: bytes)))
  }

  /// A runner over a real store, with everything it does written down in order.
  struct Bench {
    let directory = TemporaryDirectory()
    let store: RecordStore
    let witness = Witness()
    let time = ManualClock()
    let runner: EffectRunner<RecordingMachine>

    init(
      _ answers: [String: [Effect]], cores: Int = 1,
      foundDamage: @escaping @Sendable (StorageError) -> Void = { _ in }
    ) throws {
      store = try RecordStore(path: directory.file("node.db"))
      let witness = self.witness
      let store = self.store
      runner = EffectRunner(
        machine: RecordingMachine(answers: answers), queue: EventQueue(),
        surroundings: .init(
          store: store, clock: time.clock(), journal: Journal { _, line in witness.add(line) },
          owner: own, head: HeadMarker(directory: directory.path),
          verifier: RecordVerifier(cores: cores), foundDamage: foundDamage
        ) { effect in
          // What the store holds at the moment when the effect becomes visible.
          let keys = ((try? store.load()) ?? StoredState()).entries.map(\.key)
          witness.add("\(Self.describe(effect)) with \(keys.joined(separator: ","))")
        })
    }

    private static func describe(_ effect: Effect) -> String {
      switch effect {
      case .reply(_, let text): "reply \(text)"
      case .send(_, let bytes): "send \(bytes.count)"
      case .read(let device): "read \(device)"
      default: "other"
      }
    }

    func seen() -> String {
      let answer = Witness()
      #expect(runner.queue.look(since: 0) { answer.add($0.name) })
      runner.turn(uptime: .zero)
      return answer.lines.last ?? ""
    }
  }

  @Test("commits what a batch of events stores before anything of that batch is performed")
  func durableBeforeVisible() throws {
    let bench = try Bench([
      "text-one": [Self.reply(1, "one"), Self.put("a")],
      "frame-3": [.send(to: Self.peer, bytes: [1, 2]), Self.put("b")],
    ])
    bench.runner.queue.offer(Self.text(1, "one"))
    bench.runner.queue.offer(.frame(from: Self.peer, bytes: [1, 2, 3]))
    #expect(bench.witness.lines == [])
    bench.runner.turn(uptime: .zero)
    #expect(bench.witness.lines == ["reply one with a,b", "send 2 with a,b"])
  }

  @Test("fires timers when the node's clock reaches them, the earliest first, and moves them")
  func timers() throws {
    let bench = try Bench([:])
    let start = bench.time.now
    let set = try Bench([
      "started": [
        .setTimer(.market, at: start + TimeSpan(seconds: 3)),
        .setTimer(.control, at: start + TimeSpan(seconds: 2)),
        .setTimer(.synchronise, at: start + TimeSpan(seconds: 9)),
        .setTimer(.synchronise, at: start + TimeSpan(seconds: 1)),
      ]
    ])
    set.runner.queue.offer(.started)
    #expect(set.runner.turn(uptime: .zero) == TimeSpan(seconds: 1))
    set.time.advance(TimeSpan(milliseconds: 999))
    set.runner.turn(uptime: .zero)
    #expect(set.seen() == "started")
    set.time.advance(TimeSpan(seconds: 4))
    set.runner.turn(uptime: .zero)
    #expect(set.seen() == "started timer-synchronise timer-control timer-market")
  }

  @Test("a clock that is set back by an hour does not hold a timer for an hour")
  func clockSetBack() throws {
    let start = ManualClock().now
    let bench = try Bench(["started": [.setTimer(.steering, at: start + TimeSpan(seconds: 30))]])
    bench.runner.queue.offer(.started)
    bench.runner.turn(uptime: .zero)
    bench.time.advance(TimeSpan(seconds: 10))
    bench.runner.turn(uptime: .zero)
    bench.time.advance(.zero - TimeSpan.hour)
    bench.runner.turn(uptime: .zero)
    bench.time.advance(TimeSpan(seconds: 19))
    bench.runner.turn(uptime: .zero)
    #expect(bench.seen() == "started")
    bench.time.advance(TimeSpan(seconds: 1))
    bench.runner.turn(uptime: .zero)
    #expect(bench.seen() == "started timer-steering")
  }

  @Test("keeps a batch that a full store refused, answers texts meanwhile, and loses nothing")
  func fullStore() throws {
    let bench = try Bench([
      "frame-3": [.send(to: Self.peer, bytes: [1]), Self.put("big", bytes: 60_000)],
      "frame-4": [.send(to: Self.peer, bytes: [1, 2]), Self.put("later")],
      "text-status": [Self.reply(1, "storage is full")],
      "text-pause": [Self.reply(2, "paused"), Self.put("pause")],
    ])
    try bench.store.limit(pages: 8)
    bench.runner.queue.offer(.frame(from: Self.peer, bytes: [1, 2, 3]))
    bench.runner.turn(uptime: .zero)
    // One clear line, nothing sent.
    #expect(bench.witness.lines.count == 1)
    #expect(bench.witness.lines[0].contains("node.db: commit: database or disk is full"))
    bench.runner.queue.offer(.frame(from: Self.peer, bytes: [1, 2, 3, 4]))
    bench.runner.queue.offer(Self.text(2, "pause"))
    bench.runner.queue.offer(Self.text(1, "status"))
    bench.runner.turn(uptime: TimeSpan(milliseconds: 10))
    #expect(bench.witness.lines.dropFirst() == ["reply storage is full with "])
    #expect(bench.seen() == "frame-3 failing text-pause text-status")
    // Tried again and refused again: no further line.
    bench.runner.turn(uptime: TimeSpan(seconds: 1))
    bench.runner.turn(uptime: TimeSpan(seconds: 3))
    #expect(bench.witness.lines.count == 2)
    try bench.store.limit(pages: nil)
    bench.runner.turn(uptime: TimeSpan(seconds: 5))
    #expect(bench.witness.lines.count == 2)
    bench.runner.turn(uptime: TimeSpan(seconds: 7))
    #expect(
      bench.witness.lines.dropFirst(2) == [
        "send 1 with big,pause", "reply paused with big,pause",
        "database \(bench.store.path): works again after 7 s", "send 2 with big,later,pause",
      ])
    #expect(
      bench.seen() == "frame-3 failing text-pause text-status failing failing working frame-4")
  }

  @Test("a store that goes on failing is told again, and what was steered is heard meanwhile")
  func troubleGoesOn() throws {
    let bench = try Bench([
      "frame-3": [Self.put("big", bytes: 60_000)], "failing": [.read("inverter")],
    ])
    try bench.store.limit(pages: 8)
    bench.runner.queue.offer(.frame(from: Self.peer, bytes: [1, 2, 3]))
    bench.runner.turn(uptime: .zero)
    let order = SteeringOrder(
      serial: 1, key: SteeringKey("inverter", .batteryPower), purpose: .release, writes: [],
      spares: false, expires: .distantFuture)
    bench.runner.queue.offer(
      .steered(SteeringOutcome(order: order, result: .uncertain(reason: "no answer"))))
    bench.runner.turn(uptime: TimeSpan(milliseconds: 10))
    #expect(bench.seen() == "frame-3 failing other")
    bench.runner.turn(uptime: TimeSpan(seconds: 1))
    #expect(bench.witness.lines.filter { $0.hasPrefix("read inverter") }.count == 2)
  }

  @Test("sends records of the store once they are durable, those of the same step too")
  func sendRecords() throws {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 3, count: 32)))
    let signed = Record(
      community: [UInt8](repeating: 1, count: 16), keys: keys, sequence: 0, previous: nil,
      time: .zero, kind: .limit, peer: nil, link: nil, body: [])
    let record = StoredRecord(
      community: signed.community, author: signed.author, sequence: 0,
      identity: signed.identity, bytes: signed.bytes)
    var request = RecordRequest(community: record.community)
    request.spans = [.init(author: record.author, from: 0)]
    var nothing = RecordRequest(community: [2])
    nothing.spans = request.spans
    let bench = try Bench([
      "text-one": [
        .sendRecords(to: Self.peer, nothing), .sendRecords(to: Self.peer, request),
        .store(.record(record)), Self.put("a"),
      ]
    ])
    bench.runner.queue.offer(Self.text(1, "one"))
    bench.runner.turn(uptime: .zero)
    let frame = Frame.records([record.bytes]).encoded
    #expect(bench.witness.lines == ["send \(frame.count) with a"])
  }

  @Test("frames of records reach the machine verified, in the order in which frames came")
  func verified() throws {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 3, count: 32)))
    let records = (0..<9).map { number in
      Record(
        community: [UInt8](repeating: 1, count: 16), keys: keys, sequence: 0, previous: nil,
        time: .zero, kind: .limit, peer: nil, link: nil, body: [.integer(Int64(number))]
      ).bytes
    }
    var forged = records[4]
    forged[forged.count - 1] ^= 1
    let bench = try Bench([:], cores: 2)
    let frames: [[UInt8]] = [
      Frame.records([records[0], records[1]]).encoded, [1, 2, 3],
      Frame.records([records[2], [7], forged] + records[5...]).encoded,
    ]
    for bytes in frames { bench.runner.queue.offer(.frame(from: Self.peer, bytes: bytes)) }
    #expect(bench.seen() == "records-yy frame-3 records-ynnyyyy")
  }

  @Test("a record damaged on the disk is found while the node runs, and told once")
  func damage() throws {
    let witness = Witness()
    let bench = try Bench([:], foundDamage: { _ in witness.add("damage") })
    let record = StoredRecord(
      community: [1], author: Self.own, sequence: 0, identity: Digest(of: [9]),
      bytes: [UInt8](repeating: 0, count: 100))
    try bench.store.commit([.record(record)])
    for seconds: Int64 in 0...30 {
      bench.runner.turn(uptime: TimeSpan(seconds: seconds))
    }
    #expect(witness.lines == ["damage"])
    #expect(bench.witness.lines.count { $0.contains("record 1 damaged") } == 1)
  }

  @Test("moves the head marker with the node's own records, before they are sent")
  func headMarker() throws {
    func record(_ author: PublicKey, _ sequence: Int64) -> Effect {
      .store(
        .record(
          StoredRecord(
            community: [1], author: author, sequence: sequence,
            identity: Digest(of: Array("\(author) \(sequence)".utf8)), bytes: [1])))
    }
    let bench = try Bench([
      "frame-1": [record(Self.own, 4), record(Self.peer, 99), record(Self.own, 5)]
    ])
    let marker = HeadMarker(directory: bench.directory.path)
    #expect(try marker.read() == nil)
    bench.runner.queue.offer(.frame(from: Self.peer, bytes: [1]))
    bench.runner.turn(uptime: .zero)
    let expected = StoredState.OwnHead(
      count: 6, head: Digest(of: Array("\(Self.own) 5".utf8)))
    #expect(try marker.read() == expected)
  }

  @Test("never moves the head marker back while own records come back from neighbours")
  func markerStays() throws {
    func record(_ sequence: Int64) -> Effect {
      .store(
        .record(
          StoredRecord(
            community: [1], author: Self.own, sequence: sequence,
            identity: Digest(of: Array("\(sequence)".utf8)), bytes: [1])))
    }
    let bench = try Bench(["frame-1": [record(9)], "frame-2": [record(3)], "frame-3": [record(10)]])
    let marker = HeadMarker(directory: bench.directory.path)
    for (length, count) in [(1, 10), (2, 10), (3, 11)] {
      bench.runner.queue.offer(
        .frame(from: Self.peer, bytes: [UInt8](repeating: 0, count: length)))
      bench.runner.turn(uptime: .zero)
      #expect(try marker.read()?.count == Int64(count))
    }
    // A restart knows nothing of what was written before, and reads the marker.
    let restarted = EffectRunner(
      machine: RecordingMachine(answers: ["frame-2": [record(3)]]), queue: EventQueue(),
      surroundings: .init(
        store: bench.store, clock: bench.time.clock(), journal: Journal { _, _ in },
        owner: Self.own, head: marker, perform: { _ in }))
    restarted.queue.offer(.frame(from: Self.peer, bytes: [1, 2]))
    restarted.turn(uptime: .zero)
    #expect(try marker.read()?.count == 11)
  }

  @Test("refuses frames beyond its room and keeps the newest reading of each device")
  func bounds() throws {
    let bench = try Bench([:])
    let queue = bench.runner.queue
    let large = [UInt8](repeating: 0, count: 1 << 20)
    // Once half is taken a peer has a quarter of the room: the others have theirs.
    for (number, count) in [4, 2, 2].enumerated() {
      let peer = try #require(PublicKey([UInt8](repeating: UInt8(number), count: 32)))
      for _ in 0..<count { #expect(queue.offer(.frame(from: peer, bytes: large))) }
      #expect(!queue.offer(.frame(from: peer, bytes: large)))
    }
    #expect(!queue.offer(.frame(from: Self.peer, bytes: [1])))
    for _ in 0..<500 {
      #expect(queue.offer(.reading(DeviceReading(device: "meter", at: bench.time.now))))
    }
    var texts: Int64 = 0
    while queue.offer(Self.text(texts, "x")) { texts += 1 }
    #expect(texts == Int64(EventQueue.maximumEntries - EventQueue.reserve - 9))
    for _ in 0..<500 {
      #expect(queue.offer(.linkDown(Self.peer, reason: "gone")))
      #expect(queue.offer(.linkUp(Self.peer)))
    }
    bench.runner.turn(uptime: .zero)
    #expect(bench.witness.lines.count == 1)
    #expect(bench.witness.lines[0].contains("5 events were not taken"))
    // Said once a minute, with all that came meanwhile.
    for seconds in [1, 59, 60] as [Int64] {
      #expect(queue.offer(.frame(from: Self.peer, bytes: [1])))
      while queue.offer(.frame(from: Self.peer, bytes: [1])) {}
      bench.runner.turn(uptime: TimeSpan(seconds: seconds))
    }
    #expect(bench.witness.lines.filter { $0.contains("were not taken") }.count == 2)
  }

  @Test("takes what is queued before it ends")
  func stopping() async throws {
    let bench = try Bench(["text-last": [Self.reply(1, "last"), Self.put("last")]])
    let runner = bench.runner
    for _ in 0..<300 { runner.queue.offer(.frame(from: Self.peer, bytes: [1])) }
    runner.queue.offer(Self.text(1, "last"))
    runner.stop()
    #expect(runner.run())
    #expect(bench.witness.lines == ["reply last with last"])
    #expect(!runner.queue.offer(Self.text(2, "too late")))
  }
}
