/// How characters go over a serial line.
public struct SerialFormat: Hashable, Sendable {
  /// The bit that checks the others.
  public enum Parity: String, Hashable, Sendable, CaseIterable {
    case none, even, odd
  }

  /// The speeds that a line may have, in bits a second.
  public static let speeds: [Int] = [
    1200, 2400, 4800, 9600, 14_400, 19_200, 38_400, 57_600, 115_200,
  ]

  public var baud: Int
  public var parity: Parity
  /// 1 or 2.
  public var stopBits: Int

  public init(baud: Int = 9600, parity: Parity = .none, stopBits: Int = 1) {
    self.baud = baud
    self.parity = parity
    self.stopBits = stopBits
  }
}
