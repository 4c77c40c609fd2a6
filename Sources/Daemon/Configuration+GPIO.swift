import Hardware
import Quantities
import Sites

extension Configuration {
  /// A relay: what it does, and the line that switches its coil.
  public struct Relay: Sendable, Hashable {
    public var plan: RelayPlan
    public var line: GPIOPlan.Line
  }

  /// A meter with a pulse output.
  public struct PulseMeter: Sendable, Hashable {
    public var name: DeviceName
    /// What its pulses count. No default.
    public var flow: PulseMeterPlan.Flow
    /// Printed on the meter, 1 to 100,000. Default 1000.
    public var pulsesPerKilowattHour: Int64 = 1000
    /// Default active low with the chip's pull-up: the meter's contact joins line and ground.
    public var line: GPIOPlan.Line
    public var pull = GPIOPlan.Pull.up
    /// Default 30 ms on and 10 ms off.
    public var shape = PulseShape()
    /// Seconds of node time between readings, 1 to 3600. Default 5.
    public var poll = TimeSpan(seconds: 5)
  }

  static let maximumRelays = 16
  static let maximumPulseMeters = 8

  /// Reads `relays`, `pulseMeters`, `button` and `light`.
  mutating func readGPIO(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
    for var entry in try reader.objects("relays", atMost: Self.maximumRelays) {
      let relay = try Self.relay(&entry, hasBattery: battery != nil)
      guard !relays.contains(where: { $0.plan.name == relay.plan.name }) else {
        throw entry.error("name", "\(relay.plan.name) is an earlier relay: expected another")
      }
      try entry.finish()
      relays.append(relay)
    }
    for var entry in try reader.objects("pulseMeters", atMost: Self.maximumPulseMeters) {
      let meter = try Self.pulseMeter(&entry)
      guard !devices.contains(where: { $0.name == meter.name }),
        !pulseMeters.contains(where: { $0.name == meter.name })
      else { throw entry.error("name", "\(meter.name) is an earlier device: expected another") }
      guard
        meter.flow != .gridImport && meter.flow != .gridExport
          || !pulseMeters.contains(where: { $0.flow == meter.flow })
      else {
        throw entry.error("flow", "\(meter.flow.rawValue) is counted already: one meter for each")
      }
      try entry.finish()
      pulseMeters.append(meter)
    }
    if var entry = try reader.object("button") {
      button = try Self.line(&entry, isActiveLow: true)
      try entry.finish()
    }
    if var entry = try reader.object("light") {
      light = try Self.line(&entry, isActiveLow: false)
      try entry.finish()
    }
  }

  private static func relay(
    _ entry: inout ConfigurationReader, hasBattery: Bool
  ) throws(ConfigurationError) -> Relay {
    let name = try name("name", &entry)
    let line = try line(&entry, isActiveLow: false)
    let modes = RelayPlan.Mode.allCases.map(\.rawValue).joined(separator: ", ")
    let word = try entry.requiredText("mode", "one of \(modes)")
    guard let mode = RelayPlan.Mode(rawValue: word) else {
      throw entry.error("mode", "expected one of \(modes), found \"\(word.prefix(40))\"")
    }
    guard mode != .shed || hasBattery else {
      throw entry.error("mode", "shed goes by the battery's reserve: expected a battery section")
    }
    let watts = try entry.integer("watts", in: 1...100_000, unit: "watts")
    guard mode != .surplus || watts != nil else {
      throw entry.missing("watts", "what the load draws, in watts, as it is switched by surplus")
    }
    let spans: ClosedRange<Int64> = 0...86_400
    let on = try entry.integer("minimumOnSeconds", in: spans, unit: "seconds") ?? 300
    let off = try entry.integer("minimumOffSeconds", in: spans, unit: "seconds") ?? 300
    let dead = try entry.integer("deadTimeSeconds", in: 1...3600, unit: "seconds") ?? 5
    let group = try entry.text("group", "a group's name")
    return Relay(
      plan: RelayPlan(
        name: name, mode: mode, power: Power(watts: watts ?? 0),
        minimumOn: TimeSpan(seconds: on), minimumOff: TimeSpan(seconds: off), group: group,
        deadTime: TimeSpan(seconds: dead)),
      line: line)
  }

  private static func pulseMeter(
    _ entry: inout ConfigurationReader
  ) throws(ConfigurationError) -> PulseMeter {
    let name = try name("name", &entry)
    let flows = PulseMeterPlan.Flow.allCases.map(\.rawValue).joined(separator: ", ")
    let word = try entry.requiredText("flow", "one of \(flows)")
    guard let flow = PulseMeterPlan.Flow(rawValue: word) else {
      throw entry.error("flow", "expected one of \(flows), found \"\(word.prefix(40))\"")
    }
    var meter = PulseMeter(name: name, flow: flow, line: try line(&entry, isActiveLow: true))
    if let pulses = try entry.integer("pulsesPerKilowattHour", in: 1...100_000) {
      meter.pulsesPerKilowattHour = pulses
    }
    let range: ClosedRange<Int64> = 1...1000
    let pulse = try entry.integer("minimumPulseMilliseconds", in: range, unit: "milliseconds")
    let pause = try entry.integer("minimumPauseMilliseconds", in: range, unit: "milliseconds")
    meter.shape = PulseShape(
      minimumPulse: TimeSpan(milliseconds: pulse ?? 30),
      minimumPause: TimeSpan(milliseconds: pause ?? 10))
    let pulls = GPIOPlan.Pull.allCases.map(\.rawValue).joined(separator: ", ")
    let pull = try entry.text("pull", "one of \(pulls)")
    meter.pull = meter.line.isActiveLow ? .up : .down
    if let pull {
      guard let known = GPIOPlan.Pull(rawValue: pull) else {
        throw entry.error("pull", "expected one of \(pulls), found \"\(pull.prefix(40))\"")
      }
      meter.pull = known
    }
    if let seconds = try entry.integer("pollSeconds", in: 1...3600, unit: "seconds") {
      meter.poll = TimeSpan(seconds: seconds)
    }
    return meter
  }

  /// `line` by name, or `chip` and `offset`; and `activeLow`.
  private static func line(
    _ entry: inout ConfigurationReader, isActiveLow: Bool
  ) throws(ConfigurationError) -> GPIOPlan.Line {
    let name = try entry.text("line", "a line's name such as GPIO17")
    let chip = try entry.text("chip", "a chip's label or name such as pinctrl-rp1")
    let offset = try entry.integer("offset", in: 0...1023)
    let isLow = try entry.boolean("activeLow") ?? isActiveLow
    switch (name, chip, offset) {
    case (let name?, nil, nil) where !name.isEmpty:
      return GPIOPlan.Line(place: .name(name), isActiveLow: isLow)
    case (nil, let chip?, let offset?) where !chip.isEmpty:
      return GPIOPlan.Line(place: .offset(chip: chip, line: Int(offset)), isActiveLow: isLow)
    case (nil, nil, nil):
      throw entry.missing("line", "a line's name such as GPIO17, or chip and offset")
    default:
      throw entry.error(
        name == nil ? "chip" : "line", "expected either line, or chip and offset together")
    }
  }
}

extension Configuration {
  /// The lines that the node takes.
  var gpioPlan: GPIOPlan {
    var plan = GPIOPlan()
    plan.relays = relays.map { GPIOPlan.Relay(name: $0.plan.name, line: $0.line) }
    plan.meters = pulseMeters.map {
      GPIOPlan.Meter(name: $0.name, line: $0.line, pull: $0.pull, shape: $0.shape)
    }
    plan.button = button
    plan.light = light
    return plan
  }

  /// What the station is told of the pulse meters.
  var pulseMeterPlans: [PulseMeterPlan] {
    let flows = pulseMeters.map(\.flow)
    return pulseMeters.map { meter in
      let partner: PulseMeterPlan.Flow? =
        switch meter.flow {
        case .gridImport: .gridExport
        case .gridExport: .gridImport
        case .pv, .load: nil
        }
      return PulseMeterPlan(
        name: meter.name, flow: meter.flow, pulsesPerKilowattHour: meter.pulsesPerKilowattHour,
        hasPartner: partner.map(flows.contains) ?? false)
    }
  }

  /// The pulse meters as devices of the site.
  var pulseDevices: [SiteDevice] {
    pulseMeters.map {
      SiteDevice(name: $0.name, pollInterval: $0.poll, provides: $0.flow.provides)
    }
  }
}
