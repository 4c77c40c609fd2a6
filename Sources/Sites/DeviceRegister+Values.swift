/// What a register's bits mean, and which bits mean something.
extension DeviceRegister {
  /// What it says in the quantity's smallest unit and Heliograph's sign; nil is unknown.
  ///
  /// - Parameters:
  ///   - pattern: the words as one number.
  ///   - flag: what the register that turns the sign holds, where there is one.
  func value(_ pattern: UInt64, flag: UInt16?) -> Int64? {
    guard !sentinels.contains(pattern) else { return nil }
    let bits = masked(pattern)
    if !states.isEmpty { return states[bits]?.rawValue }
    guard let value = type.value(of: bits, offset: offset, scale: scale, base: quantity.base)
    else { return nil }
    var turned = value * sign.rawValue
    if let reversedBy {
      guard let flag else { return nil }
      turned = abs(value) * sign.rawValue
      if reversedBy.turns(flag) { turned = -turned }
    }
    return turned
  }

  /// What says `value`: the bits, what the register that turns the sign is to hold, and what a
  /// reader will make of them; nil when there is no such state.
  func encoded(_ value: Int64) -> (pattern: UInt64, flag: UInt16?, value: Int64)? {
    if !states.isEmpty {
      let number = states.filter { $0.value.rawValue == value }.keys.min()
      return number.map { (shifted($0), nil, value) }
    }
    var plain = value * sign.rawValue
    var flag: UInt16?
    if let reversedBy {
      flag = reversedBy.word(turning: plain < 0)
      plain = abs(plain)
    }
    guard let count = type.pattern(of: plain, offset: offset, scale: scale, base: quantity.base)
    else { return nil }
    let held = min(count, mostBits)
    guard let read = type.value(of: held, offset: offset, scale: scale, base: quantity.base)
    else { return nil }
    let isTurned = flag.flatMap { reversedBy?.turns($0) } ?? false
    return (shifted(held), flag, read * sign.rawValue * (isTurned ? -1 : 1))
  }

  /// Whether it can say a number of that sign: a register without a sign says one direction only.
  func holds(sign other: Int64) -> Bool {
    type.isSigned || reversedBy != nil || offset < 0 || other == 0 || other == sign.rawValue
  }

  /// The bits that say "unknown", if the device has such.
  var unknown: UInt64? {
    if let sentinel = sentinels.first { return sentinel }
    if type == .f32 { return 0x7FC0_0000 }
    guard !states.isEmpty else { return nil }
    let free = (0...UInt64(states.count)).first { $0 <= mostBits && states[$0] == nil }
    return free.map(shifted)
  }

  /// The largest number that fits behind the mask.
  var mostBits: UInt64 {
    mask.map { $0 >> UInt64($0.trailingZeroBitCount) } ?? type.largestPattern
  }

  private func masked(_ pattern: UInt64) -> UInt64 {
    guard let mask else { return pattern }
    return (pattern & mask) >> UInt64(mask.trailingZeroBitCount)
  }

  private func shifted(_ bits: UInt64) -> UInt64 {
    mask.map { bits << UInt64($0.trailingZeroBitCount) } ?? bits
  }
}
