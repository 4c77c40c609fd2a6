/// What is wrong in a device profile: the field, and what was expected there.
public struct DeviceProfileProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The way to the field, such as `registers[3].scale`.
  public let field: String
  /// What should stand there, in words for a person.
  public let expected: String

  public init(field: String, expected: String) {
    self.field = field
    self.expected = expected
  }

  public var description: String { "\(field): expected \(expected)" }

  /// The way that a decoder took, written as `registers[3].scale`.
  public static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce("") { path, key in
      if let index = key.intValue { return path + "[\(index)]" }
      return path.isEmpty ? key.stringValue : path + "." + key.stringValue
    }
  }
}
