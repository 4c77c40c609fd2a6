import Sites

/// A control's register as a simulated device holds it: words to counts and back.
struct HeldRegister: Sendable {
  let register: ControlRegister
  /// The profile's word order, where the register has none of its own.
  let order: RegisterType.WordOrder

  /// The addresses, in order.
  var addresses: Range<Int> { register.address..<register.address + register.type.width }

  /// The count that `words` hold; of a float, in whole counts.
  func count(_ words: [UInt16]) -> Int64 {
    let highFirst = order == .highFirst ? words : words.reversed()
    let bits = highFirst.reduce(UInt64(0)) { $0 << 16 | UInt64($1) }
    if register.type == .f32 {
      let float = Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
      return float.magnitude <= 1e15 ? Int64(float.rounded()) : 0
    }
    guard register.type.isSigned else { return Int64(clamping: bits) }
    let unused = UInt64(64 - 16 * words.count)
    return Int64(bitPattern: bits << unused) >> Int64(unused)
  }

  /// The words of `count`.
  func words(_ count: Int64) -> [UInt16] {
    let bits =
      register.type == .f32
      ? UInt64(Float(count).bitPattern) : UInt64(bitPattern: count)
    let lowFirst = (0..<register.type.width).map { UInt16(truncatingIfNeeded: bits >> (16 * $0)) }
    return order == .lowFirst ? lowFirst : lowFirst.reversed()
  }

  /// What `count` means in the control's smallest units (mW, ‰).
  func value(_ count: Int64, of control: Control) -> Int64 {
    let limit = Int64(1) << 40
    let counted = min(max(count, -limit), limit) * control.base
    let scale = register.scale
    let scaled =
      counted / scale.denominator * scale.numerator
      + counted % scale.denominator * scale.numerator / scale.denominator
    return scaled * register.sign.rawValue
  }
}
