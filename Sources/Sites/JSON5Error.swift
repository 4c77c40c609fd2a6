/// What is wrong with a JSON5 file: one line that names file, line, field and remedy.
public struct JSON5Error: Error, Hashable, Sendable, CustomStringConvertible {
  public let file: String
  /// Counted from 1; nil when the file as a whole is meant.
  public let line: Int?
  /// The path to the field, "devices[1].port"; empty for the syntax.
  public let field: String
  public let message: String

  public init(file: String, line: Int?, field: String, message: String) {
    self.file = file
    self.line = line
    self.field = field
    self.message = message
  }

  /// "line 7: registers[3].scale: expected …": what is wrong, without the file's name.
  public var problem: String {
    let place = line.map { "line \($0): " } ?? ""
    return field.isEmpty ? place + message : "\(place)\(field): \(message)"
  }

  public var description: String {
    let place = line.map { "\(file):\($0)" } ?? file
    return field.isEmpty ? "\(place): \(message)" : "\(place): \(field): \(message)"
  }
}
