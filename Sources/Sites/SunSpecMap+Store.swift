import Quantities

extension SunSpecMap {
  func decodeStore(
    _ answer: SunSpecAnswer, _ flows: SunSpecFlows, into reading: inout DeviceReading
  ) {
    typealias Battery = SunSpecTable.Battery
    typealias Store = SunSpecTable.Store
    typealias Nameplate = SunSpecTable.Nameplate
    reading[.batteryPower] = flows.store.power
    reading[.chargedTotal] = flows.store.absorbed
    reading[.dischargedTotal] = flows.store.total
    reading[.batteryCapacity] =
      answer.sum(all(802)) { $1.value(Battery.capacity, base: 1000) }
      ?? answer.sum(all(713)) { $1.value(Store.capacity, base: 1000) }
      ?? answer.words(of: first(120))?.value(Nameplate.capacity, base: 1000)
    reading[.stateOfCharge] =
      charge(answer, all(802), Battery.charge, Battery.capacity)
      ?? charge(answer, all(713), Store.charge, Store.capacity)
      ?? answer.words(of: first(124))?.value(SunSpecTable.StorageRates.charge, base: 10)
      ?? stringCharge(answer)
    reading[.maximumCharge] = limits(answer).map(\.charge).leastKnown
    reading[.maximumDischarge] = limits(answer).map(\.discharge).leastKnown
  }

  /// In ‰; of several banks the mean by their capacities.
  private func charge(
    _ answer: SunSpecAnswer, _ models: [SunSpecModel], _ point: SunSpecPoint,
    _ capacity: SunSpecPoint
  ) -> Int64? {
    if models.count == 1 { return answer.words(of: models.first)?.value(point, base: 10) }
    // Watt-hours, so that the products stay small.
    let weight = answer.sum(models) { $1.value(capacity, base: 1) }
    let weighed = answer.sum(models) { _, words in
      guard let charge = words.value(point, base: 10), (0...1000).contains(charge),
        let capacity = words.value(capacity, base: 1), (0...1_000_000_000).contains(capacity)
      else { return nil }
      return charge * capacity
    }
    guard let weight, let weighed, weight > 0 else { return nil }
    return RegisterScale.rounded(weighed, times: 1, over: weight)
  }

  /// The mean of a lithium bank's strings, in ‰; they are alike in all but name.
  private func stringCharge(_ answer: SunSpecAnswer) -> Int64? {
    guard let model = first(803), let words = answer.words(of: model) else { return nil }
    let counted = words.count(SunSpecTable.Strings.count).map(Int.init) ?? model.blockCount
    let count = min(model.blockCount, counted)
    let charges = (0..<count).map { index in
      let offset = model.blockOffset(index) - model.blockOffset(0)
      return words.value(SunSpecTable.Strings.charge.moved(by: offset), base: 10)
    }
    return charges.sumOfAll.flatMap { RegisterScale.rounded($0, times: 1, over: Int64(count)) }
  }

  /// What each model lets the battery take and give, in mW; the least of them holds.
  private func limits(_ answer: SunSpecAnswer) -> [(charge: Int64?, discharge: Int64?)] {
    typealias Battery = SunSpecTable.Battery
    typealias Capacity = SunSpecTable.Capacity
    var limits: [(charge: Int64?, discharge: Int64?)] = []
    let banks = all(802)
    limits.append(
      (
        answer.sum(banks) { $1.value(Battery.maximumCharge, base: 1000) },
        answer.sum(banks) { $1.value(Battery.maximumDischarge, base: 1000) }
      ))
    // The management's limits of the moment are currents: at zero, a full battery takes nothing.
    limits.append(
      (
        answer.sum(banks) { $1.power(Battery.chargeCurrent, Battery.voltage) },
        answer.sum(banks) { $1.power(Battery.dischargeCurrent, Battery.voltage) }
      ))
    if let words = answer.words(of: first(702)) {
      limits.append(
        (
          words.value(Capacity.charge, base: 1000)
            ?? words.value(Capacity.chargeRating, base: 1000),
          words.value(Capacity.discharge, base: 1000)
            ?? words.value(Capacity.dischargeRating, base: 1000)
        ))
    }
    let plate = answer.words(of: first(120))
    limits.append(
      (
        plate?.value(SunSpecTable.Nameplate.charge, base: 1000),
        plate?.value(SunSpecTable.Nameplate.discharge, base: 1000)
      ))
    if let words = answer.words(of: first(124)) { limits.append(storageLimits(words, plate)) }
    return limits
  }

  /// 124: the maximum, times the share that its limits leave while they hold.
  private func storageLimits(
    _ words: SunSpecWords, _ plate: SunSpecWords?
  ) -> (charge: Int64?, discharge: Int64?) {
    typealias Rates = SunSpecTable.StorageRates
    let charge = words.value(Rates.maximum, base: 1000)
    let discharge = maximumDischarge(words, plate)
    let mode = words.count(Rates.mode) ?? 0
    func share(_ point: SunSpecPoint, of whole: Int64?, bit: Int64) -> Int64? {
      guard mode & bit != 0, let whole else { return whole }
      // A share below zero forces the other direction: nothing is left of this one.
      guard let share = words.value(point, base: 10) else { return whole }
      return RegisterScale.rounded(whole, times: min(max(share, 0), 1000), over: 1000)
    }
    return (
      share(Rates.charging, of: charge, bit: 1), share(Rates.discharging, of: discharge, bit: 2)
    )
  }

  /// What OutWRte is a share of, in mW: the nameplate's rate of discharge, where there is one.
  ///
  /// The model calls it WDisChaMax and has no such point. On Fronius it is the nameplate's
  /// (github.com/callifo/fronius_modbus, which steers GEN24 so).
  func maximumDischarge(_ words: SunSpecWords, _ plate: SunSpecWords?) -> Int64? {
    plate?.value(SunSpecTable.Nameplate.discharge, base: 1000)
      ?? words.value(SunSpecTable.StorageRates.maximum, base: 1000)
  }
}

extension SunSpecWords {
  /// Amperes times volts, in mW.
  fileprivate func power(_ current: SunSpecPoint, _ voltage: SunSpecPoint) -> Int64? {
    guard let milliamperes = value(current, base: 1000), let millivolts = value(voltage, base: 1000)
    else { return nil }
    return RegisterScale.rounded(milliamperes, times: millivolts, over: 1000)
  }
}

extension [Int64?] {
  /// The least of the known ones; nil where none is.
  fileprivate var leastKnown: Int64? { compactMap { $0 }.min() }
}
