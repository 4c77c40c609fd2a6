import HeliographCore
import Quantities

/// What `systemctl status` shows of a node, in one line.
enum StatusLine {
  static func text(_ snapshot: Snapshot) -> String {
    // Unknown is never zero.
    let surplus = snapshot.surplus?.text ?? "unknown"
    let battery = snapshot.stateOfCharge.map { "\($0.percent) %" } ?? "unknown"
    let jobs = snapshot.runningJobs.count
    return "surplus \(surplus), battery \(battery), jobs running \(jobs), "
      + "peers linked \(snapshot.peersLinked) of \(snapshot.peersKnown)"
  }
}
