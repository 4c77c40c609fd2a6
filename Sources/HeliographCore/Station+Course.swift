import Planning
import Quantities

/// What is meant to happen, and what became of the last days, for screens and pictures.
extension Station {
  /// The plan as it stands; without slots while there is none.
  public func plannedCourse(at now: Instant) -> EnergyCourse {
    var course = course(.plan, at: now)
    guard let plan else { return course }
    let live = queue.jobs.filter(\.isLive)
    course.jobs = live.map { job in
      EnergyCourse.Job(
        number: job.number.value, name: job.batch.name, power: job.batch.power,
        reason: reason(of: job, in: plan))
    }
    course.slots = plan.slots.filter { $0.slot.end > now }.map { planned($0) }
    return course
  }

  /// What became of a local day; without slots if nothing is known of it.
  public func recordedCourse(of asked: RecordedDay, at now: Instant) -> EnergyCourse {
    var course = course(.record, at: now)
    let day: Int64
    switch asked {
    case .date(let date): day = date.dayNumber
    case .daysAgo(let days): day = configuration.localTime.dayNumber(at: now) - days
    }
    course.earliest = records.earliest.map { $0.start }
    let limit = magnitudeLimit / TimeSpan.day.milliseconds
    guard abs(day) < limit else { return course }
    // Local days begin up to 14 hours off UTC's, and have 23 to 25 hours.
    let first = TimeSlot(index: (day - 1) * TimeSlot.slotsPerDay)
    let slots = (0..<(3 * TimeSlot.slotsPerDay)).map { first.advanced(by: $0) }.filter {
      configuration.localTime.dayNumber(at: $0.start) == day
    }
    guard let start = slots.first, let end = slots.last else { return course }
    let known = records.slots(in: start..<end.next)
    guard !known.isEmpty else { return course }
    var next = known[...]
    course.slots = slots.map { slot in
      guard let record = next.first, record.slot == slot else { return EnergyCourse.Slot(slot) }
      next.removeFirst()
      return EnergyCourse.Slot(record)
    }
    let numbers = Set(known.flatMap(\.runs))
    course.jobs = queue.jobs.filter { numbers.contains($0.number) }.map { job in
      EnergyCourse.Job(
        number: job.number.value, name: job.batch.name, power: job.batch.power,
        reason: "job \(job.number) \(job.status.text): \(job.reason)")
    }
    return course
  }

  private func course(_ kind: EnergyCourse.Kind, at now: Instant) -> EnergyCourse {
    var course = EnergyCourse(
      kind: kind, house: configuration.name, at: now, localTime: configuration.localTime)
    course.reserve = configuration.battery == nil ? nil : surplus.thresholds.reserve
    return course
  }

  /// Why it runs when it does; a job that the owner or the runner holds is in no plan.
  private func reason(of job: Planning.Job, in plan: Plan) -> String {
    switch job.status {
    case .waiting, .running:
      plan.reason(of: job.number)?.text ?? "job \(job.number) \(job.reason)"
    default: "job \(job.number) \(job.status.text): \(job.reason)"
    }
  }

  private func planned(_ plan: Plan.Slot) -> EnergyCourse.Slot {
    var slot = EnergyCourse.Slot(plan.slot)
    slot.pv = plan.given?.forecast.pv.map(EnergyCourse.Range.init)
    slot.load = plan.given?.forecast.load.map(EnergyCourse.Range.init)
    slot.runs = plan.runs.map { EnergyCourse.Run(job: $0.job.value, onSurplus: $0.onSurplus) }
    slot.jobs = plan.runs.reduce(.zero) { $0 + (queue.job($1.job)?.batch.power ?? .zero) }
    slot.battery = plan.battery
    if let capacity = configuration.battery?.capacity, capacity > .zero {
      slot.stateOfCharge = plan.stored.map {
        let held = $0.clamped(to: .zero...capacity)
        return StateOfCharge(permille: held.scaled(by: 1000, over: capacity.rawValue).rawValue)
      }
    }
    // A battery whose state is unknown is in no plan; what the grid would do without it is not
    // what it will do.
    if configuration.battery == nil || plan.stored != nil {
      slot.grid = plan.grid
      slot.isCurtailed = plan.curtailed.map { $0 > .zero }
    }
    slot.importPrice = plan.given?.importPrice
    slot.exportPrice = plan.given?.exportPrice
    switch plan.order {
    case .own: break
    case .charge(.zero): slot.order = EnergyCourse.Order(.wait)
    case .charge(let power): slot.order = EnergyCourse.Order(.charge, power)
    case .discharge(let power): slot.order = EnergyCourse.Order(.discharge, power)
    case .hold: slot.order = EnergyCourse.Order(.hold)
    }
    return slot
  }
}

extension EnergyCourse.Slot {
  /// What was seen of a slot.
  init(_ record: SlotRecord) {
    self.init(record.slot)
    pv = record.pv.map(EnergyCourse.Range.init)
    load = record.load.map(EnergyCourse.Range.init)
    jobs = record.jobs
    battery = record.battery
    grid = record.grid
    stateOfCharge = record.stateOfCharge
    isCurtailed = record.isCurtailed
    runs = record.runs.map { EnergyCourse.Run(job: $0.value, onSurplus: true) }
  }
}
