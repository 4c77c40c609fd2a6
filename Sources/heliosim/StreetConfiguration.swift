import Quantities
import Simulation

/// Writes a node's configuration file, as an owner would.
struct StreetConfiguration {
  struct Neighbour {
    let name: String
    let key: String
    let port: UInt16
  }

  let node: StreetNode
  let server: HouseServer
  var clock: StreetClock
  let profiles: String
  /// The engine's address; nil for a house without a machine for it.
  let engine: String?
  let model: String
  /// Credits for a kilowatt-hour.
  let sellAtLeast: Int64
  let buyAtMost: Int64
  /// How long surplus has to last until it counts as there or gone; nil leaves the node's own.
  var surplusSeconds: Int64?

  /// JSON5.
  func text(neighbours: [Neighbour]) -> String {
    let equipment = server.equipment
    return """
      // Written by heliosim street; every field is explained in heliographd's Configuration.
      {
        name: "\(node.name)",
        community: "street",
        dataDirectory: \(quoted(node.folder)),
        timeZone: "UTC",
        // Node time is startsAt + (real time - realStart) x speed.
        clock: {
          startsAt: "\(StreetConfiguration.timestamp(clock.startsAt))",
          realStart: \(clock.realStart.millisecondsSince1970),
          speed: \(clock.speed),
        },
        listen: "127.0.0.1:\(node.port)",
        peers: [
      \(neighbours.map(peerLine).joined())  ],
        profileDirectory: \(quoted(profiles)),
        devices: [
      \(server.devices.map(deviceLine).joined())  ],
        battery: {
          capacityWattHours: \(equipment.batteryCapacity.wattHours),
          reservePercent: 20,
          maximumChargeWatts: \(equipment.maximumCharge.watts),
          maximumDischargeWatts: \(equipment.maximumDischarge.watts),
        },
      \(wishes)  market: { enabled: true, sellAtLeast: \(sellAtLeast), buyAtMost: \(buyAtMost) },
      }

      """
  }

  /// Readings come a few times in a second here, whatever the clock's speed.
  private var pollSeconds: Int64 { min(max(clock.speed / 10, 5), 120) }

  private var jobs: String {
    guard let engine, server.equipment.jobPower > .zero else { return "" }
    return """
        jobs: {
          engine: \(quoted(engine)),
          model: \(quoted(model)),
          slots: 2,
          watts: \(server.equipment.jobPower.watts),
        },

      """
  }

  /// The sections that say what is done with the sun.
  private var wishes: String { surplus + jobs }

  private var surplus: String {
    surplusSeconds.map { "  surplus: { startSeconds: \($0), stopSeconds: \($0) },\n" } ?? ""
  }

  private func peerLine(_ peer: Neighbour) -> String {
    "    { name: \"\(peer.name)\", key: \"\(peer.key)\", address: \"127.0.0.1:\(peer.port)\" },\n"
  }

  private func deviceLine(_ device: HousePlan.Device) -> String {
    let provides = device.provides.map { "\"\($0)\"" }.joined(separator: ", ")
    return """
          {
            name: "\(device.name)", host: "127.0.0.1", port: \(server.port), unit: \(device.unit),
            profile: "\(device.profile)", pollSeconds: \(pollSeconds),
            provides: [\(provides)],
          },

      """
  }

  private func quoted(_ text: String) -> String {
    var output = "\""
    for character in text {
      if character == "\"" || character == "\\" { output.append("\\") }
      output.append(character)
    }
    return output + "\""
  }

  private static func timestamp(_ instant: Instant) -> String {
    // The street knows one day only.
    "2026-06-21T\(LocalTime.utc.clock(at: instant)):00Z"
  }
}
