import Quantities

/// What one UTC day's sun could do for a job, seen from afterwards.
struct SolarDay: Sendable {
  /// A part of the day in which nothing changes.
  struct Piece: Hashable, Sendable {
    let from: Instant
    let to: Instant
    /// What the panels could give beyond the household; may be negative.
    let surplus: Power

    /// What of a job's power would be sun.
    func sun(for power: Power) -> Power { surplus.clamped(to: .zero...power) }
  }

  /// In order of time, all of the day; what isn't known counts as no sun.
  let pieces: [Piece]

  init(_ record: HouseholdRecord, day: Int64) {
    let start = Instant(millisecondsSince1970: day * TimeSpan.day.milliseconds)
    let end = start + .day
    var pieces: [Piece] = []
    var from = start
    while from < end {
      let index = record.index(at: from)
      let begins = index < 0 ? record.start : record.begin(of: index + 1)
      let to = index >= record.count ? end : min(end, begins)
      let surplus = record.known(index).map { $0.pv - $0.load } ?? .zero
      pieces.append(Piece(from: from, to: to, surplus: surplus))
      from = to
    }
    self.pieces = pieces
  }

  /// The moments with the most sun for the job, in order of time: what maximises its sun's share.
  ///
  /// Of equal ones those with the most surplus, then the first; the last piece is taken as far as
  /// it is needed.
  func best(for pattern: JobPattern) -> [Range<Instant>] {
    let ranked = pieces.sorted { left, right in
      let leftSun = left.sun(for: pattern.power)
      let rightSun = right.sun(for: pattern.power)
      if leftSun != rightSun { return leftSun > rightSun }
      return left.surplus == right.surplus
        ? left.from < right.from : left.surplus > right.surplus
    }
    var missing = pattern.duration
    var taken: [Range<Instant>] = []
    for piece in ranked where missing > .zero {
      let span = min(missing, piece.to.since(piece.from))
      taken.append(piece.from..<piece.from + span)
      missing = missing - span
    }
    return taken.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// The unbroken stretch with the most sun for the job; of equal ones that with the most surplus,
  /// then the first.
  ///
  /// The sun's sum is piecewise linear in the beginning, so the best begins or ends with a piece.
  func bestUnbroken(for pattern: JobPattern) -> Range<Instant> {
    guard let first = pieces.first, let last = pieces.last else {
      return .distantPast ..< .distantPast
    }
    let latest = last.to - pattern.duration
    let starts = pieces.flatMap { [$0.from, $0.to - pattern.duration] }
      .filter { $0 >= first.from && $0 <= latest }.sorted()
    let sun = Sums(pieces) { $0.sun(for: pattern.power).milliwatts }
    let surplus = Sums(pieces) { $0.surplus.milliwatts }
    var best = (start: first.from, sun: Int64.min, surplus: Int64.min)
    for start in starts {
      let end = start + pattern.duration
      let found = (start: start, sun: sun.between(start, end), surplus.between(start, end))
      if (found.1, found.2) > (best.sun, best.surplus) { best = found }
    }
    return best.start..<best.start + pattern.duration
  }
}

/// Sums of a power over time, up to each piece's beginning.
private struct Sums {
  private let pieces: [SolarDay.Piece]
  private let powers: [Int64]
  private var before: [Int64] = []

  init(_ pieces: [SolarDay.Piece], _ power: (SolarDay.Piece) -> Int64) {
    self.pieces = pieces
    powers = pieces.map(power)
    var sum: Int64 = 0
    for (piece, power) in zip(pieces, powers) {
      before.append(sum)
      sum += power * piece.to.since(piece.from).milliseconds
    }
  }

  func between(_ from: Instant, _ to: Instant) -> Int64 { upTo(to) - upTo(from) }

  private func upTo(_ instant: Instant) -> Int64 {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].to < instant { low = middle + 1 } else { high = middle }
    }
    let index = min(low, pieces.count - 1)
    return before[index] + powers[index] * instant.since(pieces[index].from).milliseconds
  }
}
