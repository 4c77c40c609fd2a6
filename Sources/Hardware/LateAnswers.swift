import Sites

/// What units on a serial line were asked and have not answered: it may still come.
struct LateAnswers {
  private struct Pending {
    let function: UInt8
    let length: Int?
    /// In nanoseconds of the steady clock.
    let asked: Int64
  }

  /// No device is known to answer later than this.
  private static let latest: Int64 = 30_000_000_000

  private var pending: [UInt8: [Pending]] = [:]

  /// Notes that `request` went out.
  mutating func asked(_ request: ModbusRequest, now: Int64 = Deadline.now) {
    pending[request.unit, default: []].removeAll { now - $0.asked > Self.latest }
    pending[request.unit, default: []].append(
      Pending(function: request.function, length: request.answerLength, asked: now))
  }

  /// Notes that the unit answered what it was asked last: it answers in turn, so no more of what
  /// it was asked before will come.
  mutating func answered(unit: UInt8) { pending[unit] = nil }

  /// Whether an answer that is still out would look like the answer to `request`.
  func mayBeTaken(for request: ModbusRequest, now: Int64 = Deadline.now) -> Bool {
    pending[request.unit, default: []].contains {
      $0.function == request.function && $0.length == request.answerLength
        && now - $0.asked <= Self.latest
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
