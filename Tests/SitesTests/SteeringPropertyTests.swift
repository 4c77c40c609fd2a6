import Quantities
import Sites
import Testing

/// A device that may do what it is told, lose the answer or be away; and a node that may be killed.
private struct UnrulyDevice {
  /// What it holds of ours; nil: it goes its own way.
  var held: Int64?
  var heardAt = Instant.distantPast
  /// Writes to its flash, by day, and of these the ones that set something.
  var writes: [Int64: Int] = [:]
  var settings: [Int64: Int] = [:]

  mutating func apply(_ order: SteeringOrder, at now: Instant) {
    let day = LocalTime.utc.dayNumber(at: now)
    writes[day, default: 0] += 1
    heardAt = now
    switch order.purpose {
    case .set(let value):
      settings[day, default: 0] += 1
      held = value
    case .release: held = nil
    }
  }
}

@Suite("Steering through days of faults")
struct SteeringPropertyTests {
  /// Numbers that are the same on every machine (SplitMix64).
  struct Chance {
    var state: UInt64
    mutating func next(below bound: Int64) -> Int64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int64((value ^ (value >> 31)) % UInt64(bound))
    }
  }

  struct World {
    var bench = SteeringBench()
    fileprivate var device = UnrulyDevice()
    var chance: Chance
    let control: DeviceControl
    var isBad = true
    /// Orders that are out: when they are carried out.
    var out: [(order: SteeringOrder, at: Instant)] = []
    var seen = 0

    var key: SteeringKey { SteeringKey(SteeringBench.device, control.control) }
    var isMarked: Bool { bench.store[SteeringMarker.storeKey(key)] != nil }

    init(seed: UInt64, _ control: DeviceControl) {
      chance = Chance(state: seed)
      self.control = control
      bench.result = nil
      bench.learn([control])
    }

    mutating func pass(_ span: TimeSpan, step: TimeSpan = TimeSpan(seconds: 1)) {
      let end = bench.now + span
      while bench.now < end {
        bench.pass(step)
        for order in bench.orders[seen...] {
          let delay = isBad ? chance.next(below: 20) : 1
          // One order of a device after the other, as the daemon carries them out.
          let turn = out.last?.at ?? bench.now
          out.append((order, max(turn, bench.now + TimeSpan(seconds: delay))))
        }
        seen = bench.orders.count
        if case .timeout(let span) = control.failSafe, bench.now > device.heardAt + span {
          device.held = nil
        }
        for (order, at) in out where at <= bench.now { carryOut(order) }
        out.removeAll { $0.at <= bench.now }
        check()
      }
    }

    mutating func carryOut(_ order: SteeringOrder) {
      guard bench.now <= order.expires else {
        return bench.finish(order, .notWritten(reason: "too late"))
      }
      let fate = isBad ? chance.next(below: 10) : 0
      guard fate < 8, bench.answersReads else {
        return bench.finish(order, .notWritten(reason: "gone"))
      }
      let isHeldAlready: Bool =
        switch order.purpose {
        case .set(let value): device.held == value
        case .release: device.held == nil
        }
      if order.spares, isHeldAlready { return bench.finish(order, .held) }
      if fate < 7 || chance.next(below: 2) == 0 { device.apply(order, at: bench.now) }
      switch fate {
      case 0..<6: bench.finish(order, .written)
      case 6: bench.finish(order, .refused(reason: "it reads otherwise"))
      default: bench.finish(order, .uncertain(reason: "silent"))
      }
    }

    /// Killed at any moment, up again after a while; what was under way happened or did not.
    mutating func kill() {
      for (order, _) in out where chance.next(below: 2) == 0 {
        device.apply(order, at: bench.now)
      }
      out = []
      var next = SteeringBench(
        stored: bench.store, at: bench.now + TimeSpan(seconds: 1 + chance.next(below: 90)))
      next.result = nil
      next.answersReads = bench.answersReads
      next.conditions = bench.conditions
      bench = next
      seen = 0
      bench.learn([control])
    }

    mutating func check() {
      if device.held != nil { #expect(isMarked, "it holds something that nobody would release") }
      guard case .flash(let daily) = control.memory else { return }
      for (_, count) in device.writes.sorted(by: { $0.key < $1.key }) {
        #expect(count <= daily + FlashBudget.extraReleases)
      }
      for (_, count) in device.settings.sorted(by: { $0.key < $1.key }) {
        #expect(count <= daily - 1)
      }
    }
  }

  static let kinds: [DeviceControl] = [
    SteeringBench.battery(), SteeringBench.battery(failSafe: .guardian),
    SteeringBench.battery(failSafe: .guardian, memory: .flash(dailyWrites: 6)),
    SteeringBench.flashReserve,
  ]

  @Test(
    "whatever happens, what is held is marked, flash is spared, and all is given back in the end",
    arguments: 0..<kinds.count)
  func days(_ kind: Int) {
    for seed in UInt64(1)...6 {
      var world = World(seed: seed, Self.kinds[kind])
      for _ in 0..<150 {
        switch world.chance.next(below: 12) {
        case 0, 1, 2, 3:
          if world.control.control == .reserve {
            let share = StateOfCharge(percent: 10 + world.chance.next(below: 80))
            world.bench.take(world.bench.steering.keepReserve(share, at: world.bench.now))
          } else {
            let watts = world.chance.next(below: 6000) - 3000
            _ = world.bench.ask(watts: watts, minutes: 1 + world.chance.next(below: 90))
          }
        case 4: world.bench.take(world.bench.steering.releaseAll(token: 9, at: world.bench.now))
        case 5: world.bench.answersReads.toggle()
        case 6:
          let charge = world.chance.next(below: 120)
          world.bench.conditions.stateOfCharge =
            charge < 100 ? StateOfCharge(percent: charge) : nil
        case 7: world.kill()
        case 8:
          for order in world.bench.steering.storageStopped(at: world.bench.now) {
            world.bench.orders.append(order)
          }
          world.pass(TimeSpan(seconds: 10))
          world.bench.take(world.bench.steering.storageReturned(at: world.bench.now))
        default: break
        }
        world.pass(TimeSpan(seconds: 1 + world.chance.next(below: 240)))
      }
      world.isBad = false
      world.bench.answersReads = true
      world.bench.take(world.bench.steering.releaseAll(token: 9, at: world.bench.now))
      // Flash that was worn enough today is given back tomorrow.
      world.pass(TimeSpan(minutes: 26 * 60), step: TimeSpan(seconds: 30))
      #expect(world.device.held == nil, "seed \(seed)")
      #expect(!world.isMarked, "seed \(seed)")
    }
  }
}
