import Quantities
import Sealing

/// What of a device survives a restart: where its totals stand, and when it wakes.
extension SiteWatch {
  static let registersPrefix = "registers/"
  static let sleepPrefix = "sleep/"
  private static let version: Int64 = 1

  var registersKey: String { Self.registersPrefix + device.name }
  var sleepKey: String { Self.sleepPrefix + device.name }

  /// The registers if they are due to be stored: a slot began since, or something happened to one.
  mutating func registersDue(at now: Instant) -> [UInt8]? {
    let slot = TimeSlot(containing: now)
    guard registers.contains(where: { $0.series != nil }),
      slot != savedSlot || registers.contains(where: \.isDue)
    else { return nil }
    savedSlot = slot
    for index in registers.indices { registers[index].isDue = false }
    return encodedRegisters
  }

  /// An array of the version and one array for each register: empty, or its series and the one
  /// before it, each as count, time and offset in mWh and ms.
  private var encodedRegisters: [UInt8] {
    var writer = CBORWriter(capacity: 8 + 54 * registers.count)
    writer.beginArray(1 + registers.count)
    writer.write(Self.version)
    for register in registers {
      let known = [register.series, register.earlier].compactMap { $0 }
      writer.beginArray(3 * known.count)
      for series in known {
        writer.write(series.raw.rawValue)
        writer.write(series.at.rawValue)
        writer.write(series.offset.rawValue)
      }
    }
    return writer.bytes
  }

  /// When it fell asleep (0: it is awake) and its wakings.
  var encodedSleep: [UInt8] {
    CBORValue.array(
      ([Self.version, sleep.since?.rawValue ?? 0] + sleep.wakings).map(CBORValue.integer)
    ).encoded
  }

  /// Takes back what an earlier run stored; bytes that are none of its own are left alone.
  mutating func restore(key: String, value: [UInt8]) {
    guard let parts = (try? CBORValue(decoding: value))?.array,
      parts.first == .integer(Self.version)
    else { return }
    if key == registersKey, parts.count == registers.count + 1 {
      for (index, part) in parts.dropFirst().enumerated() {
        let series = part.array.map(Self.series) ?? []
        guard let current = series.first else { continue }
        registers[index] = RegisterWatch(series: current, earlier: series.dropFirst().first)
      }
    }
    if key == sleepKey {
      let numbers = parts.compactMap(\.integer)
      guard numbers.count == parts.count, let restored = SleepWatch(stored: numbers.dropFirst())
      else { return }
      sleep = restored
    }
  }

  private static func series(_ parts: [CBORValue]) -> [RegisterWatch.Series] {
    let numbers = parts.compactMap(\.integer)
    let energies = 0...magnitudeLimit
    guard numbers.count == parts.count, numbers.count % 3 == 0, numbers.count <= 6 else {
      return []
    }
    return stride(from: 0, to: numbers.count, by: 3).compactMap { start in
      let (raw, at, offset) = (numbers[start], numbers[start + 1], numbers[start + 2])
      guard energies.contains(raw), energies.contains(at), offset.magnitude <= magnitudeLimit
      else { return nil }
      let instant = Instant(rawValue: at)
      return RegisterWatch.Series(
        raw: Energy(rawValue: raw), at: instant, movedAt: instant,
        offset: Energy(rawValue: offset))
    }
  }
}
