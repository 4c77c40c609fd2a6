import Simulation

/// `heliosim faults`: nights in which everything goes wrong on the wire.
enum FaultsCommand {
  /// Runs until the first night that did not hold; returns the exit code.
  static func run(_ arguments: [String]) async -> Int32 {
    do {
      let options = try NightOptions(arguments)
      if options.wantsHelp {
        print(NightOptions.usage)
        return 0
      }
      let profiles = try StreetProfiles.library(options.profiles)
      for number in 0..<UInt64(options.nights) {
        var night = try FaultNight(options, seed: options.seed &+ number, profiles: profiles)
        let holds = await night.live()
        for line in night.report { _ = StreetSystem.write(line + "\n", to: 1) }
        guard holds else {
          print("again: heliosim faults --seed \(night.seed) --poll \(options.poll.seconds)")
          return 1
        }
      }
      return 0
    } catch {
      _ = StreetSystem.write("heliosim faults: \(error)\n", to: 2)
      return 2
    }
  }
}
