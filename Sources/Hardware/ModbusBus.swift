import Glibc
import Quantities
import Sites

/// A Modbus TCP address whose devices take turns on one connection.
///
/// Many inverters accept one connection only, so all units at one address share a bus. After a
/// time-out or an answer that is none, the connection is closed, so that a late answer can't be
/// taken for the next one's; the next read connects anew. Nothing is retried but a read on a
/// connection that the device had closed while it was idle, and that once.
public actor ModbusBus {
  private let executor: ModbusExecutor
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  public nonisolated let host: String
  public nonisolated let port: UInt16
  /// How long to wait for a connection, and for each whole answer.
  public nonisolated let timeout: TimeSpan

  private var connection: ModbusConnection?
  private var connectionCount = 0
  private let clock = ContinuousClock()
  private var lastAnswer: ContinuousClock.Instant?

  /// - Parameters:
  ///   - host: an address or a name.
  ///   - timeout: for connecting and for each answer; held to 50 ms to 30 s.
  public init(host: String, port: UInt16 = 502, timeout: TimeSpan = TimeSpan(seconds: 2)) {
    self.host = host
    self.port = port
    self.timeout = timeout.clamped(to: TimeSpan(milliseconds: 50)...TimeSpan(seconds: 30))
    executor = ModbusExecutor(label: "modbus \(host):\(port)")
  }

  /// Makes sure that there is a connection and says which, counted from 1.
  ///
  /// A new number means that what was discovered over an older one may no longer hold.
  @discardableResult
  public func connect(pace: ModbusPace = .unhurried) throws(ModbusError) -> Int {
    try connected(pace).number
  }

  /// Reads `span` from the device `unit`.
  public func read(
    _ span: RegisterSpan, unit: UInt8, pace: ModbusPace = .unhurried
  ) throws(ModbusError) -> [UInt16] {
    let connection = try connected(pace)
    do throws(ModbusError) {
      return try read(span, unit: unit, pace: pace, on: connection)
    } catch {
      guard error.code == .unreachable, connection.isProven else { throw error }
      return try read(span, unit: unit, pace: pace, on: try connected(pace))
    }
  }

  /// Closes the connection; the next read opens another.
  public func disconnect() { connection = nil }

  private func connected(_ pace: ModbusPace) throws(ModbusError) -> ModbusConnection {
    if let connection { return connection }
    connectionCount += 1
    let made = try ModbusConnection(
      host: host, port: port, number: connectionCount, timeout: timeout)
    connection = made
    lastAnswer = nil
    rest(pace.connectDelay)
    return made
  }

  private func read(
    _ span: RegisterSpan, unit: UInt8, pace: ModbusPace, on connection: ModbusConnection
  ) throws(ModbusError) -> [UInt16] {
    if let lastAnswer {
      let gone = lastAnswer.duration(to: clock.now) / .milliseconds(1)
      rest(pace.gap - TimeSpan(milliseconds: Int64(max(gone, 0))))
    }
    defer { lastAnswer = clock.now }
    do throws(ModbusError) {
      return try connection.read(span, unit: unit)
    } catch {
      // A refusal is a whole answer; after anything else the stream can't be trusted.
      if case .refused = error.code { throw error }
      self.connection = nil
      throw error
    }
  }

  /// Blocks the bus's own queue: nothing else may use the device meanwhile.
  private func rest(_ span: TimeSpan) {
    guard span > .zero else { return }
    let end = clock.now + .milliseconds(span.milliseconds)
    while clock.now < end {
      // A signal cuts the sleep short; less than a second at a time is what usleep promises.
      usleep(UInt32(min(max((end - clock.now) / .microseconds(1), 1), 900_000)))
    }
  }
}
