/// What a device says of its DC sides: the panels' and the store's powers and totals.
struct SunSpecFlows {
  /// One side, in mW and mWh; nil is unknown.
  struct Side: Hashable {
    var power: Int64?
    /// Energy from panels or store into the inverter.
    var total: Int64?
    /// Energy from the inverter into the store.
    var absorbed: Int64?
  }

  private(set) var panels = Side()
  /// + is charging.
  private(set) var store = Side()
  /// Whether a battery is behind the inverter.
  private(set) var hasStore: Bool
  /// Whether a model tells the store's power, even if it doesn't know it now.
  private(set) var measuresStore: Bool

  init(_ map: SunSpecMap, _ answer: SunSpecAnswer) {
    let banks = map.all(802)
    hasStore = [802, 803, 713, 124].contains { map.first($0) != nil }
    measuresStore = !banks.isEmpty
    store.power = answer.sum(banks) { $1.value(SunSpecTable.Battery.power, base: 1000) }.map { -$0 }
    readPorts(map.all(714), answer)
    readInputs(map.all(160), answer, map.quirks)
  }

  /// The ports of 714: + is into the inverter, so a store's + is discharging.
  private mutating func readPorts(_ models: [SunSpecModel], _ answer: SunSpecAnswer) {
    typealias Ports = SunSpecTable.Ports
    var sun: [Side] = []
    var battery: [Side] = []
    for model in models {
      // A port that can't be read may be either: then neither sum is known.
      guard let words = answer.words(of: model) else { return }
      let counted = words.count(Ports.count).map(Int.init) ?? model.blockCount
      for index in 0..<min(model.blockCount, counted) {
        let offset = model.blockOffset(index) - model.blockOffset(0)
        func value(_ point: SunSpecPoint) -> Int64? {
          words.value(point.moved(by: offset), base: 1000)
        }
        let side = Side(
          power: value(Ports.power), total: value(Ports.injected), absorbed: value(Ports.absorbed))
        switch words.count(Ports.kind.moved(by: offset)) {
        case Ports.panels: sun.append(side)
        case Ports.store: battery.append(side)
        default: break
        }
      }
    }
    panels.power = sun.map(\.power).sumOfAll
    panels.total = sun.map(\.total).sumOfAll
    guard !battery.isEmpty else { return }
    hasStore = true
    measuresStore = true
    store.power = store.power ?? battery.map(\.power).sumOfAll.map { -$0 }
    store.total = battery.map(\.total).sumOfAll
    store.absorbed = battery.map(\.absorbed).sumOfAll
  }

  /// The inputs of 160, some of which are a battery's on some makers' devices.
  private mutating func readInputs(
    _ models: [SunSpecModel], _ answer: SunSpecAnswer, _ quirks: SunSpecQuirks
  ) {
    typealias Inputs = SunSpecTable.Inputs
    var sides: [SunSpecQuirks.Input: [Side]] = [:]
    for model in models {
      guard let words = answer.words(of: model) else { return }
      let counted = words.count(Inputs.count).map(Int.init) ?? model.blockCount
      for index in 0..<min(model.blockCount, counted) {
        let offset = model.blockOffset(index) - model.blockOffset(0)
        let name = words.text(
          at: Inputs.name.offset + offset, registers: Inputs.name.registers)
        let side = Side(
          power: words.value(Inputs.power.moved(by: offset), base: 1000),
          total: words.value(Inputs.total.moved(by: offset), base: 1000))
        sides[quirks.input(named: name), default: []].append(side)
      }
    }
    func powers(_ input: SunSpecQuirks.Input) -> Int64? { sides[input]?.map(\.power).sumOfAll }
    func totals(_ input: SunSpecQuirks.Input) -> Int64? { sides[input]?.map(\.total).sumOfAll }
    panels.power = panels.power ?? powers(.panels)
    panels.total = panels.total ?? totals(.panels)
    guard sides[.charging] != nil || sides[.discharging] != nil else { return }
    hasStore = true
    measuresStore = true
    if store.power == nil, let charging = powers(.charging),
      let discharging = powers(.discharging)
    {
      store.power = charging - discharging
    }
    store.absorbed = store.absorbed ?? totals(.charging)
    store.total = store.total ?? totals(.discharging)
  }
}
