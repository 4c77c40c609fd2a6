import Planning
import Quantities
import Texting

extension Station {
  /// What a screen shows of this node; with the decisions after `serial`.
  public func snapshot(at now: Instant, since serial: Int64) -> Snapshot {
    let view = view(at: now)
    var snapshot = Snapshot(
      name: view.name, at: now, clock: configuration.localTime.clock(at: now))
    snapshot.pvPower = view.pvPower
    snapshot.loadPower = view.loadPower
    snapshot.batteryPower = view.batteryPower
    snapshot.gridPower = view.gridPower
    snapshot.stateOfCharge = view.stateOfCharge
    snapshot.surplus = view.surplus
    snapshot.isCurtailed = view.isCurtailed
    snapshot.runningJobs = queue.jobs.filter(\.isDrawing).map {
      Snapshot.RunningJob(
        number: $0.number.value, name: $0.batch.name, completed: $0.completed,
        failed: $0.failed, requests: $0.batch.requests, power: $0.batch.power)
    }
    snapshot.waitingJobs = queue.waitingCount
    snapshot.engine = view.engine
    snapshot.balance = ledger.accounts.balance(of: ledger.ownKey)
    snapshot.peersLinked = view.neighbours.count(where: \.isLinked)
    snapshot.peersKnown = view.neighbours.count
    snapshot.day = view.day
    snapshot.decisions = log.since(serial)
    return snapshot
  }
}
