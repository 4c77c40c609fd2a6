extension DeviceRegister {
  /// Takes a register from the object that describes it; what only shows beside the other
  /// registers is checked by the profile.
  init(_ entry: inout JSON5Reader) throws(JSON5Error) {
    let quantity = try entry.requiredChoice("quantity", of: DeviceQuantity.self)
    let first = try entry.integer("address", in: 0...65_535)
    let split = try entry.integers("addresses", in: 0...65_535, atMost: 4)
    let type = try entry.requiredChoice("type", of: RegisterType.self)
    guard let address = first ?? split.first else {
      throw entry.missing("address", "a zero-based register number")
    }
    guard first == nil || split.isEmpty else {
      throw entry.error("addresses", "expected either address or addresses, found both")
    }
    guard split.count != 1 else {
      throw entry.error("addresses", "expected two or more, found one: write address")
    }
    let table = try entry.choice("table", of: RegisterTable.Name.self)
    let wordOrder = try entry.choice("wordOrder", of: RegisterType.WordOrder.self)
    let scale = try entry.scale("scale")
    let offset = try entry.integer(
      "offset", in: -Self.largestOffset...Self.largestOffset, unit: "counts")
    let sign = try entry.sign("sign")
    let sentinels = try entry.patterns("sentinel", atMost: 8)
    let mask = try entry.patterns("mask", atMost: 1).first
    let reversedBy = try Self.reversal(&entry)
    let isFallback = try entry.boolean("fallback")
    let isSlow = try entry.boolean("slow")
    let states = try Self.states(&entry)
    try entry.finish()
    do { try self.init(quantity: quantity, address: Int(address), type: type) } catch {
      throw entry.error(error.field, "expected \(error.expected)")
    }
    if !split.isEmpty { addresses = split.map(Int.init) }
    self.table = table?.table
    self.wordOrder = wordOrder
    self.scale = scale
    self.offset = offset ?? 0
    self.sign = sign
    self.sentinels = sentinels
    self.mask = mask
    self.reversedBy = reversedBy
    self.isFallback = isFallback ?? false
    self.isSlow = isSlow ?? false
    self.states = states
  }

  private static func reversal(_ entry: inout JSON5Reader) throws(JSON5Error) -> Reversal? {
    guard var fields = try entry.object("reversedBy") else { return nil }
    let address = try fields.requiredInteger("address", in: 0...65_535)
    let mask = try fields.integer("mask", in: 1...65_535) ?? 0xFFFF
    let equals = try fields.requiredInteger("equals", in: 0...65_535)
    try fields.finish()
    return Reversal(
      address: Int(address), mask: UInt16(truncatingIfNeeded: mask),
      equals: UInt16(truncatingIfNeeded: equals))
  }

  private static func states(
    _ entry: inout JSON5Reader
  ) throws(JSON5Error) -> [UInt64: OperatingState] {
    guard var fields = try entry.object("states") else { return [:] }
    guard (1...64).contains(fields.names.count) else {
      throw entry.error("states", "expected 1 to 64 of the maker's numbers")
    }
    var states: [UInt64: OperatingState] = [:]
    for name in fields.names {
      let number =
        name.lowercased().hasPrefix("0x")
        ? UInt64(name.dropFirst(2), radix: 16) : UInt64(name)
      guard let number, states[number] == nil else {
        throw fields.error(name, "expected the maker's number, such as 3 or 0x200, each once")
      }
      let words = OperatingState.allCases.map(\.word).joined(separator: ", ")
      let word = try fields.requiredText(name, "one of " + words)
      guard let state = OperatingState(word: word) else {
        throw fields.error(name, "expected one of \(words), found \"\(word.prefix(40))\"")
      }
      states[number] = state
    }
    return states
  }
}
