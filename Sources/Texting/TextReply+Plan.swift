import Planning
import Quantities
import Sites

// What is meant to happen next, in one message.
extension TextReply {
  /// Jobs first, then what the battery is told, when the sun is best, what the battery comes to and
  /// tomorrow's sun: as much as fits.
  static func plan(_ view: HouseholdView) -> String {
    guard let plan = view.plan else { return "There is no plan yet. STATUS shows what is known." }
    let outlook = PlanOutlook(plan: plan, view: view)
    let items = outlook.items
    guard !items.isEmpty else {
      return "Nothing is planned: what sun and house will do is not known yet. TODAY tells so far."
    }
    for count in stride(from: items.count, to: 1, by: -1) {
      let text = SMSAlphabet.spelled("Next: \(items.prefix(count).joined(separator: "; ")).")
      let septets = SMSAlphabet.septets(of: text) ?? .max
      if septets <= SMSAlphabet.messageSeptets { return text }
    }
    return "Next: \(items[0])."
  }
}

/// Picks out of a plan what a person wants to know of it.
private struct PlanOutlook {
  private let slots: ArraySlice<Plan.Slot>
  private let view: HouseholdView

  init(plan: Plan, view: HouseholdView) {
    slots = plan.slots.drop { $0.slot.end <= view.at }
    self.view = view
  }

  /// In order of weight.
  var items: [String] {
    jobs.prefix(2) + [order, bestSun, battery, tomorrow].compactMap { $0 } + jobs.dropFirst(2)
  }

  /// "10:15", "tomorrow 10:15", or "now" of a slot that lasts.
  private func time(_ slot: Plan.Slot) -> String {
    slot.slot.start <= view.at ? "now" : time(slot.slot.start)
  }

  private func time(_ instant: Instant) -> String {
    view.localTime.clock(at: instant, seenFrom: view.at)
  }

  /// "4 h", "45 min", "2.5 h".
  private func length(_ count: Int) -> String {
    if count < 4 { return "\(count * 15) min" }
    return DecimalText.thousandths(Int64(count) * 250, places: count % 4 == 0 ? 0 : 1) + " h"
  }

  /// "10:15 job 3 (sun) 4 h": each job's next run without a break, in order of time.
  private var jobs: [String] {
    var items: [String] = []
    var seen: Set<JobNumber> = []
    for (index, slot) in zip(slots.indices, slots) {
      for run in slot.runs where seen.insert(run.job).inserted {
        let rest = slots[index...]
        let stretch = rest.prefix { $0.runs.contains { $0.job == run.job } }
        let isSunny = stretch.allSatisfy { slot in
          slot.runs.allSatisfy { $0.job != run.job || $0.onSurplus }
        }
        let cause = isSunny ? "sun" : due(run.job)
        items.append("\(time(slot)) job \(run.job) (\(cause)) \(length(stretch.count))")
      }
    }
    return items
  }

  /// Why a job runs where the sun does not carry it.
  private func due(_ number: JobNumber) -> String {
    let deadline = view.jobs.first { $0.number == number }?.deadline
    return deadline.map { "due \(time($0))" } ?? "not all sun"
  }

  /// "23:15 battery charges 1500 W".
  private var order: String? {
    guard let slot = slots.first(where: { $0.order != .own }) else { return nil }
    switch slot.order {
    case .own: return nil
    case .charge(.zero): return "\(time(slot)) battery waits for later sun"
    case .charge(let power): return "\(time(slot)) battery charges \(power.text)"
    case .discharge(let power): return "\(time(slot)) battery gives \(power.text)"
    case .hold: return "\(time(slot)) battery keeps its charge"
    }
  }

  /// "sun best 11:00-14:00, 2100 W spare": within a day, at least seven tenths of the best.
  private var bestSun: String? {
    let day = slots.prefix(Int(TimeSlot.slotsPerDay))
    let exact = day.map { ($0.spare ?? .zero).clamped(to: .zero...JobQueue.powerLimit) }
    // The mean of an hour, so that a moment's glint is not the best of a day.
    let spare = exact.indices.map { index in
      exact[index...].prefix(4).reduce(Power.zero, +).scaled(by: 1, over: 4)
    }
    guard let most = spare.max(), most >= Power(watts: 10), let peak = spare.firstIndex(of: most)
    else { return nil }
    let enough = most.scaled(by: 7, over: 10)
    var first = peak
    while first > 0, spare[first - 1] >= enough { first -= 1 }
    var last = peak
    while last + 1 < spare.count, spare[last + 1] >= enough { last += 1 }
    last = min(last + 3, exact.count - 1)
    while last > first, exact[last] < enough { last -= 1 }
    while first < last, exact[first] < enough { first += 1 }
    let sum = exact[first...last].reduce(Power.zero, +)
    let mean = sum.scaled(by: 1, over: Int64(last - first + 1))
    let start = day[day.startIndex + first]
    let end = day[day.startIndex + last].slot.end
    return "sun best \(time(start))-\(view.localTime.clock(at: end)), \(mean.text) spare"
  }

  /// When the battery is full, else when it has come down to its reserve.
  private var battery: String? {
    guard let capacity = view.batteryCapacity, capacity > .zero else { return nil }
    let full = capacity - capacity.scaled(by: 1, over: 200)
    let isFull = view.stateOfCharge.map { $0 >= StateOfCharge(permille: 995) } ?? false
    if !isFull, let slot = slots.first(where: { $0.stored.map { $0 >= full } ?? false }) {
      return "battery full \(time(slot.slot.end))"
    }
    guard let reserve = view.reserve, reserve > .empty else { return nil }
    let least = reserve.energy(of: capacity) + capacity.scaled(by: 1, over: 200)
    let isAbove = view.stateOfCharge.map { $0 > reserve + StateOfCharge(permille: 5) } ?? true
    guard isAbove, let slot = slots.first(where: { $0.stored.map { $0 <= least } ?? false }) else {
      return nil
    }
    return "battery at its \(reserve.percent)% \(time(slot.slot.end))"
  }

  /// "tomorrow 14.2 kWh of sun", where all of tomorrow is in the plan and known.
  private var tomorrow: String? {
    let next = view.localTime.dayNumber(at: view.at) + 1
    let day = slots.filter { view.localTime.dayNumber(at: $0.slot.start) == next }
    let pv = day.compactMap { $0.given?.forecast.pv?.middle }
    guard day.count >= 92, pv.count == day.count else { return nil }
    let energy = pv.reduce(Energy.zero) {
      $0 + $1.clamped(to: .zero...JobQueue.powerLimit).energy(over: TimeSlot.length)
    }
    return "tomorrow \(energy.text) of sun"
  }
}
