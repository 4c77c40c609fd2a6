/// A command that came in by text, whichever way.
public struct TextMessage: Hashable, Sendable {
  /// Pairs a reply with its message within one run of the node.
  public struct Identifier: Hashable, Comparable, Sendable {
    public let value: Int64
    public init(_ value: Int64) { self.value = value }
    public static func < (left: Identifier, right: Identifier) -> Bool {
      left.value < right.value
    }
  }

  /// Where it came from, which decides what it may do.
  public enum Origin: Hashable, Sendable {
    /// The control socket or the serial console: whoever has it has the board.
    case local
    /// An SMS; the number can be forged, so it may read and nothing else.
    case sms(number: String)
  }

  public let id: Identifier
  public let origin: Origin
  public let text: String

  public init(id: Identifier, origin: Origin, text: String) {
    self.id = id
    self.origin = origin
    self.text = text
  }
}
