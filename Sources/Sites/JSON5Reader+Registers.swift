/// What the descriptions of registers have in common.
extension JSON5Reader {
  /// The whole numbers of a list; none when it is absent.
  mutating func integers(
    _ name: String, in range: ClosedRange<Int64>, atMost limit: Int
  ) throws(JSON5Error) -> [Int64] {
    var numbers: [Int64] = []
    for node in try list(name, atMost: limit) {
      guard case .number(let text) = node.value, let number = Int64(text), range.contains(number)
      else {
        throw error(
          name,
          "expected whole numbers from \(range.lowerBound) to \(range.upperBound), "
            + "found \(node.kind)")
      }
      numbers.append(number)
    }
    return numbers
  }

  /// One pattern of bits, or a list of them; none when the field is absent.
  mutating func patterns(_ name: String, atMost limit: Int) throws(JSON5Error) -> [UInt64] {
    guard let node = node(name) else { return [] }
    var nodes = [node]
    if case .array(let elements) = node.value { nodes = elements }
    guard (1...limit).contains(nodes.count) else {
      throw error(name, "expected 1 to \(limit) patterns of bits, found \(nodes.count)")
    }
    var patterns: [UInt64] = []
    for node in nodes {
      guard case .number(let text) = node.value, let pattern = UInt64(text) else {
        throw error(name, "expected a pattern of bits, such as 0xFFFF, found \(node.kind)")
      }
      patterns.append(pattern)
    }
    return patterns
  }

  /// What one count is worth; 1 when the field is absent.
  mutating func scale(_ name: String) throws(JSON5Error) -> RegisterScale {
    let expected = "a ratio in quotes, such as \"1/10\" or \"1000\", of numbers 1 to 10000"
    guard let text = try text(name, expected) else { return .one }
    guard let scale = RegisterScale(text: text) else {
      throw error(name, "expected \(expected), found \"\(text.prefix(40))\"")
    }
    return scale
  }

  /// 1 or −1; 1 when the field is absent.
  mutating func sign(_ name: String) throws(JSON5Error) -> DeviceRegister.Sign {
    guard let node = node(name) else { return .asRead }
    guard case .number(let text) = node.value, let number = Int64(text),
      let sign = DeviceRegister.Sign(rawValue: number)
    else { throw error(name, "expected 1 or -1, found \(node.kind)") }
    return sign
  }
}
