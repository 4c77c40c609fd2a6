import Planning
import Quantities
import Testing

@Suite("EngineKeeper")
struct EngineKeeperTests {
  static let ready = EngineState.ready(slots: 1, name: "engine")
  static let away = EngineState.unavailable(reason: "nobody there")

  /// A keeper with short words for what it wants.
  struct Harness {
    var keeper = EngineKeeper(
      EngineManagement(startsEngine: true, stopAfter: TimeSpan(minutes: 10)))

    init(starts: Bool = true, unloadAfter: TimeSpan? = nil) {
      keeper.management.startsEngine = starts
      keeper.management.unloadAfter = unloadAfter
    }

    mutating func look(
      _ minute: Int64, wanted: Bool, _ engine: EngineState, next: Int64? = nil
    ) -> [String] {
      words(
        keeper.control(
          wanted: wanted, next: next.map { QueueHarness.at($0 * 60) }, engine: engine,
          localTime: .utc, at: QueueHarness.at(minute * 60)))
    }

    mutating func take(_ minute: Int64, _ state: EngineProcessState) -> [String] {
      words(keeper.take(state, at: QueueHarness.at(minute * 60)))
    }

    private func words(_ actions: [EngineKeeper.Action]) -> [String] {
      actions.map { action in
        switch action {
        case .order(let order): "\(order)"
        case .say(let line): line
        case .loaded(let span): "loaded in \(span.text)"
        }
      }
    }
  }

  @Test("starts for a job, stays while more is near, and stops when there is nothing to do")
  func day() {
    var house = Harness()
    #expect(house.look(0, wanted: false, EngineKeeperTests.away).isEmpty)
    #expect(house.keeper.isAtRest)
    #expect(house.look(1, wanted: true, Self.away) == ["start", "the engine is started"])
    #expect(house.keeper.isStarting && !house.keeper.isAtRest)
    #expect(house.look(2, wanted: true, Self.away).isEmpty)
    #expect(house.look(3, wanted: true, Self.ready) == ["loaded in 2 min"])
    #expect(house.look(60, wanted: false, Self.ready).isEmpty)
    #expect(house.look(71, wanted: false, Self.ready, next: 75).isEmpty, "it is needed soon")
    #expect(
      house.look(80, wanted: false, Self.ready, next: 140)
        == ["stop", "the engine is stopped: nothing to do before 14:20"])
    #expect(house.look(81, wanted: true, Self.ready).isEmpty, "it is on its way down")
    #expect(house.take(82, .stopped).isEmpty)
    #expect(house.look(83, wanted: false, Self.ready).isEmpty, "what was heard of it is old")
    #expect(house.look(84, wanted: true, Self.away).first == "start")
  }

  @Test("the model is put away after minutes without work, the program stopped after more")
  func unloads() {
    var house = Harness(unloadAfter: TimeSpan(minutes: 3))
    #expect(house.look(0, wanted: true, Self.ready).isEmpty)
    #expect(house.look(10, wanted: false, Self.ready).isEmpty)
    #expect(house.look(12, wanted: false, Self.ready).isEmpty)
    #expect(house.look(13, wanted: false, Self.ready, next: 15).isEmpty, "it is needed soon")
    #expect(house.look(14, wanted: false, Self.ready, next: 60) == ["unload"])
    #expect(
      house.take(14, .unloaded(model: "gemma")) == ["gemma is put away: nothing to do"])
    #expect(house.look(15, wanted: false, Self.ready).isEmpty, "once is enough")
    #expect(house.look(16, wanted: true, Self.ready).isEmpty)
    #expect(house.look(17, wanted: false, Self.ready).isEmpty)
    #expect(house.look(20, wanted: false, Self.ready) == ["unload"])
    #expect(house.look(27, wanted: false, Self.ready).first == "stop")
  }

  @Test("of an engine that runs by itself the model is put away only where that is wished")
  func unloadsOthers() {
    var shared = Harness(starts: false)
    var lent = Harness(starts: false, unloadAfter: TimeSpan(minutes: 5))
    for minute in Int64(0)...120 {
      #expect(shared.look(minute, wanted: false, Self.ready).isEmpty)
      let expected = minute == 5 ? ["unload"] : []
      #expect(lent.look(minute, wanted: false, Self.ready) == expected, "minute \(minute)")
    }
    #expect(lent.look(130, wanted: false, Self.away).isEmpty)
  }

  @Test("an end that nobody tells of does not keep it from starting again")
  func silentEnd() {
    var house = Harness()
    _ = house.look(0, wanted: true, Self.away)
    _ = house.look(1, wanted: true, Self.ready)
    _ = house.look(2, wanted: false, Self.ready)
    #expect(house.look(12, wanted: false, Self.ready).first == "stop")
    #expect(house.look(13, wanted: true, Self.away).isEmpty)
    #expect(house.look(14, wanted: true, Self.away).isEmpty)
    #expect(house.look(15, wanted: true, Self.away).first == "start")
  }

  @Test("a short rest between two jobs does not count with the next")
  func rests() {
    var house = Harness()
    _ = house.look(0, wanted: true, Self.away)
    _ = house.look(1, wanted: true, Self.ready)
    _ = house.look(2, wanted: false, Self.ready)
    _ = house.look(9, wanted: true, Self.ready)
    _ = house.look(10, wanted: false, Self.ready)
    #expect(house.look(19, wanted: false, Self.ready).isEmpty)
    #expect(house.look(20, wanted: false, Self.ready).first == "stop")
  }

  @Test("waits longer after each failure, and starts over when it came up")
  func failures() {
    var house = Harness()
    _ = house.look(0, wanted: true, Self.away)
    #expect(
      house.take(1, .failed(reason: "exit 1")) == ["the engine failed: exit 1; again in 15 s"])
    #expect(house.look(2, wanted: true, Self.away).first == "start")
    #expect(house.take(3, .failed(reason: "exit 1")).first?.hasSuffix("again in 30 s") == true)
    #expect(house.look(4, wanted: true, Self.away).first == "start")
    // Not ready within ten minutes.
    let late = house.look(15, wanted: true, Self.away)
    #expect(
      late == ["stop", "the engine failed: not ready 10 min after its start; again in 60 s"])
    #expect(house.look(17, wanted: true, Self.away).first == "start")
    #expect(house.look(18, wanted: true, Self.ready) == ["loaded in 60 s"])
    #expect(house.take(30, .failed(reason: "killed")).first?.hasSuffix("again in 15 s") == true)
  }

  @Test("leaves an engine alone that it does not start")
  func unmanaged() {
    var house = Harness()
    house.keeper.management.startsEngine = false
    #expect(house.look(0, wanted: true, Self.away).isEmpty)
    #expect(house.take(1, .failed(reason: "gone")).isEmpty)
    #expect(!house.keeper.isAtRest)
  }

  @Test("takes over one that was there before it")
  func adopts() {
    var house = Harness()
    #expect(house.look(0, wanted: true, Self.ready).isEmpty)
    #expect(house.look(1, wanted: false, Self.ready).isEmpty)
    #expect(house.look(11, wanted: false, Self.ready).first == "stop")
  }
}

@Suite("Easing")
struct EasingTests {
  /// A queue whose job of 300 W runs.
  private func running(_ management: EngineManagement) throws -> QueueHarness {
    var house = QueueHarness()
    house.queue.management = management
    _ = try house.add(QueueHarness.batch(requests: 1000))
    _ = house.control(0, spare: 500)
    _ = house.control(130, spare: 500)
    return house
  }

  @Test("freezes for a cloud of seconds, draws nothing meanwhile, and goes on when it has passed")
  func cloud() throws {
    var house = try running(EngineManagement(freezes: true))
    #expect(
      house.control(140, spare: 100, surplus: false)
        == ["freeze", "job 1 stands still: 100 W spare"])
    #expect(house.queue.drawing == .zero)
    #expect(house.control(145, spare: 400).isEmpty, "not for less than ten seconds")
    #expect(house.control(151, spare: 400) == ["thaw"])
    #expect(house.queue.drawing == Power(watts: 300))
    #expect(house.queue.jobs.first?.status == .running)
  }

  @Test("a cloud that stays brings a frozen job to rest, thawed after it was told to pause")
  func stays() throws {
    var house = try running(EngineManagement(freezes: true))
    _ = house.control(140, spare: 100, surplus: false)
    let said = house.control(201, spare: 100, surplus: false)
    #expect(said.prefix(2) == ["pause 1", "thaw"])
    #expect(house.queue.easing == .none)
  }

  @Test("brings the card's limit down first, and freezes only when that is not enough")
  func limits() throws {
    let card = Power(watts: 100)...Power(watts: 250)
    var house = try running(EngineManagement(freezes: true, cardPower: card))
    let first = house.control(140, spare: 215, surplus: false)
    #expect(first.first == "limit 160 W")
    #expect(house.queue.drawing == Power(watts: 210))
    #expect(house.control(151, spare: 210, surplus: false).isEmpty, "steps of ten watts")
    let next = house.control(152, spare: 180, surplus: false)
    #expect(next == ["limit 130 W"])
    #expect(
      house.control(163, spare: 90, surplus: false).prefix(2) == [
        "freePower", "freeze",
      ])
    #expect(house.control(180, spare: 500) == ["thaw"])
  }

  @Test("does neither where nothing can, nor for a job that has no time left")
  func leaves() throws {
    var plain = try running(EngineManagement())
    #expect(plain.control(140, spare: 100, surplus: false).isEmpty)
    var house = QueueHarness()
    house.queue.management = EngineManagement(freezes: true)
    _ = try house.add(QueueHarness.batch(due: 600))
    _ = house.control(0, spare: 0, surplus: false)
    #expect(house.queue.jobs.first?.status == .running, "it is due soon")
    #expect(house.control(140, spare: 0, surplus: false).isEmpty)
  }
}
