/// What a server sends for one request, and whether it hangs up then.
public struct ServedAnswer: Hashable, Sendable {
  /// Sent as they are, a whole frame or what a broken device makes of it; empty is silence.
  public var bytes: [UInt8]
  /// Whether the connection is closed behind them.
  public var hangsUp: Bool

  public init(_ bytes: [UInt8], hangsUp: Bool = false) {
    self.bytes = bytes
    self.hangsUp = hangsUp
  }
}

/// Answers one request by calling back exactly once, at once or later, from any thread.
///
/// It is called on the server's own thread and must not block there. Each client has one request
/// with the handler at a time; what it sends meanwhile waits in its socket.
public typealias ModbusHandler =
  @Sendable (ModbusRequest, @escaping @Sendable (ServedAnswer) -> Void) -> Void
