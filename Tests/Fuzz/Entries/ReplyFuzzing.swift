import Hardware
import Sites

/// Any bytes as the answer to a request.
enum ReplyFuzzing {
  /// The first bytes make the request, the rest is what came back.
  static func run(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    guard bytes.count >= 6 else { return }
    let request = request(Array(bytes[..<6]))
    let stream = bytes[6...]
    for reply in [
      ModbusReply.tcp(stream, to: request), ModbusReply.tcp(stream, to: request, anyNumber: true),
      ModbusReply.serial(stream, to: request, isEchoed: false),
      ModbusReply.serial(stream, to: request, isEchoed: true),
    ] {
      check(reply, stream, request, promise: promise)
    }
    whole(request, stream, promise: promise)
  }

  private static func request(_ choice: [UInt8]) -> ModbusRequest {
    let address = Int(choice[1]) << 8 | Int(choice[2])
    let count = Int(choice[3]) % 125 + 1
    let held = min(address, 65536 - count)
    switch choice[0] % 5 {
    case 0:
      let span = RegisterSpan(table: .holding, address: held, count: count)
      return .read(span, unit: choice[4])
    case 1:
      return .read(RegisterSpan(table: .input, address: held, count: count), unit: choice[4])
    case 2: return .readBits(.coil, at: held, count: count, unit: choice[4])
    case 3:
      let words = Array(repeating: UInt16(choice[5]), count: min(count, 123))
      return .write(RegisterWrite(address: held, words: words), unit: choice[4], alone: false)
    default:
      let write = RegisterWrite(address: held, words: [UInt16(choice[5])])
      return .write(write, unit: choice[4], alone: true)
    }
  }

  private static func check(
    _ reply: ModbusReply, _ stream: ArraySlice<UInt8>, _ request: ModbusRequest,
    promise: (Bool, String) -> Void
  ) {
    guard case .answer(let data) = reply else { return }
    promise(
      data.lowerBound >= stream.startIndex && data.upperBound <= stream.endIndex,
      "an answer's data lie in what came")
    promise(data.lowerBound >= stream.startIndex + 2, "unit and function stand before the data")
    if let span = request.span {
      promise(data.count == 1 + 2 * span.count, "an answer has what was asked for")
    }
  }

  /// The answer that a device would give is taken, whole, and not one byte before.
  private static func whole(
    _ request: ModbusRequest, _ stream: ArraySlice<UInt8>, promise: (Bool, String) -> Void
  ) {
    guard let span = request.span else { return }
    var source = stream.makeIterator()
    let words = (0..<span.count).map { _ in
      UInt16(source.next() ?? 0) << 8 | UInt16(source.next() ?? 0)
    }
    let frame = request.frame(request.reply(words: words))
    promise(
      ModbusReply.tcp(frame[...], to: request) == .answer(8..<frame.count), "an answer is taken")
    promise(
      ModbusReply.tcp(frame.dropLast(), to: request) == .incomplete, "part of one is not")
    let serial = request.serialFrame(request.reply(words: words))
    let taken = ModbusReply.serial(serial[...], to: request, isEchoed: false)
    promise(taken == .answer(2..<(serial.count - 2)), "an answer on the line is taken")
  }
}
