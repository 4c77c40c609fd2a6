import Sealing

/// Places of a chain, as a few ranges: sequences, in order, none next to another.
public struct PlaceRanges: Hashable, Sendable {
  public private(set) var ranges: [Range<Int64>] = []

  /// None.
  public init() {}

  /// Whether there is none.
  public var isEmpty: Bool { ranges.isEmpty }

  /// The lowest of those from `place` on.
  public func first(from place: Int64) -> Int64? {
    let next = firstEnding(after: place)
    return next < ranges.count ? max(place, ranges[next].lowerBound) : nil
  }

  /// Whether this place is one of them.
  public func contains(_ place: Int64) -> Bool {
    let next = firstEnding(after: place)
    return next < ranges.count && ranges[next].lowerBound <= place
  }

  /// Adds places, known ones too.
  public mutating func insert(_ range: Range<Int64>) {
    guard !range.isEmpty else { return }
    // Those that touch it become one with it.
    let from = firstEnding(after: range.lowerBound - 1)
    var to = from
    var whole = range
    while to < ranges.count, ranges[to].lowerBound <= range.upperBound {
      whole =
        min(whole.lowerBound, ranges[to].lowerBound)..<max(whole.upperBound, ranges[to].upperBound)
      to += 1
    }
    ranges.replaceSubrange(from..<to, with: [whole])
  }

  /// Takes places away, unknown ones too.
  public mutating func remove(_ range: Range<Int64>) {
    guard !range.isEmpty else { return }
    let from = firstEnding(after: range.lowerBound)
    var to = from
    var rest: [Range<Int64>] = []
    while to < ranges.count, ranges[to].lowerBound < range.upperBound {
      let old = ranges[to]
      if old.lowerBound < range.lowerBound { rest.append(old.lowerBound..<range.lowerBound) }
      if old.upperBound > range.upperBound { rest.append(range.upperBound..<old.upperBound) }
      to += 1
    }
    ranges.replaceSubrange(from..<to, with: rest)
  }

  /// The first range that has something beyond `place`, or would be in its place.
  private func firstEnding(after place: Int64) -> Int {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound - 1 < place { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Their bounds, one after the other.
  public var encoded: CBORValue {
    .array(ranges.flatMap { [.integer($0.lowerBound), .integer($0.upperBound)] })
  }

  /// nil where the bounds do not rise.
  public init?(_ value: CBORValue) {
    guard let bounds = value.array?.map(\.integer), bounds.count % 2 == 0 else { return nil }
    for place in stride(from: 0, to: bounds.count, by: 2) {
      guard let low = bounds[place], let high = bounds[place + 1], low >= 0, low < high,
        low > ranges.last?.upperBound ?? -1
      else { return nil }
      ranges.append(low..<high)
    }
  }
}
