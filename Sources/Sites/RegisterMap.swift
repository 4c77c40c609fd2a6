import Quantities

/// A device profile put to work: which requests to make, and what the answers mean.
public struct RegisterMap: Hashable, Sendable {
  /// The registers of one quantity, and those that stand in for them.
  struct Group: Hashable, Sendable {
    let quantity: DeviceQuantity
    let parts: [DeviceRegister]
    let fallbacks: [DeviceRegister]
  }

  public let profile: DeviceProfile
  /// The requests of every poll, by table and address.
  public let plan: [RegisterSpan]
  /// The requests for what hardly ever changes, made every `slowPoll`; the answers are kept and put
  /// under those of `plan` before they are decoded.
  public let slowPlan: [RegisterSpan]
  /// Where each number of both plans lies: where a request that a device refuses may be cut in two.
  public let numbers: [RegisterSpan]
  /// What the profile reads, each quantity once.
  let groups: [Group]

  public init(_ profile: DeviceProfile) {
    self.profile = profile
    let packing = RegisterPlan(manners: profile.manners)
    plan = packing.spans(of: profile.registers.filter { !$0.isSlow })
    slowPlan = packing.spans(of: profile.registers.filter(\.isSlow))
    numbers = packing.numbers(of: profile.registers)
    groups = DeviceQuantity.allCases.compactMap { quantity in
      let parts = profile.registers.filter { $0.quantity == quantity }
      guard !parts.isEmpty else { return nil }
      return Group(
        quantity: quantity, parts: parts.filter { !$0.isFallback },
        fallbacks: parts.filter(\.isFallback))
    }
  }

  /// What the device said, in Heliograph's units and signs.
  ///
  /// Unknown stay: registers that are absent from `image` or hold a sentinel, states of charge
  /// outside 0 to 100 %, totals below zero, powers beyond the profile's largest. PV and load are
  /// held at zero from below, because an inverter's own draw at night is no negative sun.
  public func decode(_ image: RegisterImage, device: DeviceName, at: Instant) -> DeviceReading {
    var reading = DeviceReading(device: device, at: at)
    for group in groups {
      reading[group.quantity] =
        value(of: group.parts, group.quantity, in: image)
        ?? value(of: group.fallbacks, group.quantity, in: image)
    }
    if reading.importedTotal != nil || reading.exportedTotal != nil {
      reading.totalResolution = totalResolution
    }
    return reading
  }

  /// The step of the meter's totals: the profile's, or one count of the coarsest register.
  var totalResolution: Energy? {
    if let stated = profile.manners.totalResolution { return stated }
    return profile.registers.filter { $0.quantity.isMeterTotal }.compactMap { register in
      let step = RegisterScale.rounded(
        register.quantity.base, times: register.scale.numerator, over: register.scale.denominator)
      return step.map { Energy(milliwattHours: max($0, 1)) }
    }.max()
  }

  /// The sum of the parts, each of which must be known; nil where it can't be meant.
  private func value(
    of parts: [DeviceRegister], _ quantity: DeviceQuantity, in image: RegisterImage
  ) -> Int64? {
    guard !parts.isEmpty else { return nil }
    var sum: Int64 = 0
    for register in parts {
      guard let value = value(of: register, in: image) else { return nil }
      sum += value
    }
    let largest = profile.manners.largestPower.milliwatts
    switch quantity {
    case .stateOfCharge, .powerLimitPermille: return (0...1000).contains(sum) ? sum : nil
    case .batteryCapacity, .importedTotal, .exportedTotal, .generatedTotal, .chargedTotal,
      .dischargedTotal:
      return (0...magnitudeLimit).contains(sum) ? sum : nil
    case .pvPower, .loadPower: return sum > largest ? nil : max(sum, 0)
    case .gridPower, .batteryPower, .inverterPower: return abs(sum) > largest ? nil : sum
    case .ratedPower, .powerLimit, .exportLimit, .maximumCharge, .maximumDischarge:
      return (0...largest).contains(sum) ? sum : nil
    case .operatingState: return OperatingState(rawValue: sum)?.rawValue
    }
  }

  private func value(of register: DeviceRegister, in image: RegisterImage) -> Int64? {
    let table = register.table ?? profile.manners.table
    func words(_ address: Int, _ count: Int) -> [UInt16]? {
      image.words(in: RegisterSpan(table: table, address: address, count: count))
    }
    var found: [UInt16] = []
    if register.isSplit {
      for address in register.addresses {
        guard let word = words(address, 1) else { return nil }
        found += word
      }
    } else {
      guard let neighbours = words(register.address, register.type.width) else { return nil }
      found = neighbours
    }
    guard let pattern = register.type.pattern(found, order: order(of: register)) else { return nil }
    let flag = register.reversedBy.flatMap { words($0.address, 1)?.first }
    return register.value(pattern, flag: flag)
  }

  func order(of register: DeviceRegister) -> RegisterType.WordOrder {
    register.isSplit ? .highFirst : register.wordOrder ?? profile.manners.wordOrder
  }
}
