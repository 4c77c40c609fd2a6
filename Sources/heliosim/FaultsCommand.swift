import Hardware
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
      guard let failed = try await live(options, profiles: profiles) else { return 0 }
      let poll = options.poll.seconds
      _ = StreetSystem.write("again: heliosim faults --seed \(failed) --poll \(poll)\n", to: 1)
      return 1
    } catch {
      _ = StreetSystem.write("heliosim faults: \(error)\n", to: 2)
      return 2
    }
  }

  /// What came of one night.
  private struct Outcome: Sendable {
    let number: Int64
    let seed: UInt64
    let report: [String]
    let holds: Bool
  }

  /// Lives `atOnce` nights at a time and reports them in the order of their seeds, up to the first
  /// that did not hold; returns its seed.
  ///
  /// A night waits for its wires far more than it computes, and each has wires of its own.
  private static func live(
    _ options: NightOptions, profiles: ProfileLibrary
  ) async throws -> UInt64? {
    try await withThrowingTaskGroup(of: Outcome.self) { group in
      var begun = min(options.atOnce, options.nights)
      for number in 0..<begun {
        group.addTask { try await live(number, options, profiles: profiles) }
      }
      var waiting: [Int64: Outcome] = [:]
      var reported: Int64 = 0
      while let outcome = try await group.next() {
        waiting[outcome.number] = outcome
        while let next = waiting.removeValue(forKey: reported) {
          reported += 1
          for line in next.report { _ = StreetSystem.write(line + "\n", to: 1) }
          guard next.holds else {
            group.cancelAll()
            return next.seed
          }
        }
        guard begun < options.nights else { continue }
        let number = begun
        begun += 1
        group.addTask { try await live(number, options, profiles: profiles) }
      }
      return nil
    }
  }

  /// Lives one night, `number` from 0 on.
  private static func live(
    _ number: Int64, _ options: NightOptions, profiles: ProfileLibrary
  ) async throws -> Outcome {
    let seed = options.seed &+ UInt64(number)
    var night = try FaultNight(options, seed: seed, profiles: profiles)
    let holds = await night.live()
    return Outcome(number: number, seed: seed, report: night.report, holds: holds)
  }
}
