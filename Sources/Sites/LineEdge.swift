/// One change of an input line, as the kernel saw it.
public struct LineEdge: Hashable, Sendable {
  /// When it was, on the clock that nobody sets, taken in the kernel's interrupt handler.
  public let nanoseconds: Int64
  /// Whether the line is active after it; the kernel reads the level a moment after the time.
  public let isActive: Bool
  /// Counts the line's edges, lost ones among them; nil where nobody counts (libgpiod 1.6).
  public let number: UInt32?

  public init(nanoseconds: Int64, isActive: Bool, number: UInt32? = nil) {
    self.nanoseconds = nanoseconds
    self.isActive = isActive
    self.number = number
  }
}
