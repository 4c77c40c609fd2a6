import Ledger
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// Reading the house, knowing its surplus, planning and running jobs.
extension Station {
  mutating func take(_ reading: DeviceReading, at now: Instant) -> [Effect] {
    var effects = self.effects(of: site.reading(reading, at: now), at: now)
    effects += steer(heard: reading.device, at: now)
    if reading.device == configuration.computingMeter,
      let power = reading.loadPower ?? reading.gridPower?.magnitude
    {
      effects += take(computing: power, at: now)
    }
    guard reading.importedTotal != nil || reading.exportedTotal != nil else { return effects }
    guard let registers = site.registers(at: now) else { return effects }
    let (imported, exported) = (registers.imported.value, registers.exported.value)
    if let store = day.take(imported: imported, exported: exported) {
      effects.append(.store(StoreWrite(store)))
    }
    // A register that waits to be borne out still shows what it did before. As the mark of a slot
    // that began meanwhile it would count what flowed before the slot: no mark is better.
    let borneOut = min(registers.imported.at, registers.exported.at)
    guard let resolution = registers.resolution,
      TimeSlot(containing: borneOut) >= TimeSlot(containing: now)
    else { return effects }
    let boundary = RegisterMarks.Boundary(
      at: now, imported: imported, exported: exported, resolution: resolution)
    return effects + self.effects(of: trader.meter(boundary, &ledger, at: now), at: now)
  }

  /// One turn of the controller: surplus, forecast, plan, jobs.
  mutating func control(at now: Instant) -> [Effect] {
    var effects: [Effect] = [.setTimer(.control, at: now + configuration.controlInterval)]
    effects += gossip.waitingAnswers(ledger: ledger, at: now).effects
    if configuration.measuresComputing { effects.append(.measureComputing) }
    let state = site.state(at: now)
    let slot = TimeSlot(containing: now)
    let time = configuration.localTime
    queue.importPrice = tariff.importPrice(in: slot, localTime: time)
    queue.exportPrice = tariff.exportPrice(in: slot, localTime: time)
    queue.measuredDrawing = computing.drawing(stated: queue.statedDrawing, at: now)
    let jobsPower = queue.drawing
    for action in surplus.update(state, jobsPower: jobsPower, at: now) {
      if case .say(let text) = action { effects += say(.surplus, text, at: now) }
    }
    // What relays make of surplus is no part of what the household needs.
    if forecast.observe(state, jobsPower: jobsPower + relays.drawing, at: now) {
      predicted = nil
      effects += forecast.unsaved().map { .store(.put(key: $0.key, value: $0.value)) }
    }
    if let store = records.observe(
      state, jobsPower: jobsPower, running: queue.running?.number, at: now)
    {
      effects.append(.store(StoreWrite(store)))
    }
    let today = configuration.localTime.dayNumber(at: now)
    if today != day.day {
      day.roll(to: today)
      if let store = day.stored { effects.append(.store(StoreWrite(store))) }
    }
    effects += steer(state, at: now)
    estimatePossible(state, jobsPower: jobsPower, at: now)
    replan(state, at: now)
    effects += followPlan(state, at: now)
    let actions = queue.control(
      surplus: surplus.state, possible: possible, plan: plan, engine: engine, at: now)
    effects += self.effects(of: actions, at: now) + keepEngine(at: now)
    return effects + controlRelays(state, at: now)
  }

  /// The forecast goes by it from now on.
  mutating func take(_ outlook: WeatherOutlook) -> [Effect] {
    forecast.weather = outlook
    predicted = nil
    planIsStale = true
    return []
  }

  /// The plan goes by it from now on.
  mutating func take(_ new: Tariff) -> [Effect] {
    guard new != tariff else { return [] }
    tariff = new
    planIsStale = true
    return []
  }

  mutating func take(computing power: Power, at now: Instant) -> [Effect] {
    computing.take(power, isWorking: queue.running != nil, at: now)
    guard lacksComputingPower else { return [] }
    lacksComputingPower = false
    return say(.job, "the computing side's power is measured again: \(power.text)", at: now)
  }

  /// Says once that jobs count with what they state.
  mutating func computingUnknown(_ reason: String, at now: Instant) -> [Effect] {
    guard !lacksComputingPower else { return [] }
    lacksComputingPower = true
    return say(.job, "jobs count with the watts that they state: \(reason)", at: now)
  }
}
