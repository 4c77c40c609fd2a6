/// The requests of a proxy's clients that wait for the device; the oldest goes first.
struct PassingRequests {
  struct Passed: Sendable {
    let request: ModbusRequest
    let pace: ModbusPace
    let reply: @Sendable ([UInt8]) -> Void
  }

  enum Admission: Hashable {
    /// None was there: somebody has to begin.
    case goes
    case waits
    /// As many wait as there may be clients.
    case refused
  }

  private var waiting: [Passed] = []
  /// Whether somebody takes one after the other.
  private var isServed = false

  mutating func add(_ passed: Passed) -> Admission {
    guard waiting.count < ModbusProxy.maximumClients else { return .refused }
    waiting.append(passed)
    guard !isServed else { return .waits }
    isServed = true
    return .goes
  }

  /// The next one; nil at the end, after which `add` says when to begin again.
  mutating func next() -> Passed? {
    isServed = !waiting.isEmpty
    return isServed ? waiting.removeFirst() : nil
  }
}
