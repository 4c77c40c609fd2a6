/// Why the device profiles could not be loaded: the file, and what is wrong in it.
public struct ProfileError: Error, Hashable, Sendable, CustomStringConvertible {
  public let file: String
  public let problem: String

  public init(file: String, problem: String) {
    self.file = file
    self.problem = problem
  }

  public var description: String { "\(file): \(problem)" }
}
