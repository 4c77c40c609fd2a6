/// A value of a JSON5 file together with the line that it begins on.
///
/// A general decoder forgets where a value stood; someone who mistyped a field wants the line.
public struct JSON5Node: Hashable, Sendable {
  /// What stands there.
  public indirect enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// A number in decimal, as it was written: "12.5", "-3"; 0x1F becomes "31".
    case number(String)
    case string(String)
    case array([JSON5Node])
    case object([Member])
  }

  /// One field of an object, and the line of its name.
  public struct Member: Hashable, Sendable {
    public let name: String
    public let line: Int
    public let node: JSON5Node
  }

  public let line: Int
  public let value: Value

  /// What kind of value this is, for a message.
  public var kind: String {
    switch value {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let text): text
    case .string(let text): "\"\(text.prefix(40))\""
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// The line of the field that a path such as "registers[3].scale" leads to, or of the last part
  /// of the way that there is.
  public func line(of path: String) -> Int {
    var node = self
    var line = self.line
    for step in path.split(whereSeparator: { $0 == "." || $0 == "[" || $0 == "]" }) {
      switch node.value {
      case .object(let members):
        guard let member = members.first(where: { $0.name == step }) else { return line }
        line = member.line
        node = member.node
      case .array(let elements):
        guard let index = Int(step), elements.indices.contains(index) else { return line }
        node = elements[index]
        line = node.line
      default: return line
      }
    }
    return line
  }
}
