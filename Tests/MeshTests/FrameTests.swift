import Mesh
import Sealing
import Testing

@Suite struct FrameTests {
  static let key = PublicKey(words: Words32(first: 1, second: 2, third: 3, fourth: 4))

  @Test(
    "frames are read back as they were written",
    arguments: [
      Frame.frontier([FrontierEntry(author: key, count: 7, head: Digest(of: [1]))]),
      .frontier([]), .records([[1, 2], [3]]), .orders([[4]]), .statement([5, 6]),
      .ask([RecordQuestion(author: key, from: 0), RecordQuestion(author: key, from: 77)]),
    ])
  func roundTrip(_ frame: Frame) throws {
    #expect(try Frame.decode(frame.encoded) == frame)
    let isRecords = if case .records = frame { true } else { false }
    #expect(Frame.holdsRecords(frame.encoded) == isRecords)
  }

  @Test("a newer neighbour's frame is passed over")
  func unknown() throws {
    let bytes = CBORValue.array([.integer(99), .text("new")]).encoded
    #expect(try Frame.decode(bytes) == nil)
  }

  @Test(
    "what is no frame is refused",
    arguments: [
      CBORValue.integer(1), .array([]), .array([.integer(1)]), .array([.integer(2), .text("x")]),
      .array([.integer(2), .array([.integer(1)])]),
      .array([.integer(1), .array([.array([.integer(1)])])]), .array([.integer(4), .integer(1)]),
      .array([.integer(5), .array([.array([.bytes(key.bytes), .integer(-1)])])]),
      .array([.integer(5), .integer(3)]),
      .array([.integer(1), .array(Array(repeating: .integer(0), count: 2001))]),
    ])
  func refusals(_ value: CBORValue) {
    #expect(throws: FrameError.self) { try Frame.decode(value.encoded) }
  }
}
