/// A price of computing in millicredits per million output tokens.
public struct TokenPrice: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(millicreditsPerMillionTokens: Int64) { rawValue = millicreditsPerMillionTokens }
  public init(creditsPerMillionTokens: Int64) { rawValue = creditsPerMillionTokens * 1000 }

  public var millicreditsPerMillionTokens: Int64 { rawValue }

  /// The highest price: a million credits per million tokens.
  public static let maximum = TokenPrice(creditsPerMillionTokens: 1_000_000)

  /// What `tokens` cost at this price, rounded toward zero to a millicredit.
  public func cost(ofTokens tokens: Int64) -> Credits {
    Credits(rawValue: scaled(by: tokens, over: 1_000_000).rawValue)
  }
}
