import Quantities
import Sites

/// One configured device: knows its map, and reads and writes it over its bus.
public actor DeviceSession {
  /// How the device's registers are understood.
  public enum Map: Hashable, Sendable {
    case profile(DeviceProfile)
    /// The device is asked which models it has.
    case sunSpec
  }

  public nonisolated let device: DeviceName
  public nonisolated let unit: UInt8
  let map: Map
  let bus: ModbusBus
  public nonisolated let pace: ModbusPace
  private let registers: RegisterMap?
  /// The answers to the profile's slow plan, and when they were read.
  private var slow: (image: RegisterImage, at: Instant)?
  var discovered: SunSpecFinding?
  /// The SunSpec controls found last, kept over a lost connection.
  var keptControls: [DeviceControl] = []

  /// - Parameters:
  ///   - device: what the configuration calls it.
  ///   - unit: the Modbus unit, 0 to 255.
  ///   - bus: shared by all devices of the same end point.
  public init(device: DeviceName, unit: UInt8, map: Map, bus: ModbusBus) {
    self.device = device
    self.unit = unit
    self.map = map
    self.bus = bus
    switch map {
    case .profile(let profile):
      pace = ModbusPace(profile.manners)
      registers = RegisterMap(profile)
    case .sunSpec:
      pace = .unhurried
      registers = nil
    }
  }

  /// Reads everything that the device offers, once; a failure of any request fails the reading.
  ///
  /// Registers that the device lacks are unknown and no failure, unless it lacks them all.
  ///
  /// - Parameter now: the moment that the reading is given.
  public func read(at now: Instant) async -> Result<DeviceReading, DeviceFault> {
    await sample(at: now).map(\.reading)
  }

  /// The same with the registers as they came.
  public func sample(at now: Instant) async -> Result<DeviceSample, DeviceFault> {
    do throws(ModbusError) {
      if let registers { return .success(try await read(registers, at: now)) }
      return .success(try await readSunSpec(at: now))
    } catch {
      // A device whose list of models changed answers at other addresses: look again next time.
      discovered = nil
      return .failure(error.fault)
    }
  }

  private func read(
    _ map: RegisterMap, at now: Instant
  ) async throws(ModbusError) -> DeviceSample {
    let age = slow.map { now.since($0.at) }
    let isSlowKept = age.map { $0 >= .zero && $0 < map.profile.manners.slowPoll } ?? false
    // One hop for all of a poll.
    let plan = map.slowPlan.isEmpty || isSlowKept ? map.plan : map.slowPlan + map.plan
    let fresh = try await bus.read(plan, numbers: map.numbers, unit: unit, pace: pace)
    var image = isSlowKept ? slow?.image ?? RegisterImage() : RegisterImage()
    image.merge(fresh)
    if !isSlowKept { slow = (Self.slowPart(of: fresh, map), now) }
    return DeviceSample(image: image, reading: map.decode(image, device: device, at: now))
  }

  private static func slowPart(of image: RegisterImage, _ map: RegisterMap) -> RegisterImage {
    var part = RegisterImage()
    for number in map.numbers {
      let isSlow = map.slowPlan.contains {
        $0.table == number.table && $0.address <= number.address && $0.end >= number.end
      }
      if isSlow, let words = image.words(in: number) {
        part.write(words, at: number.address, in: number.table)
      }
    }
    return part
  }

  /// Writes holding registers, one request after the other, each once.
  ///
  /// It stops at the first that is not confirmed.
  public func write(_ writes: [RegisterWrite]) async -> Result<Void, DeviceFault> {
    do throws(ModbusError) {
      for write in writes {
        try await bus.write(write.words, at: write.address, unit: unit, pace: pace)
      }
      return .success(())
    } catch { return .failure(error.fault) }
  }

  /// Reads holding registers as they are, to know what the device holds.
  public func readHolding(_ spans: [RegisterSpan]) async -> Result<RegisterImage, DeviceFault> {
    do throws(ModbusError) {
      return .success(try await bus.read(spans, unit: unit, pace: pace))
    } catch { return .failure(error.fault) }
  }
}
