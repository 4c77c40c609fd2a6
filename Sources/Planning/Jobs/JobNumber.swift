/// The number that a household's people call a job by: 1, 2, 3…
public struct JobNumber: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  public let value: Int64
  public init(_ value: Int64) { self.value = value }
  public static func < (left: JobNumber, right: JobNumber) -> Bool { left.value < right.value }
  public var description: String { "\(value)" }
}
