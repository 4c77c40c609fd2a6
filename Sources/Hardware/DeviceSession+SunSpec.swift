import Quantities
import Sites

extension DeviceSession {
  /// What can be steered through the device's models, which are looked for if they weren't yet.
  ///
  /// A reserve's own value is the one that was found first, not what was written since.
  public func sunSpecControls() async throws(ModbusError) -> [DeviceControl] {
    if let controls = discovered?.controls { return controls }
    // Ratings read now are read again at the next poll.
    _ = try await readSunSpec(at: .distantPast)
    return discovered?.controls ?? []
  }

  /// Reads a SunSpec device once, after finding its models where that is due.
  func readSunSpec(at now: Instant) async throws(ModbusError) -> DeviceSample {
    var finding = try await find()
    let map = finding.map
    let isSlowDue = finding.isSlowDue(at: now)
    // One hop for all of a poll; a model that the device refuses is unknown and no failure, unless
    // it refuses them all.
    let plan = isSlowDue ? map.slowPlan + map.plan : map.plan
    let fresh = try await bus.read(plan, numbers: plan, unit: unit, pace: pace)
    if isSlowDue {
      finding.slow = Self.part(of: fresh, in: map.slowPlan)
      finding.slowAt = now
    }
    var image = finding.slow
    image.merge(fresh)
    let again = try await bus.read(map.proof, numbers: map.proof, unit: unit, pace: pace)
    guard map.stands(in: image) else {
      throw ModbusError(
        .unexpected,
        "unit \(unit) at \(bus.endpoint) changed its SunSpec models; "
          + "they are looked for anew")
    }
    keptControls = controls(map.controls(in: image), known: finding.controls)
    finding.controls = keptControls
    discovered = finding
    let reading = map.decode(image, again: again, device: device, at: now)
    return DeviceSample(image: image, reading: reading)
  }

  /// The controls as `shown` now, because their scale factors may change, with those that were
  /// `known` over this connection and aren't shown: an inverter that sleeps tells little.
  ///
  /// Of a reserve the first finding is kept, from over the last connection too where it is the same
  /// registers: what they show later is what was written.
  private func controls(_ shown: [DeviceControl], known: [DeviceControl]?) -> [DeviceControl] {
    shown.map { control in
      guard control.control == .reserve else { return control }
      return keptControls.first { $0.control == .reserve && $0.write == control.write } ?? control
    } + (known ?? []).filter { first in !shown.contains { $0.control == first.control } }
  }

  private static func part(of image: RegisterImage, in plan: [RegisterSpan]) -> RegisterImage {
    var part = RegisterImage()
    for span in plan {
      if let words = image.words(in: span) { part.write(words, at: span.address, in: span.table) }
    }
    return part
  }

  private func find() async throws(ModbusError) -> SunSpecFinding {
    let connection = try await bus.connect()
    if let discovered, discovered.connection == connection { return discovered }
    let device = try await SunSpecScan(bus: bus, unit: unit).device()
    let map = SunSpecMap(device)
    guard !map.isEmpty else {
      let models = device.models.map { String($0.id) }.joined(separator: ", ")
      let found = models.isEmpty ? "none" : models
      throw ModbusError(
        .unexpected,
        "unit \(unit) at \(bus.endpoint) has SunSpec models \(found), and none that "
          + "measures: 101–103, 111–113, 160, 201–204, 211–214, 701, 714, 802, 803")
    }
    return SunSpecFinding(map: map, connection: connection)
  }
}
