import Ledger
import Sealing
import Testing
import Thrown

/// Places of a chain as ranges.
@Suite struct PlaceRangesTests {
  @Test("holds what a set holds, in the fewest ranges")
  func asSet() throws {
    var source = SeededSource(seed: 5)
    for _ in 0..<200 {
      var ranges = PlaceRanges()
      var places: Set<Int64> = []
      for _ in 0..<30 {
        let low = Int64(source.next() % 60)
        let range = low..<low + Int64(source.next() % 9)
        if source.next() % 3 > 0 {
          ranges.insert(range)
          places.formUnion(range)
        } else {
          ranges.remove(range)
          places.subtract(range)
        }
        #expect((-1...70).allSatisfy { ranges.contains($0) == places.contains($0) })
        let from = Int64(source.next() % 60)
        #expect(ranges.first(from: from) == places.filter { $0 >= from }.min())
        #expect(ranges.isEmpty == places.isEmpty)
        let begins = places.count { !places.contains($0 - 1) }
        #expect(ranges.ranges.count == begins)
        #expect(PlaceRanges(ranges.encoded) == ranges)
      }
    }
  }

  @Test("is not read from bounds that do not rise")
  func broken() {
    for bounds: [Int64] in [[1], [2, 2], [3, 1], [-1, 2], [1, 4, 4, 6], [5, 7, 1, 2]] {
      #expect(PlaceRanges(.array(bounds.map { .integer($0) })) == nil)
    }
    #expect(PlaceRanges(.integer(1)) == nil)
    #expect(PlaceRanges(.array([.integer(1), .text("2")])) == nil)
    #expect(PlaceRanges(.array([]))?.isEmpty == true)
  }
}
