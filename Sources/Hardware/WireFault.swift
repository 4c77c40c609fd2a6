/// What can become of a simulated device's answer on its way.
public enum WireFault: String, Hashable, Sendable, CaseIterable {
  /// It comes after the client has given up; the server's handler waits before it calls back.
  case late
  /// It bears the next unit's number.
  case wrongUnit = "wrong-unit"
  /// It bears the transaction of the request before.
  case wrongTransaction = "wrong-transaction"
  /// Bytes come that are no Modbus.
  case garbage
  /// Half of it comes.
  case half
  /// One to three stray bytes come first.
  case noise
  /// The request comes back first.
  case echo

  /// The wire that an answer goes over.
  public enum Wire: Hashable, Sendable { case network, serialLine }

  /// What the client gets to see of `reply`, a function with its data.
  ///
  /// - Parameter choice: decides what is left to chance; any number from 0 on.
  public func mar(
    _ reply: [UInt8], to request: ModbusRequest, over wire: Wire, choice: Int
  ) -> ServedAnswer {
    switch self {
    case .late: return request.answer(reply, over: wire)
    case .wrongUnit:
      let other = ModbusRequest(
        transaction: request.transaction, unit: request.unit &+ 1, body: request.body)
      return other.answer(reply, over: wire)
    case .wrongTransaction:
      let other = ModbusRequest(
        transaction: request.transaction &- 1, unit: request.unit, body: request.body)
      return other.answer(reply, over: wire)
    case .garbage: return ServedAnswer(Self.bytes(count: 4 + choice % 30, choice: choice))
    case .half:
      let whole = request.answer(reply, over: wire).bytes
      return ServedAnswer(Array(whole.prefix(whole.count / 2)))
    case .noise:
      let strays = Self.bytes(count: 1 + choice % 3, choice: choice)
      return ServedAnswer(strays + request.answer(reply, over: wire).bytes)
    case .echo:
      let echo = request.answer(request.body, over: wire).bytes
      return ServedAnswer(echo + request.answer(reply, over: wire).bytes)
    }
  }

  /// Bytes of no meaning, the same for the same choice.
  private static func bytes(count: Int, choice: Int) -> [UInt8] {
    var state = UInt32(truncatingIfNeeded: choice) | 1
    return (0..<count).map { _ in
      // A linear congruential generator (Knuth, MMIX's and others' like it): its high bits.
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(state >> 24)
    }
  }
}

extension ModbusRequest {
  /// `reply`, a function with its data, as a whole frame of the wire.
  public func answer(_ reply: [UInt8], over wire: WireFault.Wire) -> ServedAnswer {
    switch wire {
    case .network: ServedAnswer(frame(reply))
    case .serialLine: ServedAnswer(serialFrame(reply))
    }
  }
}
