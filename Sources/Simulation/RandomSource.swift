/// A seeded source of random numbers: xoshiro256** (Blackman and Vigna, 2018).
///
/// A simulation draws everything from here, so a seed replays a run to the byte on any machine.
/// Not for keys or anything secret.
public struct RandomSource: RandomNumberGenerator, Sendable {
  private var state: (first: UInt64, second: UInt64, third: UInt64, fourth: UInt64)

  /// Fills the state from `seed` with SplitMix64, as the authors of xoshiro advise.
  public init(seed: UInt64) {
    var counter = seed
    func next() -> UInt64 {
      counter &+= Noise.goldenGamma
      return Noise.mixed(counter)
    }
    state = (next(), next(), next(), next())
  }

  public mutating func next() -> UInt64 {
    let result = rotated(state.second &* 5, by: 7) &* 9
    let shifted = state.second << 17
    state.third ^= state.first
    state.fourth ^= state.second
    state.second ^= state.third
    state.first ^= state.fourth
    state.third ^= shifted
    state.fourth = rotated(state.fourth, by: 45)
    return result
  }

  /// A number from 0 up to, not including, `bound`, which must be positive.
  ///
  /// The bias of the remainder is below 2⁻³² for the bounds of a simulation.
  public mutating func below(_ bound: Int64) -> Int64 {
    precondition(bound > 0, "a bound must be positive")
    return Int64(next() % UInt64(bound))
  }

  /// A number within `range`, both ends included.
  public mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// True in `permille` of a thousand calls.
  public mutating func happens(permille: Int64) -> Bool { below(1000) < permille }

  private func rotated(_ value: UInt64, by bits: UInt64) -> UInt64 {
    value << bits | value >> (64 - bits)
  }
}
