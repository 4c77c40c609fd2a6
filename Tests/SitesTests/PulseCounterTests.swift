import Quantities
import Sites
import Testing

@Suite struct PulseCounterTests {
  /// Edges at these milliseconds, active first, in turns.
  static func edges(_ milliseconds: [Int64], numbered: Bool = false) -> [LineEdge] {
    milliseconds.enumerated().map { index, time in
      LineEdge(
        nanoseconds: time * 1_000_000, isActive: index % 2 == 0,
        number: numbered ? UInt32(index + 1) : nil)
    }
  }

  static func counter(_ edges: [LineEdge]) -> PulseCounter {
    var counter = PulseCounter(shape: PulseShape(), atNanoseconds: 0)
    for edge in edges { counter.take(edge) }
    return counter
  }

  @Test(
    "counts what is on for 30 ms after being off for 10, and nothing else",
    arguments: [
      // Three good pulses.
      ([100, 140, 200, 240, 300, 340], 3),
      // Exactly long enough, and a moment too short.
      ([100, 130], 1), ([100, 129], 0),
      // Bounces of 1 to 5 ms at both ends of one pulse.
      ([100, 101, 103, 104, 109, 150, 151, 153, 158, 159], 1),
      // Spikes, however many.
      ([100, 105, 110, 115, 120, 125, 130, 135, 140, 145], 0),
      // A contact that opens for a moment in the middle makes no second pulse.
      ([100, 140, 141, 181], 1),
      // After a pause that is long enough it does.
      ([100, 140, 150, 190], 2),
      // On for ever is not counted before it ends.
      ([100], 0),
    ] as [([Int64], Int64)])
  func shapes(_ times: [Int64], _ expected: Int64) {
    #expect(Self.counter(Self.edges(times)).count == expected)
    #expect(Self.counter(Self.edges(times, numbered: true)).count == expected)
    #expect(Self.counter(Self.edges(times)).missed == 0)
  }

  @Test("takes the level that was read too late in a bounce for what it is")
  func lateLevels() {
    // The kernel times an edge at once and reads its level later: three say "active" here.
    let atStart = [(100, true), (101, true), (102, true), (150, false)]
    // And here, at the end of the pulse, one does.
    let atEnd = [(100, true), (140, true), (141, true), (142, false), (200, true)]
    for times in [atStart, atEnd] {
      let edges = times.map {
        LineEdge(nanoseconds: Int64($0.0) * 1_000_000, isActive: $0.1)
      }
      #expect(Self.counter(edges).count == 1)
      #expect(Self.counter(edges).missed == 0)
    }
  }

  @Test("does not count over a gap in the edges' numbers, and says how many are missing")
  func gap() {
    var edges = Self.edges([100, 140, 200, 240], numbered: true)
    edges.append(LineEdge(nanoseconds: 400_000_000, isActive: false, number: 8))
    edges += [
      LineEdge(nanoseconds: 500_000_000, isActive: true, number: 9),
      LineEdge(nanoseconds: 540_000_000, isActive: false, number: 10),
    ]
    let counter = Self.counter(edges)
    #expect(counter.count == 3)
    #expect(counter.missed == 3)
  }

  @Test("knows that an edge is missing when the line does the same twice, far from any bounce")
  func sameTwice() {
    let edges = [(100, true), (140, false), (240, false), (300, true), (340, false)].map {
      LineEdge(nanoseconds: $0.0 * 1_000_000, isActive: $0.1)
    }
    let counter = Self.counter(edges)
    #expect(counter.count == 2)
    #expect(counter.missed == 1)
  }

  @Test("the edges' numbers may pass through the highest value")
  func wrap() {
    let edges = [UInt32.max - 1, .max, 0, 1].enumerated().map { index, number in
      LineEdge(
        nanoseconds: Int64(100 + 50 * index) * 1_000_000, isActive: index % 2 == 0, number: number)
    }
    #expect(Self.counter(edges).count == 2)
    #expect(Self.counter(edges).missed == 0)
  }

  @Test("a line that was away ends the pulse that it was in")
  func interruption() {
    var counter = Self.counter(Self.edges([100]))
    counter.interrupt()
    counter.take(LineEdge(nanoseconds: 900_000_000, isActive: false))
    #expect(counter.count == 0)
    #expect(counter.missed == 1)
  }

  @Test("two thousand bouncing pulses at 20 Hz are two thousand")
  func many() {
    var counter = PulseCounter(shape: PulseShape(), atNanoseconds: 0)
    var state: UInt64 = 1
    func random(_ limit: UInt64) -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64((state >> 33) % limit)
    }
    for pulse in 0..<2000 {
      var time = Int64(pulse) * 50_000_000
      for edge in [(true, time), (false, time + 35_000_000)] {
        time = edge.1
        for _ in 0..<random(4) {
          counter.take(LineEdge(nanoseconds: time, isActive: edge.0))
          time += 200_000 + random(800_000)
          counter.take(LineEdge(nanoseconds: time, isActive: !edge.0))
          time += 200_000
        }
        counter.take(LineEdge(nanoseconds: time, isActive: edge.0))
      }
    }
    #expect(counter.count == 2000)
    #expect(counter.missed == 0)
    let snapshot = counter.snapshot(meter: "m", atNanoseconds: 100_000_000_000)
    #expect(snapshot.recent == 15)
    #expect((735...765).contains(snapshot.recentSpan.milliseconds))
  }
}
