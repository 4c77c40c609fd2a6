/// An angle in microdegrees.
public struct Angle: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(microdegrees: Int64) { self.rawValue = microdegrees }
  public init(degrees: Int64) { self.rawValue = degrees * 1_000_000 }

  public var microdegrees: Int64 { rawValue }
}
