import Quantities

extension DeviceProfile.Manners {
  /// Throws for the first field that no device can have, naming it as a profile's file does.
  func check() throws(DeviceProfileProblem) {
    func require(_ holds: Bool, _ field: String, _ expected: String) throws(DeviceProfileProblem) {
      if !holds { throw DeviceProfileProblem(field: field, expected: expected) }
    }
    let delays = TimeSpan.zero...TimeSpan(seconds: 10)
    try require(delays.contains(connectDelay), "connectDelayMilliseconds", "0 to 10000")
    try require(delays.contains(gap), "gapMilliseconds", "0 to 10000")
    let timeouts = TimeSpan(milliseconds: 50)...TimeSpan(seconds: 60)
    try require(
      timeout.map(timeouts.contains) ?? true, "timeoutMilliseconds", "50 to 60000")
    try require(
      (2...RegisterSpan.maximumCount).contains(maximumRegistersPerRead),
      "maximumRegistersPerRead", "2 to 125")
    try require((0...120).contains(holeLimit), "holeLimit", "0 to 120")
    let polls = TimeSpan(seconds: 1)...TimeSpan(seconds: 86_400)
    try require(polls.contains(slowPoll), "slowPollSeconds", "1 to 86400")
    try require(
      largestPower > .zero && largestPower.milliwatts <= magnitudeLimit, "largestPowerWatts",
      "1 to 1000000000")
    if let totalResolution {
      try require(totalResolution > .zero, "totalResolutionMilliwattHours", "1 or more")
    }
    if let serial {
      try require(
        SerialFormat.speeds.contains(serial.baud), "serial.baud",
        "one of " + SerialFormat.speeds.map(String.init).joined(separator: ", "))
      try require((1...2).contains(serial.stopBits), "serial.stopBits", "1 or 2")
    }
  }
}

extension DeviceProfile {
  /// One word of one register, and where it lies.
  private struct Place {
    let table: RegisterTable
    let address: Int
    let register: Int
  }

  /// Throws for the first register that can't work alone, or not beside the others.
  func checkRegisters() throws(DeviceProfileProblem) {
    guard (1...Self.maximumRegisters).contains(registers.count) else {
      throw DeviceProfileProblem(
        field: "registers", expected: "1 to \(Self.maximumRegisters) registers")
    }
    for (index, register) in registers.enumerated() {
      do {
        try register.check()
        try checkExtent(of: register)
      } catch { throw error.within("registers[\(index)]") }
      if register.isFallback,
        !registers.contains(where: { $0.quantity == register.quantity && !$0.isFallback })
      {
        throw DeviceProfileProblem(
          field: "registers[\(index)].fallback",
          expected: "a register of \(register.quantity.rawValue) that is no fallback as well")
      }
    }
    if manners.totalResolution == nil {
      let bare = registers.firstIndex { $0.quantity.isMeterTotal && $0.type == .f32 }
      if let bare {
        throw DeviceProfileProblem(
          field: "totalResolutionMilliwattHours",
          expected: "the step of the float register registers[\(bare)], because a float has none")
      }
    }
    try checkPlaces()
    try checkReversals()
  }

  private func checkExtent(of register: DeviceRegister) throws(DeviceProfileProblem) {
    let words = register.wordAddresses
    guard let first = words.min(), let last = words.max(),
      last - first < manners.maximumRegistersPerRead
    else {
      throw DeviceProfileProblem(
        field: register.isSplit ? "addresses" : "type",
        expected: "words that one read of maximumRegistersPerRead fetches")
    }
  }

  /// No two registers lie in one place, unless they share it whole or count other bits of it.
  private func checkPlaces() throws(DeviceProfileProblem) {
    let places = registers.enumerated().flatMap { index, register in
      register.wordAddresses.map { address in
        Place(
          table: register.table ?? manners.table, address: address, register: index)
      }
    }.sorted { left, right in
      (left.table.rawValue, left.address, left.register)
        < (right.table.rawValue, right.address, right.register)
    }
    for (position, place) in places.enumerated() {
      for other in places[(position + 1)...] {
        guard other.table == place.table, other.address == place.address else { break }
        let left = registers[place.register]
        let right = registers[other.register]
        if left.isCompatible(with: right) { continue }
        // The one that begins later is the one that stands in the way.
        let isLater = left.address > right.address
        let (later, earlier) =
          isLater ? (place.register, other.register) : (other.register, place.register)
        throw DeviceProfileProblem(
          field: "registers[\(later)].\(registers[later].isSplit ? "addresses" : "address")",
          expected: "an address that registers[\(earlier)] doesn't take as well")
      }
    }
  }

  /// A register that turns a sign holds nothing else, and turns the parts of one quantity only.
  private func checkReversals() throws(DeviceProfileProblem) {
    for (index, register) in registers.enumerated() {
      guard let reversal = register.reversedBy else { continue }
      let table = register.table ?? manners.table
      for other in registers where (other.table ?? manners.table) == table {
        let isTaken = other.wordAddresses.contains(reversal.address)
        let isShared =
          other.reversedBy?.address == reversal.address
          && (other.quantity != register.quantity || other.sign != register.sign
            || other.reversedBy != reversal)
        if isTaken || isShared {
          throw DeviceProfileProblem(
            field: "registers[\(index)].reversedBy.address",
            expected: "a register that no other quantity is read from")
        }
      }
    }
  }
}

extension DeviceRegister {
  /// Whether both can lie in one place: the same number read for two quantities, or different bits.
  fileprivate func isCompatible(with other: DeviceRegister) -> Bool {
    guard addresses == other.addresses, type == other.type, wordOrder == other.wordOrder,
      reversedBy == nil, other.reversedBy == nil
    else { return false }
    if let mask, let another = other.mask, mask & another == 0 { return true }
    return mask == other.mask && quantity != other.quantity
  }
}
