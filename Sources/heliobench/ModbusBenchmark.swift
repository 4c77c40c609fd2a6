import Glibc
import Hardware
import Quantities
import Sites

/// Polls a device as a session does, as fast as it answers.
struct ModbusBenchmark {
  /// The same reads as Tests/Bench/modbus_poll.c.
  static let plan = [(0, 60), (1000, 125), (3000, 10)].map {
    RegisterSpan(table: .holding, address: $0.0, count: $0.1)
  }

  /// Prints requests a second.
  static func run(port: UInt16, polls: Int) async throws {
    let rate = try await Task.detached { () async throws -> Int in
      let bus = ModbusBus(host: "127.0.0.1", port: port)
      try await bus.connect()
      let start = nanoseconds()
      for _ in 0..<polls {
        let image = try await bus.read(plan, unit: 1)
        for span in plan where image.words(in: span)?.first != UInt16(span.address * 7 % 65536) {
          throw Complaint("the device holds something else at \(span.address)")
        }
      }
      let elapsed = nanoseconds() - start
      await bus.disconnect()
      return polls * plan.count * 1_000_000_000 / Int(max(elapsed, 1))
    }.value
    Output.line("\(rate)")
  }

  private static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
