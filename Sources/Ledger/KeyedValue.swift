/// A small value to store under a key, or nil to remove it.
public struct KeyedValue: Hashable, Sendable {
  public let key: String
  public let value: [UInt8]?

  public init(key: String, value: [UInt8]?) {
    self.key = key
    self.value = value
  }
}
