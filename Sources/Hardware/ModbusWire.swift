import Quantities

/// What carries requests to a bus's devices and brings their answers.
protocol ModbusWire: AnyObject {
  /// Whether it has carried an answer: one that has and then breaks was probably just idle.
  var isProven: Bool { get }
  /// Sends a request and waits for its answer: the data behind the function.
  func exchange(
    _ request: ModbusRequest, timeout: TimeSpan
  ) throws(ExchangeFault) -> ArraySlice<UInt8>
  /// Gives it up at once, whoever still holds it: many devices take one connection at a time.
  func close()
  /// Whether it may be used for another request after `fault`.
  func survives(_ fault: ExchangeFault) -> Bool
}

/// Why an exchange brought no answer.
enum ExchangeFault: Error, Hashable {
  /// The connection was gone before the request was sent.
  case gone(cause: Int32)
  /// The connection broke while the answer was waited for.
  case lost(cause: Int32)
  /// Nothing, or not all of an answer, came in time.
  case silent
  /// What came was no answer to the request.
  case foreign(ModbusReply.Mismatch)
  /// On a serial line: only such bytes came as make no answer.
  case noise
  /// The device refused.
  case refused(UInt8)

  /// Whether the request may have reached the device although no answer came.
  var mayHaveArrived: Bool {
    switch self {
    case .gone, .refused: false
    case .lost, .silent, .foreign, .noise: true
    }
  }
}
