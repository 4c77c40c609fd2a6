import Quantities

/// Places one job at a time into the slots that its constraints and the jobs before it leave.
struct JobPlacement {
  /// What is free in a slot while jobs are placed.
  struct Room {
    /// More jobs that may run.
    var engines: Int
    /// Expected spare power that no job has been given; nil is unknown.
    var spare: Power?
    let importPrice: Price
  }

  let job: PlanningJob
  let room: [Room]
  /// The job may run from this slot on: what it depends on is done before.
  let earliest: Int
  /// The first slot that ends after the deadline; the count of slots without one.
  let limit: Int
  /// The slots given to the job.
  private(set) var taken: [Bool]
  private var remaining: Int

  init(job: PlanningJob, room: [Room], earliest: Int, limit: Int) {
    self.job = job
    self.room = room
    self.earliest = earliest
    self.limit = max(earliest, min(limit, room.count))
    taken = Array(repeating: false, count: room.count)
    remaining = job.remainingSlots
  }

  var isComplete: Bool { remaining == 0 }

  /// Whether the sun is expected to carry the whole job in a slot.
  func isSunny(_ slot: Int) -> Bool { room[slot].spare.map { $0 >= job.power } ?? false }

  mutating func place() {
    if job.interruptible { placeInterruptible() } else { placeFixed() }
  }

  /// What the grid is expected to add in a slot, in money.
  private func cost(_ slot: Int) -> Credits {
    let short = job.power - min(job.power, max(.zero, room[slot].spare ?? .zero))
    return room[slot].importPrice.cost(of: short.energy(over: TimeSlot.length))
  }

  private func isFree(_ slots: Range<Int>) -> Bool {
    slots.allSatisfy { room[$0].engines > 0 && !taken[$0] }
  }

  private mutating func take(_ slots: Range<Int>) {
    for slot in slots { taken[slot] = true }
    remaining -= slots.count
  }
}

// MARK: fixed jobs

extension JobPlacement {
  /// Takes the window that costs least, in time if one is: of equal ones the sunniest, then first.
  private mutating func placeFixed() {
    let length = min(remaining, room.count - earliest)
    guard length > 0 else { return }
    let last = room.count - length
    if job.running, earliest == 0 {
      if isFree(0..<length) { take(0..<length) }
      return
    }
    let windows = (earliest...last).map { $0..<$0 + length }.filter(isFree)
    let inTime = windows.filter { $0.upperBound <= limit && length == remaining }
    if job.deadline == nil {
      // Without a deadline it waits until the sun is expected to carry all of it.
      if let best = best(of: windows.filter { $0.allSatisfy(isSunny) }) { take(best) }
    } else if let best = best(of: inTime) {
      take(best)
    } else if let soonest = windows.first {
      take(soonest)
    }
  }

  private func best(of windows: [Range<Int>]) -> Range<Int>? {
    var best: (window: Range<Int>, cost: Credits, spare: Power)?
    for window in windows {
      let cost = window.reduce(Credits.zero) { $0 + self.cost($1) }
      let spare = window.reduce(Power.zero) { $0 + (room[$1].spare ?? .zero) }
      if let known = best, known.cost < cost || (known.cost == cost && known.spare >= spare) {
        continue
      }
      best = (window, cost, spare)
    }
    return best?.window
  }
}

// MARK: interruptible jobs

extension JobPlacement {
  /// First the sunniest slots in time; then, for a deadline's sake, the cheapest and of those the
  /// latest, which leaves time for the sun to do better; then sunny slots too late.
  private mutating func placeInterruptible() {
    fill(earliest..<limit, by: .sun)
    guard job.deadline != nil else { return }
    fill(earliest..<limit, by: .cost)
    fill(earliest..<room.count, by: .sun)
  }

  /// What makes one slot better than another.
  private enum Merit {
    /// Only slots where the sun carries the job: the sunniest, then the first.
    case sun
    /// Any slot: the cheapest, then the latest.
    case cost
  }

  /// Takes runs of the slots with the most merit on the mean until none is left.
  private mutating func fill(_ slots: Range<Int>, by merit: Merit) {
    let usable = room.indices.map {
      slots.contains($0) && room[$0].engines > 0 && (merit == .cost || isSunny($0))
    }
    let scores = room.indices.map {
      merit == .cost ? -cost($0).rawValue : (room[$0].spare ?? .zero).rawValue
    }
    while remaining > 0, let run = bestRun(in: slots, usable, scores, latest: merit == .cost) {
      take(run)
    }
  }

  private func bestRun(
    in slots: Range<Int>, _ usable: [Bool], _ scores: [Int64], latest: Bool
  ) -> Range<Int>? {
    let shortest = min(job.minimumRunSlots, job.remainingSlots)
    var best: (run: Range<Int>, score: Int64)?
    func consider(_ run: Range<Int>) {
      guard run.upperBound <= slots.upperBound,
        run.allSatisfy({ usable[$0] && !taken[$0] }), keepsPauses(run)
      else { return }
      let score = run.reduce(Int64(0)) { $0 + scores[$1] } / Int64(run.count)
      if let known = best, latest ? known.score > score : known.score >= score { return }
      best = (run, score)
    }
    let lastTaken = taken.lastIndex(of: true)
    for slot in slots {
      if touchesRun(slot) { consider(slot..<slot + 1) }
      if remaining >= shortest {
        consider(slot..<slot + shortest)
      } else if slot > lastTaken ?? -1 {
        // Only the run that finishes the job may be a short one.
        consider(slot..<slot + remaining)
      }
    }
    return best?.run
  }

  private func touchesRun(_ slot: Int) -> Bool {
    (slot > 0 && taken[slot - 1]) || (slot + 1 < taken.count && taken[slot + 1])
  }

  /// Whether the pauses to the runs before and after would be none or long enough.
  private func keepsPauses(_ run: Range<Int>) -> Bool {
    let pause = job.minimumPauseSlots
    if let before = taken[..<run.lowerBound].lastIndex(of: true) {
      let gap = run.lowerBound - before - 1
      if gap > 0 && gap < pause { return false }
    }
    if let after = taken[run.upperBound...].firstIndex(of: true) {
      let gap = after - run.upperBound
      if gap > 0 && gap < pause { return false }
    }
    return true
  }
}
