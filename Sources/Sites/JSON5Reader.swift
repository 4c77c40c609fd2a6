import Quantities

/// Takes the fields of one object out of a JSON5 file, each once, and refuses the rest.
///
/// Every error names the file, the line, the field and what was expected there.
public struct JSON5Reader {
  public let file: String
  /// The path to this object: "", "market", "devices[1]".
  public let path: String
  public let line: Int
  private let members: [JSON5Node.Member]
  private var known: [String] = []

  /// Throws unless `node` is an object.
  public init(file: String, path: String, node: JSON5Node) throws(JSON5Error) {
    guard case .object(let members) = node.value else {
      throw JSON5Error(
        file: file, line: node.line, field: path,
        message: "expected an object { … }, found \(node.kind)")
    }
    self.file = file
    self.path = path
    self.line = node.line
    self.members = members
  }

  /// What to throw about a field of this object: it gets the field's line.
  public func error(_ name: String, _ message: String) -> JSON5Error {
    let line = members.first { $0.name == name }?.line ?? self.line
    return JSON5Error(file: file, line: line, field: field(name), message: message)
  }

  /// The names of its fields, as they stand in the file.
  var names: [String] { members.map(\.name) }

  private func field(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// The field's value; nil when it is absent.
  public mutating func node(_ name: String) -> JSON5Node? {
    known.append(name)
    return members.first { $0.name == name }?.node
  }

  /// Text in quotes; nil when the field is absent.
  public mutating func text(_ name: String, _ expected: String) throws(JSON5Error) -> String? {
    guard let node = node(name) else { return nil }
    guard case .string(let text) = node.value else {
      throw error(name, "expected \(expected) in quotes, found \(node.kind)")
    }
    return text
  }

  /// Text in quotes, which must be there.
  public mutating func requiredText(
    _ name: String, _ expected: String
  ) throws(JSON5Error) -> String {
    guard let text = try text(name, expected) else { throw missing(name, expected) }
    return text
  }

  /// What to say of a field that must be there: its name misspelt, if it stands there so.
  public func missing(_ name: String, _ expected: String) -> JSON5Error {
    let misspelt = members.first { member in
      Self.distance(member.name, name) <= 1
        || member.name.lowercased().sorted() == name.lowercased().sorted()
    }
    if let misspelt {
      return error(misspelt.name, "unknown field: did you mean \(name)?")
    }
    return error(name, "missing: expected \(expected)")
  }

  /// One of a type's words; nil when the field is absent.
  public mutating func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, of type: Choice.Type
  ) throws(JSON5Error) -> Choice? where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    guard let text = try text(name, "one of " + words) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let nearest = Choice.allCases.first { Self.distance($0.rawValue, text) <= 2 }
      let hint = nearest.map { ": did you mean \($0.rawValue)?" } ?? ""
      throw error(name, "expected one of \(words), found \"\(text.prefix(40))\"\(hint)")
    }
    return choice
  }

  /// One of a type's words, which must be there.
  public mutating func requiredChoice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, of type: Choice.Type
  ) throws(JSON5Error) -> Choice where Choice.RawValue == String {
    guard let choice = try choice(name, of: type) else {
      throw missing(name, "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  /// True or false; nil when the field is absent.
  public mutating func boolean(_ name: String) throws(JSON5Error) -> Bool? {
    guard let node = node(name) else { return nil }
    guard case .boolean(let value) = node.value else {
      throw error(name, "expected true or false, found \(node.kind)")
    }
    return value
  }

  /// A whole number within `range`; nil when the field is absent.
  public mutating func integer(
    _ name: String, in range: ClosedRange<Int64>, unit: String = ""
  ) throws(JSON5Error) -> Int64? {
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

  /// A whole number within `range`, which must be there.
  public mutating func requiredInteger(
    _ name: String, in range: ClosedRange<Int64>, unit: String = ""
  ) throws(JSON5Error) -> Int64 {
    guard let number = try integer(name, in: range, unit: unit) else {
      throw missing(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A decimal number in thousandths: "12.5" is 12500. At most three digits after the point.
  public mutating func thousandths(
    _ name: String, in range: ClosedRange<Int64>, unit: String
  ) throws(JSON5Error) -> Int64? {
    guard let node = node(name) else { return nil }
    guard case .number(let text) = node.value, let value = Self.decimal(text, places: 3),
      range.contains(value)
    else { throw misfit(name, node, range, over: 1000, unit: unit, places: "three") }
    return value
  }

  /// A decimal number in millionths: "51.3" is 51300000. At most six digits after the point.
  public mutating func millionths(
    _ name: String, in range: ClosedRange<Int64>, unit: String
  ) throws(JSON5Error) -> Int64? {
    guard let node = node(name) else { return nil }
    guard case .number(let text) = node.value, let value = Self.decimal(text, places: 6),
      range.contains(value)
    else { throw misfit(name, node, range, over: 1_000_000, unit: unit, places: "six") }
    return value
  }

  private func misfit(
    _ name: String, _ node: JSON5Node, _ range: ClosedRange<Int64>, over divisor: Int64,
    unit: String, places: String
  ) -> JSON5Error {
    let (low, high) = (range.lowerBound / divisor, range.upperBound / divisor)
    return error(
      name,
      "expected \(unit) from \(low) to \(high), at most \(places) digits after the point, "
        + "found \(node.kind)")
  }

  /// With three places (or six), "12.5" is 12500; nil for what is no decimal number of so many.
  static func decimal(_ text: String, places: Int) -> Int64? {
    let negative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" || $0 == "+" }
      .split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, parts.count <= 2 else { return nil }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    let scale: Int64 = places == 3 ? 1000 : 1_000_000
    guard fraction.count <= places, let whole = Int64(first.isEmpty ? "0" : String(first)),
      let part = Int64("0" + fraction + String(repeating: "0", count: places - fraction.count)),
      whole <= magnitudeLimit / scale
    else { return nil }
    return (whole * scale + part) * (negative ? -1 : 1)
  }

  /// A reader of the object in this field; nil when it is absent.
  public mutating func object(_ name: String) throws(JSON5Error) -> JSON5Reader? {
    guard let node = node(name) else { return nil }
    return try JSON5Reader(file: file, path: field(name), node: node)
  }

  /// The elements of a list; none when it is absent.
  public mutating func list(
    _ name: String, atMost limit: Int
  ) throws(JSON5Error) -> [JSON5Node] {
    guard let node = node(name) else { return [] }
    guard case .array(let elements) = node.value else {
      throw error(name, "expected a list [ … ], found \(node.kind)")
    }
    guard elements.count <= limit else {
      throw error(name, "expected at most \(limit) elements, found \(elements.count)")
    }
    return elements
  }

  /// Readers of the objects in a list; none when it is absent.
  public mutating func objects(
    _ name: String, atMost limit: Int
  ) throws(JSON5Error) -> [JSON5Reader] {
    var readers: [JSON5Reader] = []
    for (index, node) in try list(name, atMost: limit).enumerated() {
      readers.append(
        try JSON5Reader(file: file, path: "\(field(name))[\(index)]", node: node))
    }
    return readers
  }

  /// The texts of a list; none when it is absent.
  public mutating func texts(
    _ name: String, _ expected: String, atMost limit: Int
  ) throws(JSON5Error) -> [String] {
    var texts: [String] = []
    for (index, node) in try list(name, atMost: limit).enumerated() {
      guard case .string(let text) = node.value else {
        throw JSON5Error(
          file: file, line: node.line, field: "\(field(name))[\(index)]",
          message: "expected \(expected) in quotes, found \(node.kind)")
      }
      texts.append(text)
    }
    return texts
  }

  /// Refuses every field that was not asked for; call it last.
  public func finish() throws(JSON5Error) {
    guard let stranger = members.first(where: { !known.contains($0.name) }) else { return }
    let nearest = known.min {
      let left = Self.distance($0, stranger.name)
      let right = Self.distance($1, stranger.name)
      return left == right ? $0 < $1 : left < right
    }
    let hint =
      nearest.flatMap { Self.distance($0, stranger.name) <= 1 + $0.count / 3 ? $0 : nil }
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
