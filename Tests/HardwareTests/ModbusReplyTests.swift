import Hardware
import Sites
import Testing

@Suite("What comes back for a Modbus request")
struct ModbusReplyTests {
  static let request = ModbusRequest(
    transaction: 0x1234, unit: 9, body: [3, 0x01, 0x00, 0x00, 0x02])
  static let answer: [UInt8] = [0x12, 0x34, 0, 0, 0, 7, 9, 3, 4, 0xAB, 0xCD, 0xEF, 0x01]

  /// The right answer with one byte changed.
  static func changed(_ index: Int, to byte: UInt8) -> [UInt8] {
    var bytes = answer
    bytes[index] = byte
    return bytes
  }

  static let cases: [([UInt8], ModbusReply)] = [
    (answer, .answer(8..<13)),
    ([], .incomplete),
    (Array(answer.prefix(1)), .incomplete),
    (Array(answer.prefix(6)), .incomplete),
    (Array(answer.dropLast()), .incomplete),
    (answer + [0], .foreign(.trailing)),
    (answer + answer, .foreign(.trailing)),
    (changed(0, to: 0x11), .foreign(.transaction(0x1134))),
    (changed(1, to: 0x33), .foreign(.transaction(0x1233))),
    (changed(2, to: 1), .foreign(.protocolIdentifier)),
    ([0x12, 0x34, 1], .foreign(.protocolIdentifier)),
    (Array("HTTP/1.1 400 Bad Request".utf8), .foreign(.protocolIdentifier)),
    (changed(5, to: 1), .foreign(.length)),
    (changed(4, to: 1), .foreign(.length)),
    (changed(5, to: 6), .foreign(.trailing)),
    (changed(5, to: 8), .incomplete),
    (changed(6, to: 8), .foreign(.unit(8))),
    (changed(7, to: 4), .foreign(.function(4))),
    (changed(7, to: 0x84), .foreign(.function(0x84))),
    (changed(8, to: 2), .foreign(.length)),
    ([0x12, 0x34, 0, 0, 0, 5, 9, 3, 2, 0xAB, 0xCD], .foreign(.length)),
    ([0x12, 0x34, 0, 0, 0, 3, 9, 0x83, 2], .refusal(2)),
    ([0x12, 0x35, 0, 0, 0, 3, 9, 0x83, 2], .foreign(.transaction(0x1235))),
    ([0x12, 0x34, 0, 0, 0, 4, 9, 0x83, 2, 0], .foreign(.length)),
    ([0x12, 0x34, 0, 0, 0, 2, 9, 3], .foreign(.length)),
  ]

  @Test("is an answer over TCP only if all of it fits", arguments: cases)
  func tcp(bytes: [UInt8], expected: ModbusReply) {
    #expect(ModbusReply.tcp(bytes[...], to: Self.request) == expected)
    // Wherever it lies in a buffer.
    let moved = ModbusReply.tcp(([7, 7] + bytes)[2...], to: Self.request)
    if case .answer(let range) = expected {
      #expect(moved == .answer((range.lowerBound + 2)..<(range.upperBound + 2)))
    } else {
      #expect(moved == expected)
    }
  }

  @Test("leaves only the number unchecked where a gateway makes its own")
  func ownNumbers() {
    let other = Self.changed(1, to: 2)
    #expect(ModbusReply.tcp(other[...], to: Self.request, anyNumber: true) == .answer(8..<13))
    let foreign = Self.changed(6, to: 8)
    #expect(
      ModbusReply.tcp(foreign[...], to: Self.request, anyNumber: true) == .foreign(.unit(8)))
  }

  @Test("confirms a write only if it names the same registers")
  func writes() {
    let write = ModbusRequest(transaction: 1, unit: 1, body: [16, 0, 8, 0, 1, 2, 0, 5])
    func reply(_ body: [UInt8]) -> ModbusReply {
      ModbusReply.tcp(write.frame(body)[...], to: write)
    }
    #expect(reply([16, 0, 8, 0, 1]) == .answer(8..<12))
    #expect(reply([16, 0, 9, 0, 1]) == .foreign(.length))
    #expect(reply([16, 0, 8, 0, 2]) == .foreign(.length))
    #expect(reply([0x90, 3]) == .refusal(3))
    let single = ModbusRequest(transaction: 1, unit: 1, body: [6, 0, 8, 0, 5])
    #expect(
      ModbusReply.tcp(single.frame([6, 0, 8, 0, 5])[...], to: single) == .answer(8..<12))
    #expect(
      ModbusReply.tcp(single.frame([6, 0, 8, 0, 4])[...], to: single) == .foreign(.length))
  }

  static let serialAnswer = ModbusChecksum.framed([9, 3, 4, 0xAB, 0xCD, 0xEF, 0x01])
  static let echo = ModbusChecksum.framed([9] + request.body)
  static let serialCases: [([UInt8], ModbusReply)] = [
    ([], .incomplete),
    (serialAnswer, .answer(2..<7)),
    (Array(serialAnswer.dropLast()), .incomplete),
    (Array(serialAnswer.dropLast()) + [0], .incomplete),
    // The adapter's echo before it, noise before it, and both.
    (echo, .incomplete),
    (echo + serialAnswer, .answer(10..<15)),
    ([0, 0xFF, 9, 3] + serialAnswer, .answer(6..<11)),
    (echo + [9, 3] + serialAnswer, .answer(12..<17)),
    // A late answer of another unit, of another length, to another function, then the right one.
    (ModbusChecksum.framed([8, 3, 4, 1, 2, 3, 4]) + serialAnswer, .answer(11..<16)),
    (ModbusChecksum.framed([9, 3, 2, 1, 2]) + serialAnswer, .answer(9..<14)),
    (ModbusChecksum.framed([9, 4, 4, 1, 2, 3, 4]) + serialAnswer, .answer(11..<16)),
    (ModbusChecksum.framed([9, 3, 2, 1, 2]), .incomplete),
    (ModbusChecksum.framed([9, 0x83, 2]), .refusal(2)),
    (echo + ModbusChecksum.framed([9, 0x83, 2]), .refusal(2)),
    (serialAnswer + [0xFF, 0xFF], .answer(2..<7)),
  ]

  @Test("is found on a serial line among echo, noise and others' answers", arguments: serialCases)
  func serial(bytes: [UInt8], expected: ModbusReply) {
    #expect(ModbusReply.serial(bytes[...], to: Self.request, isEchoed: false) == expected)
  }

  @Test("is not the echo of a write, where the line is known to echo")
  func echoedWrite() {
    let write = ModbusRequest(unit: 1, body: [6, 0, 8, 0, 5])
    let frame = ModbusChecksum.framed([1, 6, 0, 8, 0, 5])
    #expect(ModbusReply.serial(frame[...], to: write, isEchoed: false) == .answer(2..<6))
    #expect(ModbusReply.serial(frame[...], to: write, isEchoed: true) == .incomplete)
    #expect(
      ModbusReply.serial((frame + frame)[...], to: write, isEchoed: true) == .answer(10..<14))
  }

  @Test("is not an echo that reads like an answer")
  func echoLikeAnswer() {
    // 24 coils from 768 on: the address's high byte, 3, is also the answer's byte count.
    let request = ModbusRequest(unit: 1, body: [1, 3, 0, 0, 24])
    let echo = ModbusChecksum.framed([1, 1, 3, 0, 0, 24])
    #expect(ModbusReply.serial(echo[...], to: request, isEchoed: false) == .incomplete)
  }

  @Test("never traps, whatever came", arguments: 0..<20)
  func noise(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func next() -> UInt8 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    for _ in 0..<2000 {
      let body =
        [next() % 24, next(), next(), next() % 2, next()] + (0..<next() % 8).map { _ in next() }
      let request = ModbusRequest(transaction: 0x0102, unit: next() % 4, body: body)
      // Mostly right frames with a few bytes changed, so that every check is reached.
      var bytes = request.frame([body[0], next() % 8] + (0..<next() % 16).map { _ in next() })
      if next() % 2 == 0 { bytes = ModbusChecksum.framed(Array(bytes.dropFirst(6))) }
      for _ in 0..<next() % 3 { bytes[Int(next()) % bytes.count] = next() }
      let replies = [
        ModbusReply.tcp(bytes[...], to: request),
        ModbusReply.serial(bytes[...], to: request, isEchoed: next() % 2 == 0),
      ]
      for reply in replies {
        if case .answer(let range) = reply {
          #expect(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        }
      }
    }
  }
}
