import Glibc

/// `heliosim street`: three real nodes on three simulated houses, for a day.
enum StreetCommand {
  /// Runs the street; returns the exit code: 0 for a good day, 1 for one with problems, 2 for a
  /// wrong command line, 128 + the signal's number when one ended it.
  static func run(_ arguments: [String]) -> Int32 {
    if arguments.first == StreetGuard.option { return StreetGuard.run() }
    // Before anything that could start a thread.
    let signals = StreetSignals()
    let options: StreetOptions
    do {
      options = try StreetOptions(arguments, houses: HousePlan.presets)
    } catch {
      _ = StreetSystem.write("heliosim street: \(error)\n", to: 2)
      return 2
    }
    guard !options.wantsHelp else {
      print(StreetOptions.usage)
      return 0
    }
    do {
      var street = try Street(options, signals: signals)
      return street.run()
    } catch {
      _ = StreetSystem.write("heliosim street: \(error)\n", to: 2)
      return 1
    }
  }
}
