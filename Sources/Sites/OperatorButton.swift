/// What the owner did with the button.
public enum ButtonPress: String, Hashable, Sendable {
  /// Pressed and let go: hold jobs, or let them go on.
  case short
  /// Held for five seconds: everything off.
  case long
}

/// The one button of a node without a screen.
///
/// A short press acts when it is let go, a long one while it is still held, so that who holds it
/// sees that it did. Bounces are shorter than a press and make none.
public struct OperatorButton: Hashable, Sendable {
  static let shortestPress: Int64 = 50_000_000
  /// From here on it is a long press, in nanoseconds.
  public static let longPress: Int64 = 5_000_000_000

  private var pressedAt: Int64?
  private var isSpent = false

  public init() {}

  /// When `elapsed` is to be called, in nanoseconds of the edges' clock; nil when not pressed.
  public var deadline: Int64? { isSpent ? nil : pressedAt.map { $0 + Self.longPress } }

  /// The button went down (active) or up.
  public mutating func take(_ edge: LineEdge) -> ButtonPress? {
    if edge.isActive {
      if pressedAt == nil { pressedAt = edge.nanoseconds }
      return nil
    }
    defer {
      pressedAt = nil
      isSpent = false
    }
    guard let pressedAt, !isSpent else { return nil }
    let held = edge.nanoseconds - pressedAt
    guard held >= Self.shortestPress else { return nil }
    return held >= Self.longPress ? .long : .short
  }

  /// Time passed: whether this made a long press of it.
  public mutating func elapsed(atNanoseconds now: Int64) -> ButtonPress? {
    guard let deadline, now >= deadline else { return nil }
    isSpent = true
    return .long
  }
}
