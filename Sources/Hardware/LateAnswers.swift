import Sites

/// What units on a serial line were asked and have not answered: it may still come.
struct LateAnswers {
  private struct Pending: Equatable {
    let function: UInt8
    let length: Int?
  }

  /// The most that is remembered of a unit; it is long dead then, and the oldest is forgotten.
  private static let maximumCount = 32

  private var pending: [UInt8: [Pending]] = [:]

  /// Notes that `request` went out.
  mutating func asked(_ request: ModbusRequest) {
    let new = Pending(function: request.function, length: request.answerLength)
    var known = pending[request.unit, default: []].filter { $0 != new }
    if known.count >= Self.maximumCount { known.removeFirst() }
    pending[request.unit] = known + [new]
  }

  /// Notes that the unit answered what it was asked last: it answers in turn, so no more of what
  /// it was asked before will come.
  mutating func answered(unit: UInt8) { pending[unit] = nil }

  /// Whether an answer that is still out would look like the answer to `request`.
  func mayBeTaken(for request: ModbusRequest) -> Bool {
    pending[request.unit, default: []].contains {
      $0.function == request.function && $0.length == request.answerLength
    }
  }

  /// A harmless read of the same unit whose answer looks like none that is still out, nor like the
  /// answer to `request`.
  func question(before request: ModbusRequest) -> ModbusRequest {
    let span = request.span
    let table = span?.table ?? .holding
    let address = span?.address ?? request.write?.address ?? 0
    func question(_ count: Int) -> ModbusRequest {
      let start = min(address, 65536 - count)
      return .read(RegisterSpan(table: table, address: start, count: count), unit: request.unit)
    }
    // Near the wanted length, so that what the device has is likely asked for.
    let wanted = span?.count ?? 1
    let counts = (1...RegisterSpan.maximumCount).sorted {
      (abs($0 - wanted), $0) < (abs($1 - wanted), $1)
    }
    let count = counts.first {
      question($0).answerLength != request.answerLength && !mayBeTaken(for: question($0))
    }
    return question(count ?? 1)
  }
}
