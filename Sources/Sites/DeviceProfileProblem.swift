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

  /// The same, seen from one object further out.
  func within(_ path: String) -> DeviceProfileProblem {
    DeviceProfileProblem(field: "\(path).\(field)", expected: expected)
  }
}
