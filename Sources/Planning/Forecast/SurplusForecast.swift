import Quantities
import Sites

/// Expects PV, load and surplus of the coming two days, as quantiles learned from this house.
///
/// What a clear sky gives this roof (`RoofProfile`) times how clear it will be (`PanelForecast`),
/// less what the household is used to draw (`HouseholdForecast`). Everything is learned on the node
/// from its own slots, offline; where the house stands and how its panels face helps if known.
/// Results are whole watts.
public struct SurplusForecast: Hashable, Sendable {
  /// How far ahead a plan looks: 48 hours.
  public static let horizon = 2 * Int(TimeSlot.slotsPerDay)

  /// What panels give of what the model says of them: inverter, wiring, dirt and age.
  static let usualGain = 0.88

  public var localTime: LocalTime
  /// Where the house stands; nil is unknown and estimated from the record.
  public let place: Place?
  /// How the panels face; empty is unknown and learned from the record.
  public let panels: [PanelArray]
  /// What a weather service expects, if one was asked.
  public var weather: WeatherOutlook?

  var sky: SkyCourse
  var panelForecast: PanelForecast
  var household = HouseholdForecast()
  var spread = SurplusSpread()
  /// Where the house seems to stand, if nobody said.
  package var estimate: PlaceEstimate?
  private var current: SlotMeans?
  /// The latest slot learned.
  var latest: TimeSlot?
  /// The slots learned since the start of the day in UTC.
  var slotsToday: [LearnedSlot] = []
  /// What was learned by then, until it is stored.
  var closedDay: ClosedDay?
  var hasUnsavedSlot = false

  public init(localTime: LocalTime, place: Place? = nil, panels: [PanelArray] = []) {
    self.localTime = localTime
    self.place = place
    self.panels = panels
    sky = SkyCourse(
      place: place ?? Place(latitude: .zero, longitude: .zero), panels: place == nil ? [] : panels)
    let peak = sky.panels.reduce(0) { $0 + Double($1.peak.rawValue) / 1000 }
    let roof = peak > 0 ? RoofProfile(gain: Self.usualGain, power: peak) : RoofProfile()
    panelForecast = PanelForecast(roof: roof)
  }

  /// Takes in one look at the house, `jobsPower` of whose load is its jobs'.
  ///
  /// Returns whether a slot ended and was learned: the moment to store.
  public mutating func observe(
    _ site: SiteState, jobsPower: Power, at now: Instant
  ) -> Bool {
    let slot = TimeSlot(containing: now)
    var taught = false
    if let means = current, means.slot != slot {
      sky.prepare(slot.index..<slot.index + Int64(Self.horizon))
      if let ended = means.learned, means.slot < slot { taught = learn(ended) }
      current = nil
    }
    if !site.hasPanels { panelForecast.roof.expectNone() }
    var means = current ?? SlotMeans(slot: slot)
    means.observe(site, jobsPower: jobsPower)
    current = means
    return taught
  }

  /// Teaches the means of one whole slot; nil is unknown.
  public mutating func observe(pv: Power?, load: Power?, over slot: TimeSlot) {
    _ = learn(
      LearnedSlot(slot: slot, pv: pv.map { max(.zero, $0) }, load: load.map { max(.zero, $0) }))
  }

  /// Learns a slot; one that was learned already, or might have been, teaches nothing.
  ///
  /// One long before the latest means that the clock was ahead and has been set right.
  mutating func learn(_ new: LearnedSlot) -> Bool {
    guard new.pv != nil || new.load != nil else { return false }
    if let latest, new.slot <= latest, new.slot > latest.advanced(by: -Int64(Self.horizon)) {
      return false
    }
    if let latest, latest.index / 96 != new.slot.index / 96 { closeDay() }
    var new = new
    if new.outlookPermille == nil { new.outlookPermille = outlookPermille(new.slot, under: sky) }
    latest = new.slot
    slotsToday.append(new)
    hasUnsavedSlot = true
    take(new)
    return true
  }

  private mutating func take(_ new: LearnedSlot) {
    let slot = new.slot.index
    estimatePlace(new)
    let day = solarDay(slot)
    let dayStart = solarDayStart(day)
    sky.prepare(dayStart..<(slot + Int64(Self.horizon) + 2))
    let clear = sky.value(slot)
    let (slotOfDay, weekday) = localSlot(slot)
    let pv = new.pv.map { Double($0.rawValue) / 1000 }
    let load = new.load.map { Double($0.rawValue) / 1000 }
    let outlook = new.outlookPermille.map { Double($0) / 1000 }
    learnSpread(pv: pv, load: load, slot: slot, day: day, clear: clear, outlook: outlook)
    panelForecast.observe(
      pv, least: new.heldBack.map { Double($0.rawValue) / 1000 }, slot: slot, day: day,
      clear: clear,
      brightest: sky.brightest(dayStart..<(dayStart + 96)), outlook: outlook)
    household.observe(load, slot: slot, slotOfDay: slotOfDay, weekday: weekday)
  }

  /// Follows the record's guess at the place, where nobody named one.
  private mutating func estimatePlace(_ new: LearnedSlot) {
    guard place == nil else { return }
    var estimate = estimate ?? PlaceEstimate(offset: localTime.offset(at: new.slot.start))
    if self.estimate == nil { sky = SkyCourse(place: estimate.place, panels: []) }
    self.estimate = estimate
    let day = solarDay(new.slot.index)
    if let before = panelForecast.day, before != day {
      panelForecast.begin(day)
      if estimate.endDay() { move(to: estimate.place, on: day) }
    }
    if let pv = new.pv { estimate.observe(Double(pv.rawValue) / 1000, slot: new.slot.index) }
    self.estimate = estimate
  }

  /// Takes the house to stand elsewhere, and keeps what the roof was seen to give.
  private mutating func move(to place: Place, on day: Int64) {
    var moved = SkyCourse(place: place, panels: [])
    let start = solarDayStart(day)
    let slots = start..<start + 96
    sky.prepare(slots)
    moved.prepare(slots)
    var old = [Double](repeating: 0, count: 96)
    var new = old
    for slot in slots {
      old[PanelForecast.slotOfDay(slot)] = sky.value(slot)
      new[PanelForecast.slotOfDay(slot)] = moved.value(slot)
    }
    panelForecast.roof.rescale(from: old, to: new)
    sky = moved
  }

  private mutating func learnSpread(
    pv: Double?, load: Double?, slot: Int64, day: Int64, clear: Double, outlook: Double?
  ) {
    guard let pv, let load else { return }
    guard let gain = panelForecast.roof.gain(PanelForecast.slotOfDay(slot)) else { return }
    let possible = clear * gain
    guard possible > 0 else { return }
    let (slotOfDay, weekday) = localSlot(slot)
    for (step, distance) in SurplusSpread.scale.slots.enumerated() {
      let then = slot - Int64(distance)
      guard let sun = panelForecast.rows[then], let house = household.rows[then] else {
        continue
      }
      let sunSpread = panelForecast.predict(
        sun, slot: slot, day: day, possible: possible, outlook: outlook)
      let loadSpread = household.predict(
        house, slot: slot, slotOfDay: slotOfDay, weekday: weekday)
      spread.learn(pv - load, pv: sunSpread, load: loadSpread, step: step)
    }
  }

  /// What is expected of `count` slots from `first` on.
  public func predict(from first: TimeSlot, count: Int = horizon) -> [SlotForecast] {
    // Days that weren't reached by observing: after a gap in the record.
    var sky = sky
    sky.prepare(first.index..<first.index + Int64(min(max(1, count), Self.horizon)))
    return (0..<Int64(max(0, count))).map { offset in
      let slot = first.advanced(by: offset)
      let index = slot.index
      let sun = panelForecast.predict(
        slot: index, day: solarDay(index), clear: sky.value(index),
        outlook: outlookPermille(slot, under: sky).map { Double($0) / 1000 })
      let (slotOfDay, weekday) = localSlot(index)
      let load = household.predict(slot: index, slotOfDay: slotOfDay, weekday: weekday)
      var surplus: PowerQuantiles?
      if let sun, let load, let latest {
        let distance = Int(min(max(index - latest.index, 1), 1000))
        surplus = PowerQuantiles(spread.combine(pv: sun, load: load, distance: distance))
      }
      return SlotForecast(
        slot: slot, pv: sun.map { PowerQuantiles($0) }, load: load.map { PowerQuantiles($0) },
        surplus: surplus)
    }
  }

  /// What the panels are expected to give under a clear sky; nil before any light was seen on
  /// panels of unknown size.
  ///
  /// In hours in which they are held back this says, with `predict`, what they might give.
  public func clearSkyPower(over slot: TimeSlot) -> Power? {
    let slotOfDay = PanelForecast.slotOfDay(slot.index)
    guard let gain = panelForecast.roof.gain(slotOfDay) else { return nil }
    let clear = sky.value(slot.index) * gain
    return PowerQuantiles(Spread(low: clear, middle: clear, high: clear)).middle
  }

  private func localSlot(_ slot: Int64) -> (slotOfDay: Int, weekday: Int) {
    let start = TimeSlot(index: slot).start
    let local = (start + localTime.offset(at: start)).millisecondsSince1970
    let quarter = local / TimeSlot.length.milliseconds
    let day = quarter / 96
    return (PanelForecast.slotOfDay(quarter), Int((day + 3) % 7))
  }

  /// Days from one midnight of the sun to the next, numbered.
  func solarDay(_ slot: Int64) -> Int64 { (slot + solarShift) / 96 }
  func solarDayStart(_ day: Int64) -> Int64 { day * 96 - solarShift }
  private var solarShift: Int64 {
    if let place { return place.longitude.rawValue * 96 / 360_000_000 }
    return estimate.map { Int64($0.guessedLongitude * 96 / 360) } ?? 0
  }
}

extension PowerQuantiles {
  /// Rounds to whole watts.
  init(_ spread: Spread) {
    // In this order a value that is no number becomes a limit too.
    func power(_ watts: Double) -> Power {
      Power(watts: Int64(min(max(-1e9, watts), 1e9).rounded()))
    }
    self.init(low: power(spread.low), middle: power(spread.middle), high: power(spread.high))
  }
}
