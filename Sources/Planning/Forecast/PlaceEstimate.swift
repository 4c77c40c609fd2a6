import Quantities

/// Guesses where a house stands from when its panels saw their first and last light.
///
/// The middle of the day gives the longitude, its length the latitude, better the farther the sun
/// is from the equator. Clouds and houses nearby hide light but make none, so a day longer than a
/// latitude allows counts against it more than a shorter one. Good to a few degrees, which is
/// enough for the length of a day; what is left the roof's profile learns.
package struct PlaceEstimate: Hashable, Sendable {
  /// What a week showed.
  package struct Week: Hashable, Sendable {
    /// The middle slot of the first day seen of it.
    var slot: Int64
    /// In slots since that day's midnight of the sun, as first guessed: the earliest and latest.
    var first: Double
    var last: Double
  }

  private static let weeksKept = 52
  /// Panels give a hundredth of their peak at this elevation of the sun.
  private static let elevation = 2.5 * Double.degree

  /// By the clock on the wall, until the record says more.
  package let guessedLongitude: Double
  private(set) var weeks: [Week] = []
  private(set) var peak = 0.0
  private(set) var days = 0
  /// In degrees.
  package private(set) var latitude = 0.0
  package private(set) var longitude: Double

  package init(offset: TimeSpan) {
    guessedLongitude = min(max(Double(offset.minutes) / 4, -180), 180)
    longitude = guessedLongitude
  }

  package var place: Place {
    Place(
      latitude: Angle(microdegrees: Int64(latitude * 1e6)),
      longitude: Angle(microdegrees: Int64(longitude * 1e6)))
  }

  /// The slots by which the guessed midnight of the sun is before that in Greenwich.
  private var shift: Int64 { Int64((guessedLongitude * 96 / 360).rounded()) }

  /// Takes in what the panels gave in a slot.
  package mutating func observe(_ power: Double, slot: Int64) {
    peak = max(peak * 0.9999, power)
    guard power > 0.01 * peak, power > 1 else { return }
    let sunSlot = slot + shift
    let week = sunSlot / 672
    let ofDay = Double(sunSlot % 96)
    if let latest = weeks.last, (latest.slot + shift) / 672 == week {
      weeks[weeks.count - 1].first = min(latest.first, ofDay)
      weeks[weeks.count - 1].last = max(latest.last, ofDay + 1)
    } else {
      weeks.append(
        Week(slot: (sunSlot / 96) * 96 + 48 - shift, first: ofDay, last: ofDay + 1))
      if weeks.count > Self.weeksKept { weeks.removeFirst() }
    }
  }

  /// Guesses anew at the end of a day, daily at first and then weekly; whether the guess moved.
  package mutating func endDay() -> Bool {
    days += 1
    guard days < 7 || days % 7 == 0, !weeks.isEmpty else { return false }
    var best = (loss: Double.infinity, latitude: latitude)
    for candidate in stride(from: -66.0, through: 66.0, by: 2) {
      let loss = loss(of: candidate)
      if loss < best.loss { best = (loss, candidate) }
    }
    let middles = weeks.map { ($0.first + $0.last) / 2 - 48 + Self.lateness(of: $0.slot) }
    let middle = middles.reduce(0, +) / Double(middles.count)
    let moved = min(max(guessedLongitude - middle * 360 / 96, -180), 180)
    guard abs(best.latitude - latitude) >= 2 || abs(moved - longitude) > 1.5 else { return false }
    latitude = best.latitude
    longitude = moved
    return true
  }

  private func loss(of latitude: Double) -> Double {
    var loss = (latitude - 20) * (latitude - 20) * 0.002
    for week in weeks {
      let seen = week.last - week.first
      let error = seen - Self.dayLength(latitude: latitude * .degree, slot: week.slot)
      loss += error > 0 ? error * error : 0.3 * error * error
    }
    return loss
  }

  private static func yearAngle(_ slot: Int64, from day: Double) -> Double {
    let days = Double(slot) / 96 - day
    return wholeTurnsRemoved(from: days / 365.2425 * 2 * Double.pi)
  }

  /// How many slots the sun is above `elevation`; its declination as a plain sine of the year.
  private static func dayLength(latitude: Double, slot: Int64) -> Double {
    // 1970-01-01 is ten days after the solstice.
    let declination = -23.44 * .degree * cosine(of: yearAngle(slot, from: -10))
    let above = sine(of: elevation) - sine(of: latitude) * sine(of: declination)
    let ratio = above / (cosine(of: latitude) * cosine(of: declination))
    let half = Double.pi / 2 - arcSine(of: ratio)
    return half * 96 / Double.pi
  }

  /// The equation of time in slots (Spencer's first terms): how far the sun is ahead of the clock.
  private static func lateness(of slot: Int64) -> Double {
    let angle = yearAngle(slot, from: 80)
    let minutes =
      9.87 * sine(of: 2 * angle) - 7.53 * cosine(of: angle) - 1.5 * sine(of: angle)
    return minutes / 15
  }
}

extension PlaceEstimate: NumberStored {
  func store(in column: inout NumberColumn) {
    column.append([peak, latitude, longitude])
    column.append(Int64(days))
    column.append(Int64(weeks.count))
    for week in weeks {
      column.append(week.slot)
      column.append([week.first, week.last])
    }
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    guard reader.fill(&peak), reader.fill(&latitude), reader.fill(&longitude),
      (-90.0...90).contains(latitude), (-180.0...180).contains(longitude),
      let days = reader.whole(in: 0...1_000_000),
      let count = reader.whole(in: 0...Int64(Self.weeksKept))
    else { return false }
    self.days = Int(days)
    weeks = []
    for _ in 0..<count {
      guard let slot = reader.whole(in: -1_000_000_000...1_000_000_000),
        let first = reader.number(), let last = reader.number()
      else { return false }
      weeks.append(Week(slot: slot, first: first, last: last))
    }
    return true
  }
}
