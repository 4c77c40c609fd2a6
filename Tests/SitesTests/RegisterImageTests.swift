import Sites
import Testing

@Suite("RegisterImage")
struct RegisterImageTests {
  func span(_ address: Int, _ count: Int, _ table: RegisterTable = .holding) -> RegisterSpan {
    RegisterSpan(table: table, address: address, count: count)
  }

  @Test("gives nothing for a read that reaches an absent register")
  func gap() {
    var image = RegisterImage()
    image.write([1, 2], at: 10, in: .holding)
    image.write([4], at: 13, in: .holding)
    #expect(image.words(in: span(10, 2)) == [1, 2])
    #expect(image.words(in: span(11, 1)) == [2])
    #expect(image.words(in: span(10, 3)) == nil)
    #expect(image.words(in: span(9, 2)) == nil)
    #expect(image.words(in: span(12, 2)) == nil)
    #expect(image.words(in: span(10, 2, .input)) == nil)
  }

  @Test("joins blocks that touch and writes over what was there")
  func joining() {
    var image = RegisterImage()
    image.write([1, 2, 3, 4], at: 10, in: .input)
    image.write([9, 9], at: 11, in: .input)
    image.write([5], at: 14, in: .input)
    image.write([7], at: 9, in: .input)
    image.write([0], at: 65535, in: .input)
    #expect(image.words(in: span(9, 6, .input)) == [7, 1, 9, 9, 4, 5])
    #expect(image.input.map(\.address) == [9, 65535])
    #expect(image.holding.isEmpty)
  }

  @Test("merges another image over itself")
  func merging() {
    var image = RegisterImage()
    image.write([1, 1, 1], at: 0, in: .holding)
    var other = RegisterImage()
    other.write([2], at: 1, in: .holding)
    other.write([3], at: 1, in: .input)
    image.merge(other)
    #expect(image.words(in: span(0, 3)) == [1, 2, 1])
    #expect(image.words(in: span(1, 1, .input)) == [3])
  }
}
