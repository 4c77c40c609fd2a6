import Quantities
import Sites

/// One configured device: knows its map, and reads it over its bus.
public actor DeviceSession {
  /// How the device's registers are understood.
  public enum Map: Hashable, Sendable {
    case profile(DeviceProfile)
    /// The device is asked which models it has.
    case sunSpec
  }

  public nonisolated let device: DeviceName
  public nonisolated let unit: UInt8
  private let map: Map
  let bus: ModbusBus
  var discovered: SunSpecFinding?
  /// The SunSpec controls found last, kept over a lost connection.
  var keptControls: [DeviceControl] = []

  /// - Parameters:
  ///   - device: what the configuration calls it.
  ///   - unit: the Modbus unit, 0 to 255.
  ///   - bus: shared by all devices of the same host and port.
  public init(device: DeviceName, unit: UInt8, map: Map, bus: ModbusBus) {
    self.device = device
    self.unit = unit
    self.map = map
    self.bus = bus
  }

  /// Reads everything that the device offers, once; a failure of any request fails the reading.
  ///
  /// - Parameter now: the moment that the reading is given.
  public func read(at now: Instant) async -> Result<DeviceReading, DeviceFault> {
    do throws(ModbusError) {
      switch map {
      case .profile(let profile):
        let map = RegisterMap(profile)
        let image = try await image(of: map.plan, pace: ModbusPace(profile.manners))
        return .success(map.decode(image, device: device, at: now))
      case .sunSpec:
        return .success(try await readSunSpec(at: now))
      }
    } catch {
      // A device whose list of models changed answers at other addresses: look again next time.
      discovered = nil
      return .failure(error.fault)
    }
  }

  private func image(
    of plan: [RegisterSpan], pace: ModbusPace = .unhurried
  ) async throws(ModbusError) -> RegisterImage {
    var image = RegisterImage()
    for span in plan {
      let words = try await bus.read(span, unit: unit, pace: pace)
      image.write(words, at: span.address, in: span.table)
    }
    return image
  }
}
