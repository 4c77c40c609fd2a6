/// What a device of the profile would serve, for simulated ones.
extension RegisterMap {
  /// What one register is to hold.
  private struct Bits {
    var pattern: UInt64
    /// For the register that turns its sign.
    var flag: UInt16?
  }

  /// Where a number lies: two quantities may be read from the same one.
  private struct Place: Hashable {
    let table: RegisterTable
    let addresses: [Int]
    let mask: UInt64?
  }

  /// What is served so far.
  private struct Service {
    var image = RegisterImage()
    var patterns: [Place: UInt64] = [:]
    /// Words that nothing can be said in.
    var unsaid: [RegisterTable: Set<Int>] = [:]
  }

  /// The registers of a device that measures what `reading` says: the inverse of `decode`.
  ///
  /// Holes that a request reads along hold zero. A quantity that `reading` does not know is given
  /// as the register's sentinel; where there is none, its registers are left out, so that a reader
  /// gets an error and no invented number. States that the maker has no number for are as unknown.
  public func encode(_ reading: DeviceReading) -> RegisterImage {
    var service = Service()
    // What has a register of its own goes first; sums make do with what is left to them.
    let sets = groups.flatMap { [$0.parts, $0.fallbacks] }.enumerated().sorted { left, right in
      (left.element.count, left.offset) < (right.element.count, right.offset)
    }
    for (_, parts) in sets {
      for (register, bits) in zip(parts, bits(of: parts, for: reading, in: service)) {
        serve(bits, in: register, of: &service)
      }
    }
    var image = RegisterImage()
    for span in plan + slowPlan {
      let left = service.unsaid[span.table] ?? []
      for address in span.address..<span.end where !left.contains(address) {
        image.write([0], at: address, in: span.table)
      }
    }
    image.merge(service.image)
    return image
  }

  private func place(of register: DeviceRegister) -> Place {
    Place(
      table: register.table ?? profile.manners.table, addresses: register.wordAddresses,
      mask: register.mask)
  }

  /// Puts a number where the register has it, beside what other masks of the same words hold.
  private func serve(_ bits: Bits?, in register: DeviceRegister, of service: inout Service) {
    let place = place(of: register)
    guard let bits else {
      service.unsaid[place.table, default: []].formUnion(place.addresses)
      return
    }
    service.patterns[place] = bits.pattern
    let words = register.type.words(bits.pattern, order: order(of: register))
    for (address, word) in zip(place.addresses, words) {
      let span = RegisterSpan(table: place.table, address: address, count: 1)
      let held = register.mask == nil ? 0 : service.image.words(in: span)?.first ?? 0
      service.image.write([held | word], at: address, in: place.table)
    }
    if let reversedBy = register.reversedBy, let flag = bits.flag {
      service.image.write([flag], at: reversedBy.address, in: place.table)
    }
  }

  /// The bits of each part, so that their sum is what `reading` says: shared out evenly, each share
  /// rounded to what its register can say and the rest left to the next.
  private func bits(
    of parts: [DeviceRegister], for reading: DeviceReading, in service: Service
  ) -> [Bits?] {
    let fixed = parts.map { service.patterns[place(of: $0)] }
    let isBarred = parts.contains { register in
      let place = place(of: register)
      return !(service.unsaid[place.table] ?? []).isDisjoint(with: place.addresses)
    }
    guard let quantity = parts.first?.quantity, let value = reading[quantity], !isBarred else {
      return zip(parts, fixed).map { register, pattern in
        (pattern ?? register.unknown).map {
          Bits(pattern: $0, flag: register.reversedBy.map { _ in 0 })
        }
      }
    }
    var rest = value
    for (register, pattern) in zip(parts, fixed) {
      if let pattern { rest -= register.value(pattern, flag: nil) ?? 0 }
    }
    let sign = rest.signum()
    var open = zip(parts, fixed).filter { $1 == nil && $0.holds(sign: sign) }.count
    return zip(parts, fixed).map { register, pattern in
      if let pattern { return Bits(pattern: pattern, flag: nil) }
      let isOpen = register.holds(sign: sign)
      let share = isOpen ? rest / Int64(max(open, 1)) : 0
      guard let encoded = register.encoded(share) else {
        return register.unknown.map { Bits(pattern: $0, flag: nil) }
      }
      if isOpen {
        open -= 1
        rest -= encoded.value
      }
      return Bits(pattern: encoded.pattern, flag: encoded.flag)
    }
  }
}
