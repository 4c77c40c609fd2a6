/// Power of sunlight on a surface in milliwatts per square metre.
public struct Irradiance: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(milliwattsPerSquareMetre: Int64) { self.rawValue = milliwattsPerSquareMetre }
  public init(wattsPerSquareMetre: Int64) { self.rawValue = wattsPerSquareMetre * 1000 }

  public var milliwattsPerSquareMetre: Int64 { rawValue }
}
