import Quantities
import Sites

/// One steered device, by hand: time passes, orders are carried out as a test says.
struct SteeringBench {
  /// 2026-06-21 10:00 UTC.
  static let morning = Instant(millisecondsSince1970: 1_782_036_000_000)
  static let device = "inverter"

  var steering: Steering
  var now = morning
  /// Everything stored, by key.
  var store: [String: [UInt8]] = [:]
  var lines: [String] = []
  var answers: [Int64: SteeringAnswer] = [:]
  /// Orders that were issued, newest last.
  var orders: [SteeringOrder] = []
  /// What the device does with the next orders; then `result` again.
  var results: [SteeringResult] = []
  var result: SteeringResult? = .written
  var conditions = SteeringConditions(
    stateOfCharge: StateOfCharge(percent: 60), gridPower: .zero,
    reserve: StateOfCharge(percent: 30))
  /// Whether the device is read each 5 s.
  var answersReads = true
  /// For each order: whether its marker was stored with it or before.
  var markedBefore: [Bool] = []
  private var nextRead = morning

  init(
    steer: Bool = true, guardianGap: String? = nil, stored: [String: [UInt8]] = [:],
    at start: Instant = morning
  ) {
    now = start
    nextRead = start
    store = stored
    steering = Steering(
      rules: SteeringRules(
        devices: [
          .init(
            name: Self.device, freshnessLimit: TimeSpan(seconds: 15), isSteered: steer)
        ], guardianGap: guardianGap))
    for (key, value) in stored.sorted(by: { $0.key < $1.key }) {
      steering.restore(key: key, value: value, at: now)
    }
    take(steering.start(at: now))
  }

  /// A control of the battery's power: mode at 40, W at 41 (signed), time-out at 42.
  static func battery(
    failSafe: DeviceControl.FailSafe = .timeout(TimeSpan(seconds: 60)),
    memory: DeviceControl.Memory = .volatile
  ) -> DeviceControl {
    var write = [
      ControlRegister(
        address: 40, type: .u16,
        content: .byDirection(charging: 1, discharging: 2, idle: 3)),
      ControlRegister(address: 41, type: .s16, content: .requested),
    ]
    if case .timeout = failSafe {
      write.append(ControlRegister(address: 42, type: .u16, content: .timeoutSeconds))
    }
    return DeviceControl(
      control: .batteryPower, failSafe: failSafe, memory: memory, range: -3_000_000...3_000_000,
      write: write,
      release: [ControlRegister(address: 40, type: .u16, content: .constant(0))])
  }

  static let flashReserve = DeviceControl(
    control: .reserve, failSafe: .guardian, memory: .flash(dailyWrites: 4), range: 100...900,
    write: [ControlRegister(address: 60, type: .u16, content: .requested)],
    release: [ControlRegister(address: 60, type: .u16, content: .constant(10))])

  mutating func take(_ actions: [SteeringAction]) {
    var issued: [SteeringOrder] = []
    for action in actions {
      switch action {
      case .save(let key, let value): store[key] = value
      case .forget(let key): store[key] = nil
      case .say(let line): lines.append(line)
      case .answer(let token, let answer): answers[token] = answer
      case .order(let order): issued.append(order)
      }
    }
    for order in issued {
      markedBefore.append(store[SteeringMarker.storeKey(order.key)] != nil)
      orders.append(order)
      let result = results.isEmpty ? self.result : results.removeFirst()
      if let result { finish(order, result) }
    }
  }

  mutating func finish(_ order: SteeringOrder, _ result: SteeringResult) {
    take(steering.finished(SteeringOutcome(order: order, result: result), at: now))
  }

  mutating func learn(_ controls: [DeviceControl]) {
    take(steering.learn(controls, of: Self.device, at: now))
    take(steering.heard(Self.device, conditions, at: now))
    take(steering.update(conditions, at: now))
  }

  /// Asks; the reason of a refusal, if it is one.
  mutating func ask(
    _ control: Control = .batteryPower, watts: Int64, minutes: Int64? = 60, token: Int64 = 1
  ) -> String? {
    do throws(SteeringRefusal) {
      let request = SteeringRequest(
        control, value: watts * 1000, duration: minutes.map { TimeSpan(minutes: $0) })
      take(try steering.ask(request, token: token, at: now))
      return nil
    } catch {
      return error.reason
    }
  }

  /// Time passes; wakes are kept, the device is read each 5 s, the house is looked at each 15 s.
  mutating func pass(_ span: TimeSpan) {
    let end = now + span
    var look = now + TimeSpan(seconds: 15)
    while now < end {
      let wake = steering.nextWake(after: now) ?? end
      now = max(now, min(min(wake, look), min(nextRead, end)))
      if nextRead <= now {
        nextRead = now + TimeSpan(seconds: 5)
        if answersReads { take(steering.heard(Self.device, conditions, at: now)) }
      }
      if look <= now { look = now + TimeSpan(seconds: 15) }
      take(steering.update(conditions, at: now))
    }
  }

  /// The orders as words: "set 1500" or "release".
  var told: [String] {
    orders.map { order in
      switch order.purpose {
      case .set(let value): "set \(value / 1000)"
      case .release: "release"
      }
    }
  }
}
