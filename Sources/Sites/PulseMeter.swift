import Quantities

/// Turns a pulse counter into a meter: a register that survives restarts, and a power.
///
/// **What a crash may cost.** The count is stored at most once a minute, with the first reading
/// of each market slot, and when the node stops. So a node that is killed forgets at most what was
/// counted in its last minute, and never anything that a slot's statement was made from. What
/// passes while no node runs nobody counts.
public struct PulseMeter: Sendable {
  /// What a meter wants done.
  public enum Action: Hashable, Sendable {
    case store(key: String, value: [UInt8])
    case say(String)
  }

  /// The longest time that a count is kept in memory alone.
  public static let storeInterval = TimeSpan.minute
  /// The shortest time between two lines about lost edges.
  static let complaintInterval = TimeSpan(minutes: 10)
  /// A power that can't be more than this is as good as known before the second pulse.
  static let smallPower = Power(watts: 50)
  /// No meter counts more in its life.
  static let countLimit: Int64 = 1_000_000_000_000

  public let plan: PulseMeterPlan
  /// All pulses that were ever counted.
  public private(set) var count: Int64 = 0
  /// How many of them the edge's counter says.
  private var seen: Int64 = 0
  private var stored: (count: Int64, at: Instant)?
  private var missed: Int64 = 0
  private var complained: (missed: Int64, at: Instant)?

  public init(plan: PulseMeterPlan) { self.plan = plan }

  private var key: String { "pulses/\(plan.name)" }

  /// Takes back what an earlier run stored; keys of others are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key == self.key, let count = Int64(String(decoding: value, as: UTF8.self)),
      (0...Self.countLimit).contains(count)
    else { return }
    self.count = count
  }

  /// Takes what the counter knows; the reading that follows from it, and what to do.
  public mutating func take(
    _ snapshot: PulseSnapshot, at now: Instant
  ) -> (reading: DeviceReading, actions: [Action]) {
    // A counter that says less than before began anew, and all of it is new.
    let new = snapshot.count >= seen ? snapshot.count - seen : snapshot.count
    seen = snapshot.count
    count = min(count + new, Self.countLimit)
    var actions = complaint(snapshot.missed, at: now)
    if let stored {
      let isDue =
        now.since(stored.at) >= Self.storeInterval || now < stored.at
        || TimeSlot(containing: stored.at) != TimeSlot(containing: now)
      if isDue, stored.count != count { actions.append(store(at: now)) }
    } else {
      stored = (count - new, now)
      if new > 0 { actions.append(store(at: now)) }
    }
    return (reading(snapshot, at: now), actions)
  }

  /// The node stops: stores what isn't yet.
  public mutating func stop(at now: Instant) -> [Action] {
    let line = "\(plan.name): \(count) pulses counted in all, \(plan.energy(of: count).text)"
    let complaint = missed > 0 ? ", \(missed) edges were lost since the start" : ""
    let lines = [Action.say(ReasonLine.fit(line + complaint))]
    return stored?.count == count ? lines : [store(at: now)] + lines
  }

  private mutating func store(at now: Instant) -> Action {
    stored = (count, now)
    return .store(key: key, value: [UInt8]("\(count)".utf8))
  }

  private mutating func complaint(_ total: Int64, at now: Instant) -> [Action] {
    missed = max(missed, total)
    guard missed > complained?.missed ?? 0 else { return [] }
    if let at = complained?.at, now >= at, now.since(at) < Self.complaintInterval { return [] }
    let lost = missed - (complained?.missed ?? 0)
    complained = (missed, now)
    let line = "\(plan.name): \(lost) edges were lost, pulses may be missing; is the wire good?"
    return [.say(ReasonLine.fit(line))]
  }

  /// The power by the latest pulses; without them, what it can be at most.
  ///
  /// One pulse in the time since the latest is the most that can flow, so the power sinks while
  /// none comes. Nil while that bound says nothing and two pulses have not been seen.
  func power(_ snapshot: PulseSnapshot) -> Power? {
    let one = plan.energy(of: 1)
    let bound =
      snapshot.quiet > .zero
      ? one.power(over: snapshot.quiet) : Power(milliwatts: magnitudeLimit)
    guard snapshot.recent > 0, snapshot.recentSpan > .zero else {
      return bound <= Self.smallPower ? bound : nil
    }
    return min(bound, plan.energy(of: snapshot.recent).power(over: snapshot.recentSpan))
  }

  private func reading(_ snapshot: PulseSnapshot, at now: Instant) -> DeviceReading {
    var reading = DeviceReading(device: plan.name, at: now)
    let power = power(snapshot)
    let total = plan.energy(of: count)
    switch plan.flow {
    case .gridImport:
      reading.gridPower = power
      reading.importedTotal = total
      reading.exportedTotal = plan.hasPartner ? .zero : nil
    case .gridExport:
      reading.gridPower = power.map { -$0 }
      reading.exportedTotal = total
      reading.importedTotal = plan.hasPartner ? .zero : nil
    case .pv:
      reading.pvPower = power
      reading.generatedTotal = total
    case .load: reading.loadPower = power
    }
    if plan.flow == .gridImport || plan.flow == .gridExport {
      reading.totalResolution = max(plan.energy(of: 1), Energy(milliwattHours: 1))
    }
    return reading
  }
}
