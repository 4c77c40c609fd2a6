import Quantities

/// One look at the processor package's energy counter (RAPL), which counts µJ and wraps.
///
/// Source: Linux, Documentation/power/powercap.
struct EnergyCounterReading {
  private static let folder = "/sys/class/powercap/intel-rapl:0"

  let microjoules: UInt64
  /// The counter's largest value; after it comes zero.
  let largest: UInt64
  let at: ContinuousClock.Instant

  init(microjoules: UInt64, largest: UInt64, at: ContinuousClock.Instant) {
    self.microjoules = microjoules
    self.largest = largest
    self.at = at
  }

  /// Nil where the counter can't be read.
  init?(root: String, at: ContinuousClock.Instant) {
    guard
      let count = SystemFile.text("\(root)\(Self.folder)/energy_uj").flatMap({ UInt64($0) }),
      let largest = SystemFile.text("\(root)\(Self.folder)/max_energy_range_uj")
        .flatMap({ UInt64($0) }), count <= largest
    else { return nil }
    self.init(microjoules: count, largest: largest, at: at)
  }

  static func isReadable(root: String) -> Bool {
    SystemFile.text("\(root)\(folder)/energy_uj") != nil
  }

  /// The mean power since an earlier reading; nil when less than 10 ms lie between, or more than
  /// ten minutes, in which it may have wrapped more than once.
  func power(since earlier: EnergyCounterReading) -> Power? {
    let span = earlier.at.duration(to: at) / .milliseconds(1)
    guard (10...600_000).contains(span), largest == earlier.largest else { return nil }
    let used =
      microjoules >= earlier.microjoules
      ? microjoules - earlier.microjoules : largest - earlier.microjoules + microjoules + 1
    // µJ in a ms are mW.
    let milliwatts = Double(used) / span
    return milliwatts < 1e9 ? Power(milliwatts: Int64(milliwatts.rounded())) : nil
  }
}
