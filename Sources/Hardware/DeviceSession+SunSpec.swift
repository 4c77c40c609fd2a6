import Quantities
import Sites

extension DeviceSession {
  /// What can be steered through the models that were found; none before the first reading.
  ///
  /// As the first reading after the device was found showed it, so that "the device's own mind" is
  /// not what was written to it since.
  var sunSpecControls: [DeviceControl] { discovered?.controls ?? keptControls }

  /// Reads a SunSpec device once, after finding its models where that is due.
  func readSunSpec(at now: Instant) async throws(ModbusError) -> DeviceReading {
    var finding = try await find()
    let map = finding.map
    if finding.isSlowDue(at: now) {
      finding.slow = try await models(in: map.slowPlan)
      finding.slowAt = now
    }
    var image = finding.slow
    image.merge(try await models(in: map.plan))
    let again = try await models(in: map.proof)
    guard map.stands(in: image) else {
      throw ModbusError(
        .unexpected,
        "unit \(unit) at \(bus.endpoint) changed its SunSpec models; "
          + "they are looked for anew")
    }
    if finding.controls == nil {
      let controls = map.controls(in: image)
      finding.controls = controls.map { control in
        // Over a new connection the same reserve would show what was written, not the device's own.
        keptControls.first { $0.control == .reserve && $0.write == control.write } ?? control
      }
      keptControls = finding.controls ?? []
    }
    discovered = finding
    return map.decode(image, again: again, device: device, at: now)
  }

  /// The answers to `plan`; a model that the device refuses is absent, unless it refuses all.
  private func models(in plan: [RegisterSpan]) async throws(ModbusError) -> RegisterImage {
    var image = RegisterImage()
    var refusal: ModbusError?
    for span in plan {
      do throws(ModbusError) {
        image.write(try await bus.read(span, unit: unit), at: span.address, in: span.table)
      } catch {
        guard error.code == .refused(2) else { throw error }
        refusal = error
      }
    }
    if let refusal, image.holding.isEmpty { throw refusal }
    return image
  }

  private func find() async throws(ModbusError) -> SunSpecFinding {
    let connection = try await bus.connect()
    if let discovered, discovered.connection == connection { return discovered }
    let device = try await SunSpecScan(bus: bus, unit: unit).device()
    let map = SunSpecMap(device)
    guard !map.isEmpty else {
      let found = device.models.map { String($0.id) }.joined(separator: ", ")
      throw ModbusError(
        .unexpected,
        "unit \(unit) at \(bus.endpoint) has SunSpec models \(found.isEmpty ? "none" : found)"
          + ", and none that measures: 101–103, 111–113, 160, 201–204, 211–214, 701, 714, 802, 803")
    }
    return SunSpecFinding(map: map, connection: connection)
  }
}
