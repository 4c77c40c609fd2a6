/// One thing that a look at a house's devices has shown.
public struct HouseFinding: Hashable, Sendable {
  /// How much it matters.
  public enum Weight: Int, Hashable, Sendable, Comparable {
    /// As it should be.
    case fine
    /// The house can be read, and something can't be done or trusted.
    case doubtful
    /// Something is wired or set wrongly, or a device can't be read.
    case wrong

    public static func < (left: Weight, right: Weight) -> Bool { left.rawValue < right.rawValue }
  }

  public let weight: Weight
  /// The device that it is about; nil for the house.
  public let device: DeviceName?
  /// What is seen, in one line.
  public let text: String
  /// What to do; empty where there is nothing to do.
  public let advice: String

  public init(_ weight: Weight, device: DeviceName? = nil, _ text: String, advice: String = "") {
    self.weight = weight
    self.device = device
    self.text = text
    self.advice = advice
  }
}
