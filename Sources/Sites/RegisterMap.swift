import Quantities

/// A device profile put to work: which requests to make, and what the answers mean.
public struct RegisterMap: Hashable, Sendable {
  public let profile: DeviceProfile
  /// The requests that fetch every register of the profile, by address.
  ///
  /// Registers lie in one request where the hole between them is within the profile's limit: a
  /// request costs more than the few registers read along. No 32-bit number is cut in two.
  public let plan: [RegisterSpan]

  public init(_ profile: DeviceProfile) {
    self.profile = profile
    let manners = profile.manners
    var plan: [RegisterSpan] = []
    for register in profile.registers.sorted(by: { $0.address < $1.address }) {
      if let last = plan.last, register.address - last.end <= manners.holeLimit,
        register.end - last.address <= manners.maximumRegistersPerRead
      {
        plan[plan.count - 1] = RegisterSpan(
          table: manners.table, address: last.address, count: register.end - last.address)
      } else {
        plan.append(
          RegisterSpan(
            table: manners.table, address: register.address, count: register.type.width))
      }
    }
    self.plan = plan
  }

  /// What the device said, in Heliograph's units and signs.
  ///
  /// Unknown stay: registers that are absent from `image` or hold their sentinel, states of charge
  /// outside 0 to 100 %, totals below zero, powers beyond the profile's largest. PV and load are
  /// held at zero from below, because an inverter's own draw at night is no negative sun.
  public func decode(_ image: RegisterImage, device: DeviceName, at: Instant) -> DeviceReading {
    var reading = DeviceReading(device: device, at: at)
    for quantity in DeviceQuantity.allCases {
      reading[quantity] = value(of: quantity, in: image)
    }
    if reading.importedTotal != nil || reading.exportedTotal != nil {
      reading.totalResolution = totalResolution
    }
    return reading
  }

  /// The registers of a device that measures what `reading` says: the inverse of `decode`.
  ///
  /// For simulated devices. Holes that the plan reads along hold zero. A quantity that `reading`
  /// does not know is given as the register's sentinel; where there is none, the request that would
  /// fetch it is left out whole, so that a reader gets an error and no invented number.
  public func encode(_ reading: DeviceReading) -> RegisterImage {
    var patterns: [Int: UInt32] = [:]
    for quantity in DeviceQuantity.allCases {
      let parts = profile.registers.filter { $0.quantity == quantity }
      for (register, pattern) in zip(parts, self.patterns(of: parts, for: reading[quantity])) {
        patterns[register.address] = pattern
      }
    }
    var image = RegisterImage()
    for span in plan {
      let registers = profile.registers.filter { (span.address..<span.end).contains($0.address) }
      guard registers.allSatisfy({ patterns[$0.address] != nil }) else { continue }
      image.write(Array(repeating: 0, count: span.count), at: span.address, in: span.table)
      for register in registers {
        guard let pattern = patterns[register.address] else { continue }
        let words = register.type.words(pattern, order: profile.manners.wordOrder)
        image.write(words, at: register.address, in: span.table)
      }
    }
    return image
  }

  /// The step of the totals: the profile's, or one count of the coarsest register.
  var totalResolution: Energy? {
    if let stated = profile.manners.totalResolution { return stated }
    return profile.registers.filter { $0.quantity.isTotal }.compactMap { register in
      let step = RegisterScale.rounded(
        register.quantity.base, times: register.scale.numerator, over: register.scale.denominator)
      return step.map { Energy(milliwattHours: max($0, 1)) }
    }.max()
  }

  private func value(of quantity: DeviceQuantity, in image: RegisterImage) -> Int64? {
    let parts = profile.registers.filter { $0.quantity == quantity }
    guard !parts.isEmpty else { return nil }
    var sum: Int64 = 0
    for register in parts {
      let span = RegisterSpan(
        table: profile.manners.table, address: register.address, count: register.type.width)
      guard let words = image.words(in: span),
        let value = register.value(words, order: profile.manners.wordOrder)
      else { return nil }
      sum += value
    }
    switch quantity {
    case .stateOfCharge: return (0...1000).contains(sum) ? sum : nil
    case .powerLimitPermille: return (0...1000).contains(sum) ? sum : nil
    case .batteryCapacity, .importedTotal, .exportedTotal, .generatedTotal, .chargedTotal,
      .dischargedTotal:
      return (0...magnitudeLimit).contains(sum) ? sum : nil
    case .pvPower, .loadPower:
      return sum > profile.manners.largestPower.milliwatts ? nil : max(sum, 0)
    case .gridPower, .batteryPower, .inverterPower:
      return abs(sum) > profile.manners.largestPower.milliwatts ? nil : sum
    case .ratedPower, .powerLimit, .exportLimit, .maximumCharge, .maximumDischarge:
      return (0...profile.manners.largestPower.milliwatts).contains(sum) ? sum : nil
    case .operatingState: return OperatingState(rawValue: sum)?.rawValue
    }
  }

  /// The bits of each part, so that their sum is `value`: shared out evenly, each share rounded to
  /// what its register can say and the rest left to the next.
  private func patterns(of parts: [DeviceRegister], for value: Int64?) -> [UInt32?] {
    guard let value else { return parts.map(\.unknown) }
    var rest = value
    var open = parts.filter { $0.holds(sign: value.signum()) }.count
    return parts.map { register in
      guard register.holds(sign: value.signum()) else { return register.encoded(0)?.pattern }
      let share = rest / Int64(max(open, 1))
      open -= 1
      guard let encoded = register.encoded(share) else { return nil }
      rest -= encoded.value
      return encoded.pattern
    }
  }
}
