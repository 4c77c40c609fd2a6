/// Hashing of what nobody forges: a hash that resists takes five times as long.
extension UInt64 {
  /// What this hash becomes with one more word.
  @inline(__always)
  func mixed(with word: UInt64) -> UInt64 {
    let product = (self ^ word) &* 0x9E37_79B9_7F4A_7C15
    return product ^ product >> 29
  }
}

extension [UInt8] {
  /// A hash of all the bytes and of how many they are.
  var mixed: UInt64 {
    withUnsafeBytes { bytes in
      func word(_ place: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      }
      // Four at once: each waits for its own last product only.
      var lanes: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, UInt64(bytes.count))
      var place = 0
      while place + 32 <= bytes.count {
        lanes.0 = lanes.0.mixed(with: word(place))
        lanes.1 = lanes.1.mixed(with: word(place + 8))
        lanes.2 = lanes.2.mixed(with: word(place + 16))
        lanes.3 = lanes.3.mixed(with: word(place + 24))
        place += 32
      }
      var mixed = lanes.0.mixed(with: lanes.1).mixed(with: lanes.2).mixed(with: lanes.3)
      while place + 8 <= bytes.count {
        mixed = mixed.mixed(with: word(place))
        place += 8
      }
      return bytes[place...].reduce(mixed) { $0.mixed(with: UInt64($1)) }
    }
  }
}
