extension RegisterDump {
  /// Reads a dump from its text; the first line that is none is thrown.
  public init(text: [UInt8]) throws(RegisterDumpError) {
    guard text.count <= Self.maximumBytes else {
      throw RegisterDumpError(
        line: 1, message: "\(text.count) bytes; expected at most \(Self.maximumBytes)")
    }
    let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    self.init(device: "", image: RegisterImage())
    for (index, line) in lines.enumerated() {
      do { try take(Self.trimmed(line)) } catch {
        throw RegisterDumpError(line: index + 1, message: error.text)
      }
    }
    guard !device.isEmpty else {
      throw RegisterDumpError(line: 1, message: "expected # device and a profile's name")
    }
  }

  private struct Refusal: Error { let text: String }

  private static func trimmed(_ line: String) -> Substring {
    // By scalars: a mark that combines with a blank before it would go with the blank. Blanks of
    // every kind become spaces, as they are written.
    let blank: Unicode.Scalar = " "
    var scalars = line.unicodeScalars.map { $0.properties.isWhitespace ? blank : $0 }[...]
    while scalars.last == blank { scalars.removeLast() }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars.drop { $0 == blank })
    return Substring(String(text))
  }

  private mutating func take(_ line: Substring) throws(Refusal) {
    guard !line.isEmpty else { return }
    if line.utf8.first == UInt8(ascii: "#") {
      try takeComment(Substring(line.unicodeScalars.dropFirst()))
      return
    }
    guard !device.isEmpty else {
      throw Refusal(text: "expected # device and a profile's name before anything else")
    }
    let words = line.split(whereSeparator: \.isWhitespace)
    switch words[0] {
    case "holding": try takeRegisters(words.dropFirst(), in: .holding)
    case "input": try takeRegisters(words.dropFirst(), in: .input)
    case "means": try takeMeaning(Array(words.dropFirst()))
    default:
      throw Refusal(text: "expected holding, input, means or #, found \(words[0].prefix(40))")
    }
  }

  private mutating func takeComment(_ line: Substring) throws(Refusal) {
    let text = Self.trimmed(String(line))
    guard device.isEmpty else {
      remarks.append(String(text))
      return
    }
    guard text.hasPrefix("device ") else {
      throw Refusal(text: "expected # device and a profile's name in the first line")
    }
    let name = Self.trimmed(String(text.dropFirst("device ".count)))
    guard !name.isEmpty, name.utf8.allSatisfy({ (33...126).contains($0) }) else {
      throw Refusal(text: "expected a profile's name, found \"\(name.prefix(40))\"")
    }
    device = String(name)
  }

  private mutating func takeRegisters(
    _ words: ArraySlice<Substring>, in table: RegisterTable
  ) throws(Refusal) {
    guard let first = words.first, first.hasSuffix(":"), let address = Int(first.dropLast()),
      (0...65_535).contains(address)
    else { throw Refusal(text: "expected a zero-based register number and a colon") }
    var values: [UInt16] = []
    for word in words.dropFirst() {
      guard word.utf8.count == 4, word.allSatisfy(\.isHexDigit), let value = UInt16(word, radix: 16)
      else {
        throw Refusal(text: "expected four hexadecimal digits, found \(word.prefix(40))")
      }
      values.append(value)
    }
    guard (1...RegisterSpan.maximumCount).contains(values.count),
      address + values.count <= 65_536
    else {
      throw Refusal(text: "expected 1 to 125 registers up to 65535, found \(values.count)")
    }
    let end = address + values.count
    let taken = image.blocks(of: table).first { $0.address < end && address < $0.end }
    guard taken == nil else {
      throw Refusal(text: "expected registers that no line before has given")
    }
    image.write(values, at: address, in: table)
  }

  private mutating func takeMeaning(_ words: [Substring]) throws(Refusal) {
    guard let name = words.first, let quantity = DeviceQuantity(rawValue: String(name)) else {
      let names = DeviceQuantity.allCases.map(\.rawValue).joined(separator: ", ")
      throw Refusal(text: "expected one of \(names)")
    }
    guard !meanings.contains(where: { $0.quantity == quantity }) else {
      throw Refusal(text: "what \(quantity.rawValue) means is said already")
    }
    let value: Int64?
    switch (words.count, quantity) {
    case (2, _) where words[1] == "unknown": value = nil
    case (2, .operatingState):
      guard let state = OperatingState(word: String(words[1])) else {
        let states = OperatingState.allCases.map(\.word).joined(separator: ", ")
        throw Refusal(text: "expected one of \(states)")
      }
      value = state.rawValue
    case (3, _) where quantity != .operatingState:
      value = try Self.value(words[1], unit: words[2], of: quantity)
    default: throw Refusal(text: "expected a value and its unit, or unknown")
    }
    meanings.append(Meaning(quantity: quantity, value: value))
  }

  private static func value(
    _ text: Substring, unit: Substring, of quantity: DeviceQuantity
  ) throws(Refusal) -> Int64 {
    guard let thousandths = JSON5Reader.decimal(String(text), places: 3) else {
      throw Refusal(text: "expected a number with at most three digits after the point")
    }
    if unit == quantity.unit {
      let divisor = 1000 / quantity.base
      guard thousandths % divisor == 0 else {
        throw Refusal(text: "expected at most one digit after the point")
      }
      return thousandths / divisor
    }
    guard quantity.unit == "Wh", unit == "kWh", thousandths.magnitude <= 1_000_000_000_000 else {
      throw Refusal(text: "expected \(quantity.unit), found \(unit.prefix(20))")
    }
    return thousandths * 1000
  }
}
