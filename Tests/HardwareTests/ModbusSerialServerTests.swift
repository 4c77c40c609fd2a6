import Hardware
import Quantities
import Sites
import Synchronization
import Testing
import Thrown

@Suite("Simulated devices on a serial line")
struct ModbusSerialServerTests {
  @Test("answer reads and writes of all their units")
  func units() async throws {
    let written = Mutex<[UInt8: [UInt16]]>([:])
    let server = try ModbusSerialServer { request, reply in
      if let write = request.write {
        written.withLock { $0[request.unit] = write.words }
        return reply(request.answer(request.replyToWrite(), over: .serialLine))
      }
      guard let span = request.span else {
        return reply(request.answer(request.reply(exception: 1), over: .serialLine))
      }
      let words = (0..<span.count).map { UInt16(request.unit) * 100 + UInt16($0) }
      reply(request.answer(request.reply(words: words), over: .serialLine))
    }
    defer { server.stop() }
    let bus = ModbusBus(
      .serial(SerialLine(path: server.path)), timeout: TimeSpan(seconds: 20))
    let longest = RegisterSpan(table: .input, address: 0, count: 125)
    for unit in [UInt8(1), 17, 247] {
      let words = try await bus.read(longest, unit: unit)
      #expect(words == (0..<125).map { UInt16(unit) * 100 + UInt16($0) })
      try await bus.write([UInt16(unit), 2, 3], at: 40, unit: unit)
    }
    #expect(written.withLock { $0 } == [1: [1, 2, 3], 17: [17, 2, 3], 247: [247, 2, 3]])
    await bus.disconnect()
    // A client that comes back finds it as it was.
    #expect(try await bus.read(longest, unit: 3).first == 300)
    await bus.disconnect()
  }

  @Test("say what is wrong with a line that isn't there")
  func noLine() {
    let error = thrown(ModbusError.self) {
      try ModbusSerialServer(path: "/dev/heliograph-no-such-line") { _, reply in
        reply(ServedAnswer([]))
      }
    }
    #expect(error?.code == .unavailable)
    #expect(error?.message.contains("/dev/heliograph-no-such-line") == true)
  }
}
