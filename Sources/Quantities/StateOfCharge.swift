/// A battery's state of charge in thousandths of its usable capacity, 0 to 1000.
public struct StateOfCharge: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(permille: Int64) { self.rawValue = permille }
  public init(percent: Int64) { self.rawValue = percent * 10 }

  public static let empty = StateOfCharge(permille: 0)
  public static let full = StateOfCharge(permille: 1000)

  public var permille: Int64 { rawValue }

  /// Whole percent, rounded down: a battery says "full" only when it is.
  public var percent: Int64 { rawValue / 10 }

  /// The energy held at this state in a battery of `capacity`, rounded toward zero.
  public func energy(of capacity: Energy) -> Energy { capacity.scaled(by: rawValue, over: 1000) }
}
