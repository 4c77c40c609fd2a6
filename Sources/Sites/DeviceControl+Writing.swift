import Quantities

/// What to write so that a device does what is asked of it.
extension DeviceControl {
  /// The writes that set `value`, in their order; neighbours one after the other are one request.
  ///
  /// Nil for a value outside `range`, and for one that the registers can't express: a device is
  /// never given the nearest thing that happens to fit.
  ///
  /// - Parameters:
  ///   - value: in smallest units (mW, ‰).
  ///   - order: the profile's word order, for registers that have none of their own.
  public func writes(
    setting value: Int64, order: RegisterType.WordOrder = .highFirst
  ) -> [RegisterWrite]? {
    guard range.contains(value) else { return nil }
    return writes(write, setting: value, order: order)
  }

  /// The control with `order` put where a register names none, as its profile means it.
  public func ordered(_ order: RegisterType.WordOrder) -> DeviceControl {
    func ordered(_ registers: [ControlRegister]) -> [ControlRegister] {
      registers.map {
        ControlRegister(
          address: $0.address, type: $0.type, wordOrder: $0.wordOrder ?? order, scale: $0.scale,
          sign: $0.sign, content: $0.content)
      }
    }
    return DeviceControl(
      control: control, failSafe: failSafe, memory: memory, range: range, write: ordered(write),
      release: ordered(release))
  }

  /// The writes that give the device back to itself.
  public func releasingWrites(
    order: RegisterType.WordOrder = .highFirst
  ) -> [RegisterWrite]? {
    writes(release, setting: 0, order: order)
  }

  private func writes(
    _ registers: [ControlRegister], setting value: Int64, order: RegisterType.WordOrder
  ) -> [RegisterWrite]? {
    var result: [RegisterWrite] = []
    for register in registers {
      guard let words = register.words(setting: value, of: self, order: order) else { return nil }
      let isUnchecked = register.content == .timeoutSeconds
      if let last = result.last, last.address + last.words.count == register.address,
        last.words.count + words.count <= RegisterWrite.maximumCount
      {
        let places = last.words.count..<(last.words.count + words.count)
        result[result.count - 1] = RegisterWrite(
          address: last.address, words: last.words + words,
          unchecked: last.unchecked.union(isUnchecked ? Set(places) : []))
      } else {
        guard register.address >= 0, register.address + words.count <= 65536 else { return nil }
        result.append(
          RegisterWrite(
            address: register.address, words: words,
            unchecked: isUnchecked ? Set(words.indices) : []))
      }
    }
    return result.isEmpty ? nil : result
  }
}

extension ControlRegister {
  /// What is written here to set `value` of `control`; nil when it can't be expressed.
  fileprivate func words(
    setting value: Int64, of control: DeviceControl, order: RegisterType.WordOrder
  ) -> [UInt16]? {
    let order = wordOrder ?? order
    let base = control.control.base
    switch content {
    case .requested: return words(value * sign.rawValue, scale, base, order)
    case .charging: return words(max(value, 0) * sign.rawValue, scale, base, order)
    case .discharging: return words(max(-value, 0) * sign.rawValue, scale, base, order)
    case .magnitude: return words(abs(value) * sign.rawValue, scale, base, order)
    case .byDirection(let charging, let discharging, let idle):
      let count = value > 0 ? charging : value < 0 ? discharging : idle
      return words(count, .one, 1, order)
    case .constant(let count): return words(count, .one, 1, order)
    case .timeoutSeconds:
      guard case .timeout(let span) = control.failSafe else { return nil }
      return words(span.seconds, scale, 1, order)
    }
  }

  private func words(
    _ value: Int64, _ scale: RegisterScale, _ base: Int64, _ order: RegisterType.WordOrder
  ) -> [UInt16]? {
    guard let pattern = type.pattern(of: value, scale: scale, base: base),
      let read = type.value(of: pattern, scale: scale, base: base)
    else { return nil }
    // A register that is full holds its end: that would be another value than the one asked for.
    let (error, overflow) = (read - value).magnitude.multipliedReportingOverflow(
      by: UInt64(scale.denominator))
    guard !overflow, error <= UInt64(scale.numerator * base) else { return nil }
    return type.words(pattern, order: order)
  }
}
