/// A JSON value (RFC 8259) that keeps what it does not understand.
///
/// Request bodies are a household's own and pass through: keys stay in their order and numbers keep
/// their digits, so nothing is rounded on its way to the engine.
enum JSONValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// The digits as they were written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  struct Member: Hashable, Sendable {
    var key: String
    var value: JSONValue
  }

  static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

  /// An object of these members, in this order.
  static func members(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
    .object(members.map { Member(key: $0.key, value: $0.value) })
  }

  /// The member of an object; nil where there is none. Setting nil removes it.
  subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members.first { $0.key == key }?.value
    }
    set {
      guard case .object(var members) = self else { return }
      let position = members.firstIndex { $0.key == key }
      switch (position, newValue) {
      case (let position?, let value?): members[position].value = value
      case (let position?, nil): members.remove(at: position)
      case (nil, let value?): members.append(Member(key: key, value: value))
      case (nil, nil): return
      }
      self = .object(members)
    }
  }

  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  var isObject: Bool {
    if case .object = self { true } else { false }
  }

  /// A whole number that fits; nil for fractions and exponents.
  var integer: Int64? {
    if case .number(let digits) = self { Int64(digits) } else { nil }
  }
}
