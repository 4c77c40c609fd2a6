import Quantities
import Sites
import Synchronization

/// The devices at one end point, a TCP address or a serial line, taking turns.
///
/// Many inverters accept one connection only, so all units at one address share a bus. After a
/// time-out or an answer that is none, a connection is closed and a serial line is listened to
/// until it is quiet, so that a late answer can't be taken for the next one's. Nothing is retried
/// but a read on a connection that the device had closed while it was idle, and that once.
///
/// Some gateways number their answers on their own instead of repeating the request's number. They
/// are recognised by asking (see `learnNumbering`): three fresh connections in a row, each with a
/// question of another length, bring the right answer under a wrong number. From then on this bus
/// leaves the number unchecked and relies on one question at a time, a new connection after each
/// fault, and unit, function and length.
public actor ModbusBus {
  private let executor: ModbusExecutor
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  public nonisolated let endpoint: ModbusEndpoint
  /// How long to wait for a connection, and for each whole answer, where a device's pace says no
  /// other.
  public nonisolated let timeout: TimeSpan

  private var wire: (any ModbusWire)?
  private var connectionCount = 0
  /// When the last answer came, in nanoseconds of the steady clock.
  private var lastAnswer: Int64?
  private var leavesNumbersUnchecked = false
  private var refused: RefusedRegisters
  /// What was read lately, for the bus's proxy.
  nonisolated let answers: ModbusAnswers
  /// What the proxy's clients wait for.
  private nonisolated let passing = Mutex(PassingRequests())

  /// - Parameters:
  ///   - timeout: for connecting and for each answer; held to 50 ms to 60 s. Default 2 s over TCP,
  ///     1 s on a serial line.
  ///   - maximumAge: how long what was read is kept for a proxy's clients; zero keeps nothing.
  ///   - asksAgainAfter: how long registers that a device lacks are not asked for.
  public init(
    _ endpoint: ModbusEndpoint, timeout: TimeSpan? = nil, maximumAge: TimeSpan = .zero,
    asksAgainAfter: TimeSpan = TimeSpan(minutes: 60)
  ) {
    self.endpoint = endpoint
    refused = RefusedRegisters(memory: asksAgainAfter)
    answers = ModbusAnswers(maximumAge: maximumAge)
    let usual =
      switch endpoint {
      case .tcp: TimeSpan(seconds: 2)
      case .serial: TimeSpan(seconds: 1)
      }
    self.timeout = Self.held(timeout ?? usual)
    executor = ModbusExecutor(label: "modbus \(endpoint)")
  }

  /// A bus over TCP.
  public init(
    host: String, port: UInt16 = 502, timeout: TimeSpan? = nil, maximumAge: TimeSpan = .zero
  ) {
    self.init(.tcp(host: host, port: port), timeout: timeout, maximumAge: maximumAge)
  }

  private static func held(_ timeout: TimeSpan) -> TimeSpan {
    timeout.clamped(to: TimeSpan(milliseconds: 50)...TimeSpan(seconds: 60))
  }

  /// Makes sure that there is a connection and says which, counted from 1.
  ///
  /// A new number means that what was discovered over an older one may no longer hold.
  @discardableResult
  public func connect(pace: ModbusPace = .unhurried) throws(ModbusError) -> Int {
    _ = try connected(pace)
    return connectionCount
  }

  /// Closes the connection; the next read opens another.
  public func disconnect() {
    hangUp()
    refused.forget()
  }

  private func hangUp() {
    wire?.close()
    wire = nil
  }

  /// Reads all spans of `plan`, one after the other, from the device `unit`.
  ///
  /// - Parameter numbers: the runs that must stay whole. A span that the device refuses because it
  ///   lacks some registers is cut between them; what it lacks is absent from the image, and is not
  ///   asked for again within the hour. Without any, or where the device lacks all of the plan, the
  ///   refusal is thrown.
  public func read(
    _ plan: [RegisterSpan], numbers: [RegisterSpan] = [], unit: UInt8,
    pace: ModbusPace = .unhurried
  ) throws(ModbusError) -> RegisterImage {
    var image = RegisterImage()
    var refusal: ModbusError?
    defer { if pace.disconnects { hangUp() } }
    for span in plan {
      let substitute = refused.spans(insteadOf: span, unit: unit, now: Deadline.now)
      for piece in substitute ?? [span] {
        do throws(ModbusError) {
          image.write(try words(piece, unit, pace), at: piece.address, in: piece.table)
          if substitute == nil { refused.answered(span, unit: unit) }
        } catch {
          guard error.isAboutRegisters, !numbers.isEmpty else { throw error }
          refusal = refusal ?? error
          if substitute != nil {
            refused.forget(unit: unit)
          } else {
            try readParts(of: span, numbers: numbers, unit, pace, into: &image)
          }
        }
      }
    }
    if image.isEmpty, !plan.isEmpty {
      refused.forget(unit: unit)
      if let refusal { throw refusal }
      throw try whyNothing(of: plan[0], unit, pace)
    }
    return image
  }

  /// The refusal of a span of which nothing is there, asked for anew.
  private func whyNothing(
    of span: RegisterSpan, _ unit: UInt8, _ pace: ModbusPace
  ) throws(ModbusError) -> ModbusError {
    _ = try words(span, unit, pace)
    return ModbusError(.unexpected, "unit \(unit) at \(endpoint) lacked its registers for a while")
  }

  /// Reads what the device has of `span`, by halves, and remembers it.
  private func readParts(
    of span: RegisterSpan, numbers: [RegisterSpan], _ unit: UInt8, _ pace: ModbusPace,
    into image: inout RegisterImage
  ) throws(ModbusError) {
    var open = [RefusedRegisters.pieces(of: span, numbers: numbers)]
    var had: [RegisterSpan] = []
    while let pieces = open.popLast() {
      guard let first = pieces.first, let last = pieces.last else { continue }
      let hull = RefusedRegisters.hull(first, last)
      if hull != span {
        do throws(ModbusError) {
          image.write(try words(hull, unit, pace), at: hull.address, in: hull.table)
          had.append(hull)
          continue
        } catch {
          guard error.isAboutRegisters else { throw error }
        }
      }
      guard pieces.count > 1 else { continue }
      let middle = pieces.count / 2
      open.append(Array(pieces[middle...]))
      open.append(Array(pieces[..<middle]))
    }
    refused.refused(span, but: had, unit: unit, now: Deadline.now)
  }

  /// Reads `span` from the device `unit`.
  public func read(
    _ span: RegisterSpan, unit: UInt8, pace: ModbusPace = .unhurried
  ) throws(ModbusError) -> [UInt16] {
    try words(span, unit, pace)
  }

  private func words(
    _ span: RegisterSpan, _ unit: UInt8, _ pace: ModbusPace
  ) throws(ModbusError) -> [UInt16] {
    let data = try exchange(.read(span, unit: unit), pace)
    // The first byte is the count of the others.
    let start = data.startIndex + 1
    let words = (0..<span.count).map {
      UInt16(data[start + 2 * $0]) << 8 | UInt16(data[start + 2 * $0 + 1])
    }
    answers.keep(words, of: span, unit: unit)
    return words
  }

  /// Reads `count` bits from `address` on, 1 to 2000.
  public func readBits(
    _ table: BitTable, at address: Int, count: Int, unit: UInt8, pace: ModbusPace = .unhurried
  ) throws(ModbusError) -> [Bool] {
    let data = try exchange(.readBits(table, at: address, count: count, unit: unit), pace)
    let start = data.startIndex + 1
    return (0..<count).map { data[start + $0 / 8] >> UInt8($0 % 8) & 1 == 1 }
  }

  /// Writes holding registers, once: a write is never retried.
  ///
  /// - Parameter alone: whether a single register is written with function 6, for devices that
  ///   know no other; else function 16 is used.
  /// - Throws: an error whose `mayHaveArrived` says whether the device may hold the new words.
  public func write(
    _ words: [UInt16], at address: Int, unit: UInt8, pace: ModbusPace = .unhurried,
    alone: Bool = false
  ) throws(ModbusError) {
    let write = RegisterWrite(address: address, words: words)
    defer { answers.drop(unit: unit) }
    _ = try exchange(.write(write, unit: unit, alone: alone), pace)
  }

  /// Passes on a client's request and calls back with the answer's body: the device's own, "gateway
  /// target did not answer", or "busy" where too many wait already.
  ///
  /// It takes its turn on the bus's own queue: clients wait for the device only, however busy the
  /// agent is. One at a time stands in that queue, whether its client is still there or not, so
  /// that clients who come and go never hold the agent up by more than one request.
  nonisolated func forward(
    _ request: ModbusRequest, pace: ModbusPace, reply: @escaping @Sendable ([UInt8]) -> Void
  ) {
    let passed = PassingRequests.Passed(request: request, pace: pace, reply: reply)
    switch passing.withLock({ $0.add(passed) }) {
    case .refused: reply(request.reply(exception: 6))
    case .waits: break
    case .goes: pass()
    }
  }

  private nonisolated func pass() {
    executor.run {
      self.assumeIsolated { bus in
        guard let next = bus.passing.withLock({ $0.next() }) else { return }
        do throws(ModbusError) {
          next.reply(try bus.answer(next.request, pace: next.pace))
        } catch { next.reply(next.request.reply(exception: 11)) }
        bus.pass()
      }
    }
  }

  /// Passes on a client's request, unless it was answered or the device was lost while it waited
  /// for its turn: the answer's body, a refusal included.
  private func answer(
    _ request: ModbusRequest, pace: ModbusPace
  ) throws(ModbusError) -> [UInt8] {
    if answers.isLost(unit: request.unit) {
      throw ModbusError(.silent, "unit \(request.unit) at \(endpoint) did not answer a moment ago")
    }
    if let span = request.span, let words = answers.words(of: span, unit: request.unit) {
      return request.reply(words: words)
    }
    defer {
      if request.isWrite { answers.drop(unit: request.unit) }
      if pace.disconnects { hangUp() }
    }
    do throws(ModbusError) {
      if let span = request.span {
        return request.reply(words: try words(span, request.unit, pace))
      }
      return [request.function] + (try exchange(request, pace))
    } catch {
      guard case .refused(let exception) = error.code else { throw error }
      return request.reply(exception: exception)
    }
  }

  // MARK: One exchange

  private func connected(_ pace: ModbusPace) throws(ModbusError) -> any ModbusWire {
    if let wire { return wire }
    connectionCount += 1
    let made: any ModbusWire
    do throws(ModbusError) {
      switch endpoint {
      case .tcp(let host, let port):
        made = try TCPWire(
          host: host, port: port, timeout: Self.held(pace.timeout ?? timeout),
          anyNumber: leavesNumbersUnchecked)
      case .serial(let line): made = try SerialWire(line)
      }
    } catch {
      answers.lost(unit: nil)
      throw error
    }
    wire = made
    lastAnswer = nil
    // A device that wants each poll on a connection of its own is the same one as before.
    if !pace.disconnects { refused.forget() }
    Deadline(after: pace.connectDelay).wait()
    return made
  }

  private func exchange(
    _ request: ModbusRequest, _ pace: ModbusPace
  ) throws(ModbusError) -> ArraySlice<UInt8> {
    let wire = try connected(pace)
    // Whether the connection was there before and may just have been idle for too long.
    let isProven = wire.isProven
    do throws(ExchangeFault) {
      return try exchange(request, pace, on: wire)
    } catch {
      switch error {
      case .gone where isProven: break
      case .lost where isProven && !request.isWrite: break
      case .foreign(.transaction) where !isProven && !leavesNumbersUnchecked && !request.isWrite:
        if try learnNumbering(like: request, pace) { break }
        throw failure(error, request)
      default: throw failure(error, request)
      }
    }
    let again = try connected(pace)
    do throws(ExchangeFault) {
      return try exchange(request, pace, on: again)
    } catch { throw failure(error, request) }
  }

  private func exchange(
    _ request: ModbusRequest, _ pace: ModbusPace, on wire: any ModbusWire
  ) throws(ExchangeFault) -> ArraySlice<UInt8> {
    if let lastAnswer {
      let gone = (Deadline.now - lastAnswer) / 1_000_000
      Deadline(after: pace.gap - TimeSpan(milliseconds: gone)).wait()
    }
    defer { lastAnswer = Deadline.now }
    do throws(ExchangeFault) {
      let data = try wire.exchange(request, timeout: Self.held(pace.timeout ?? timeout))
      answers.found(unit: request.unit)
      return data
    } catch {
      if !wire.survives(error) { hangUp() }
      if case .refused = error { answers.found(unit: request.unit) }
      throw error
    }
  }

  /// Finds out whether the device numbers its answers on its own, after one such answer.
  ///
  /// A late answer to an earlier question can't be told from that by one example. Three questions
  /// on three fresh connections, each with an answer of another length, can: late answers would
  /// have the lengths of earlier questions.
  private func learnNumbering(
    like request: ModbusRequest, _ pace: ModbusPace
  ) throws(ModbusError) -> Bool {
    guard let span = request.span else { return false }
    for count in [1, 2, 3] where span.address + count <= 65536 {
      let question = ModbusRequest.read(
        RegisterSpan(table: span.table, address: span.address, count: count), unit: request.unit)
      hangUp()
      let fresh = try connected(pace)
      do throws(ExchangeFault) {
        _ = try exchange(question, pace, on: fresh)
        return false
      } catch {
        guard case .foreign(.transaction) = error else { return false }
      }
    }
    leavesNumbersUnchecked = true
    return true
  }

  private func failure(_ fault: ExchangeFault, _ request: ModbusRequest) -> ModbusError {
    switch fault {
    case .gone, .lost: answers.lost(unit: nil)
    case .silent, .noise, .foreign: answers.lost(unit: request.unit)
    case .refused: break
    }
    return ModbusError(fault, request: request, endpoint: endpoint)
  }
}
