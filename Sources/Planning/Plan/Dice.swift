/// Seeded dice (SplitMix64, Steele, Lea and Flood 2014): the same throws on every machine.
struct Dice {
  private var state: UInt64 = 0x4865_6C69_6F67_7261

  mutating func below(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, count)))
  }
}
