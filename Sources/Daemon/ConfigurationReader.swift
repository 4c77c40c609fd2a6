import Quantities
import Sites

/// Takes the fields of one object out of a configuration file, each once, and refuses the rest.
struct ConfigurationReader {
  let file: String
  /// The path to this object: "", "market", "devices[1]".
  let path: String
  let line: Int
  private let members: [JSON5Node.Member]
  private var known: [String] = []

  init(file: String, path: String, node: JSON5Node) throws(ConfigurationError) {
    guard case .object(let members) = node.value else {
      throw ConfigurationError(
        file: file, line: node.line, field: path,
        message: "expected an object { … }, found \(node.kind)")
    }
    self.file = file
    self.path = path
    self.line = node.line
    self.members = members
  }

  func error(_ name: String, _ message: String) -> ConfigurationError {
    let line = members.first { $0.name == name }?.line ?? self.line
    return ConfigurationError(file: file, line: line, field: field(name), message: message)
  }

  private func field(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// The field's value; nil when it is absent.
  mutating func node(_ name: String) -> JSON5Node? {
    known.append(name)
    return members.first { $0.name == name }?.node
  }

  mutating func text(_ name: String, _ expected: String) throws(ConfigurationError) -> String? {
    guard let node = node(name) else { return nil }
    guard case .string(let text) = node.value else {
      throw error(name, "expected \(expected) in quotes, found \(node.kind)")
    }
    return text
  }

  mutating func requiredText(
    _ name: String, _ expected: String
  ) throws(ConfigurationError) -> String {
    guard let text = try text(name, expected) else { throw missing(name, expected) }
    return text
  }

  /// What to say of a field that must be there: its name misspelt, if it stands there so.
  func missing(_ name: String, _ expected: String) -> ConfigurationError {
    let misspelt = members.first { member in
      Self.distance(member.name, name) <= 1
        || member.name.lowercased().sorted() == name.lowercased().sorted()
    }
    if let misspelt {
      return error(misspelt.name, "unknown field: did you mean \(name)?")
    }
    return error(name, "missing: expected \(expected)")
  }

  mutating func boolean(_ name: String) throws(ConfigurationError) -> Bool? {
    guard let node = node(name) else { return nil }
    guard case .boolean(let value) = node.value else {
      throw error(name, "expected true or false, found \(node.kind)")
    }
    return value
  }

  mutating func integer(
    _ name: String, in range: ClosedRange<Int64>, unit: String = ""
  ) throws(ConfigurationError) -> Int64? {
    guard let node = node(name) else { return nil }
    let what = unit.isEmpty ? "a whole number" : "whole \(unit)"
    guard case .number(let text) = node.value, let value = Int64(text), range.contains(value)
    else {
      throw error(
        name, "expected \(what) from \(range.lowerBound) to \(range.upperBound), found \(node.kind)"
      )
    }
    return value
  }

  /// A decimal number in thousandths: "12.5" is 12500. At most three digits after the point.
  mutating func thousandths(
    _ name: String, in range: ClosedRange<Int64>, unit: String
  ) throws(ConfigurationError) -> Int64? {
    guard let node = node(name) else { return nil }
    guard case .number(let text) = node.value, let value = Self.thousandths(text),
      range.contains(value)
    else {
      let low = DecimalText.thousandths(range.lowerBound, places: 0)
      let high = DecimalText.thousandths(range.upperBound, places: 0)
      throw error(
        name,
        "expected \(unit) from \(low) to \(high), at most three digits after the point, "
          + "found \(node.kind)")
    }
    return value
  }

  static func thousandths(_ text: String) -> Int64? {
    let negative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" || $0 == "+" }
      .split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2 else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard fraction.count <= 3, let whole = Int64(first.isEmpty ? "0" : String(first)),
      let part = Int64(fraction + String(repeating: "0", count: 3 - fraction.count)),
      whole <= magnitudeLimit / 1000
    else { return nil }
    return (whole * 1000 + part) * (negative ? -1 : 1)
  }

  /// A reader of the object in this field; nil when it is absent.
  mutating func object(_ name: String) throws(ConfigurationError) -> ConfigurationReader? {
    guard let node = node(name) else { return nil }
    return try ConfigurationReader(file: file, path: field(name), node: node)
  }

  /// The elements of a list; none when it is absent.
  mutating func list(
    _ name: String, atMost limit: Int
  ) throws(ConfigurationError) -> [JSON5Node] {
    guard let node = node(name) else { return [] }
    guard case .array(let elements) = node.value else {
      throw error(name, "expected a list [ … ], found \(node.kind)")
    }
    guard elements.count <= limit else {
      throw error(name, "expected at most \(limit) elements, found \(elements.count)")
    }
    return elements
  }

  mutating func objects(
    _ name: String, atMost limit: Int
  ) throws(ConfigurationError) -> [ConfigurationReader] {
    var readers: [ConfigurationReader] = []
    for (index, node) in try list(name, atMost: limit).enumerated() {
      readers.append(
        try ConfigurationReader(file: file, path: "\(field(name))[\(index)]", node: node))
    }
    return readers
  }

  mutating func texts(
    _ name: String, _ expected: String, atMost limit: Int
  ) throws(ConfigurationError) -> [String] {
    var texts: [String] = []
    for (index, node) in try list(name, atMost: limit).enumerated() {
      guard case .string(let text) = node.value else {
        throw ConfigurationError(
          file: file, line: node.line, field: "\(field(name))[\(index)]",
          message: "expected \(expected) in quotes, found \(node.kind)")
      }
      texts.append(text)
    }
    return texts
  }

  /// Refuses every field that was not asked for; call it last.
  func finish() throws(ConfigurationError) {
    guard let stranger = members.first(where: { !known.contains($0.name) }) else { return }
    let nearest = known.min {
      let left = Self.distance($0, stranger.name)
      let right = Self.distance($1, stranger.name)
      return left == right ? $0 < $1 : left < right
    }
    let hint =
      nearest.flatMap { Self.distance($0, stranger.name) <= 1 + $0.count / 2 ? $0 : nil }
      .map { "did you mean \($0)?" }
      ?? "expected one of \(known.sorted().joined(separator: ", "))"
    throw error(stranger.name, "unknown field: \(hint)")
  }

  /// How many letters must be put in, left out or changed to get from one name to the other.
  static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.lowercased())
    var row = Array(0...right.count)
    for (index, letter) in left.lowercased().enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let change = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(change, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
