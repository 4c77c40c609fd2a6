/// A value of a JSON5 file together with the line that it begins on.
///
/// A general decoder forgets where a value stood; someone who mistyped a field wants the line.
struct JSON5Node: Hashable, Sendable {
  indirect enum Value: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// A number as it was written, decimal: "12.5", "-3".
    case number(String)
    case string(String)
    case array([JSON5Node])
    case object([Member])
  }

  struct Member: Hashable, Sendable {
    let name: String
    let line: Int
    let node: JSON5Node
  }

  let line: Int
  let value: Value

  /// What kind of value this is, for a message.
  var kind: String {
    switch value {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let text): text
    case .string(let text): "\"\(text.prefix(40))\""
    case .array: "a list"
    case .object: "an object"
    }
  }
}
