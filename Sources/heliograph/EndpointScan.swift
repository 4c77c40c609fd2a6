import Hardware
import Quantities
import Sites

/// A scan of one Modbus address: which units are there, and what reads them.
struct EndpointScan {
  /// What is shown of a unit at most.
  private static let shownMatches = 3

  struct Found {
    var lines: [String] = []
    var devices: [ScannedDevice] = []
  }

  let endpoint: ModbusEndpoint
  let units: [UInt8]
  let profiles: [DeviceProfile]

  func run(progress: (String) -> Void) async -> Found {
    var found = Found()
    // Enough for a slow inverter, and short enough to ask for units that aren't there.
    let bus = ModbusBus(endpoint, timeout: TimeSpan(milliseconds: 1000))
    var first: (unit: UInt8, reading: DeviceReading)?
    for unit in units {
      progress("\(endpoint): unit \(unit)…")
      switch await presence(unit, bus) {
      case .absent: continue
      case .nobody(let reason):
        found.lines.append(reason)
        return found
      case .present: break
      }
      let matches = await identify(unit, bus, progress: progress)
      guard let best = matches.first else {
        found.lines.append("unit \(unit)  answers, and no profile reads it")
        continue
      }
      // A device that takes any unit number is one device.
      if let first, first.reading.isLike(best.reading) {
        found.lines.append("unit \(unit)  the same as unit \(first.unit)")
        continue
      }
      if first == nil { first = (unit, best.reading) }
      found.lines += lines(unit, matches)
      found.devices.append(
        ScannedDevice(
          endpoint: endpoint, unit: unit, profile: best.profile, reading: best.reading))
    }
    if found.lines.isEmpty { found.lines.append(nothing) }
    await bus.disconnect()
    return found
  }

  /// What is said, and to be tried, where nobody answers.
  private var nothing: String {
    switch endpoint {
    case .tcp:
      "connected, and no unit that was tried answers; switch Modbus on there, or try --units 1-247"
    case .serial(let line):
      "open, and no unit that was tried answers at \(line.format.baud) baud; swap A and B, try "
        + "--baud 2400 or 19200, --parity even or --units 1-247"
    }
  }

  private enum Presence {
    case present, absent
    /// Nothing is at this address at all.
    case nobody(String)
  }

  /// Any answer will do, also a refusal; a gateway's "nobody there" is none.
  private func presence(_ unit: UInt8, _ bus: ModbusBus) async -> Presence {
    for table in [RegisterTable.holding, .input] {
      do throws(ModbusError) {
        _ = try await bus.read(RegisterSpan(table: table, address: 0, count: 2), unit: unit)
        return .present
      } catch {
        switch error.code {
        case .refused(let exception) where exception != 10 && exception != 11: return .present
        case .refused: return .absent
        case .unreachable, .unavailable: return .nobody(error.message)
        case .silent, .garbled, .unexpected: continue
        }
      }
    }
    return .absent
  }

  private func identify(
    _ unit: UInt8, _ bus: ModbusBus, progress: (String) -> Void
  ) async -> [Match] {
    let sunSpec = DeviceSession(device: "scanned", unit: unit, map: .sunSpec, bus: bus)
    if case .success(let reading) = await sunSpec.read(at: .distantPast) {
      return [Match(profile: "sunspec", reading: reading, known: nil)]
    }
    var matches: [ProfileMatch] = []
    for profile in profiles {
      progress("\(endpoint): unit \(unit), as \(profile.name)…")
      if let match = await match(profile, unit, bus) { matches.append(match) }
    }
    return ProfileMatch.ranked(matches).prefix(Self.shownMatches).map {
      Match(profile: $0.profile, reading: $0.reading, known: ($0.known, $0.total))
    }
  }

  /// Reads what the profile reads; gives up when more than half of its requests are refused.
  private func match(
    _ profile: DeviceProfile, _ unit: UInt8, _ bus: ModbusBus
  ) async -> ProfileMatch? {
    let map = RegisterMap(profile)
    let plan = map.plan + map.slowPlan
    var image = RegisterImage()
    var failures = 0
    var isAnswered = false
    for span in plan {
      do throws(ModbusError) {
        let words = try await read(span, unit, bus, profile, again: isAnswered)
        isAnswered = true
        image.write(words, at: span.address, in: span.table)
      } catch {
        failures += 1
        guard failures * 2 <= plan.count else { return nil }
      }
    }
    return ProfileMatch(map: map, image: image)
  }

  /// One noisy answer is no reason to pass over the profile that reads the device; `again` where it
  /// has answered to this profile already.
  private func read(
    _ span: RegisterSpan, _ unit: UInt8, _ bus: ModbusBus, _ profile: DeviceProfile, again: Bool
  ) async throws(ModbusError) -> [UInt16] {
    let pace = ModbusPace(profile.manners)
    do throws(ModbusError) {
      return try await bus.read(span, unit: unit, pace: pace)
    } catch {
      switch error.code {
      case .garbled, .unexpected: break
      case .silent where again: break
      default: throw error
      }
    }
    return try await bus.read(span, unit: unit, pace: pace)
  }

  struct Match {
    let profile: String
    let reading: DeviceReading
    /// How many of the profile's quantities are known; nil for a discovered device.
    let known: (Int, Int)?
  }

  private func lines(_ unit: UInt8, _ matches: [Match]) -> [String] {
    var lines: [String] = []
    for (index, match) in matches.enumerated() {
      let start = index == 0 ? "unit \(unit)  " : "        or "
      let share = match.known.map { ", \($0) of \($1) values" } ?? ""
      lines.append(start + match.profile + share)
      let dump = RegisterDump(
        device: match.profile, image: RegisterImage(), reading: match.reading)
      lines += ReadingText.lines(ReadingText.parts(dump.meanings), width: 68).map {
        "        " + $0
      }
    }
    return lines
  }
}

extension DeviceReading {
  /// Whether two looks moments apart may be of one device: the same things known, and the same
  /// slow values.
  fileprivate func isLike(_ other: DeviceReading) -> Bool {
    DeviceQuantity.allCases.allSatisfy { quantity in
      switch (self[quantity], other[quantity]) {
      case (nil, nil): true
      case (let one?, let two?): quantity.isPower || one == two || quantity.isTotal
      default: false
      }
    }
  }
}
