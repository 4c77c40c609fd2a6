import Dispatch
import Hardware
import Quantities
import Sites
import Synchronization
import Testing

@Suite("Answers that go wrong on their way")
struct WireFaultTests {
  /// A device whose every register holds its own address, and whose next answer is marred.
  final class Marred: Sendable {
    private let next = Mutex<WireFault?>(nil)
    private let wire: WireFault.Wire
    private let lateMilliseconds: Int
    private let later = DispatchQueue(label: "late answers")
    /// Answers that are still under way.
    private let waiting = DispatchGroup()

    init(_ wire: WireFault.Wire, lateMilliseconds: Int) {
      self.wire = wire
      self.lateMilliseconds = lateMilliseconds
    }

    func mar(_ fault: WireFault) { next.withLock { $0 = fault } }

    /// Blocks until no answer is late any more.
    func settle() { waiting.wait() }

    var handler: ModbusHandler {
      { [self] request, reply in
        guard let span = request.span else { return reply(ServedAnswer([])) }
        let body = request.reply(words: (span.address..<span.end).map { UInt16($0) })
        let fault = next.withLock { fault -> WireFault? in
          defer { fault = nil }
          return fault
        }
        guard let fault else { return reply(request.answer(body, over: wire)) }
        let answer = fault.mar(body, to: request, over: wire, choice: 7)
        guard fault == .late else { return reply(answer) }
        waiting.enter()
        later.asyncAfter(deadline: .now() + .milliseconds(lateMilliseconds)) { [self] in
          reply(answer)
          waiting.leave()
        }
      }
    }
  }

  private static func span(_ address: Int) -> RegisterSpan {
    RegisterSpan(table: .holding, address: address, count: 2)
  }

  /// Every read gives its own registers or an error, and the second after a fault gives them.
  private static func check(_ bus: ModbusBus, _ device: Marred) async throws {
    #expect(try await bus.read(span(10), unit: 1) == [10, 11])
    for fault in WireFault.allCases {
      device.mar(fault)
      if let words = try? await bus.read(span(20), unit: 1) {
        #expect(words == [20, 21], "\(fault)")
      }
      // What is still under way meets the next request, and is not taken for its answer.
      if let words = try? await bus.read(span(30), unit: 1) {
        #expect(words == [30, 31], "after \(fault)")
      }
      device.settle()
      if let words = try? await bus.read(span(40), unit: 1) {
        #expect(words == [40, 41], "long after \(fault)")
      }
      #expect(try await bus.read(span(50), unit: 1) == [50, 51], "in the end after \(fault)")
    }
    await bus.disconnect()
  }

  @Test("are never taken for another answer over TCP, and the next but one is right")
  func network() async throws {
    let device = Marred(.network, lateMilliseconds: 700)
    let listener = try ModbusListener(port: 0, handler: device.handler)
    defer { listener.stop() }
    let bus = ModbusBus(
      .tcp(host: "127.0.0.1", port: listener.port), timeout: TimeSpan(milliseconds: 500))
    try await Self.check(bus, device)
  }

  @Test("are never taken for another answer on a serial line")
  func serialLine() async throws {
    let device = Marred(.serialLine, lateMilliseconds: 700)
    let server = try ModbusSerialServer(handler: device.handler)
    defer { server.stop() }
    let bus = ModbusBus(
      .serial(SerialLine(path: server.path)), timeout: TimeSpan(milliseconds: 500))
    try await Self.check(bus, device)
  }

  @Test("come out of the same choice the same, and no two kinds alike")
  func deterministic() {
    let request = ModbusRequest(transaction: 7, unit: 1, body: [3, 0, 10, 0, 2])
    let reply = request.reply(words: [10, 11])
    for wire in [WireFault.Wire.network, .serialLine] {
      let right = request.answer(reply, over: wire)
      let marred = WireFault.allCases.map { $0.mar(reply, to: request, over: wire, choice: 3) }
      #expect(
        marred == WireFault.allCases.map { $0.mar(reply, to: request, over: wire, choice: 3) })
      for (fault, answer) in zip(WireFault.allCases, marred) {
        // A late answer is a right one, and a serial line has no transactions.
        let isRight = fault == .late || (fault == .wrongTransaction && wire == .serialLine)
        #expect((answer == right) == isRight, "\(fault) over \(wire)")
      }
    }
  }
}
