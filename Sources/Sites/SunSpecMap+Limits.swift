import Quantities

extension SunSpecMap {
  /// Ratings and limits: what the inverter is built for and what it is held to.
  func decodeLimits(_ answer: SunSpecAnswer, into reading: inout DeviceReading) {
    reading[.ratedPower] =
      answer.sum(all(120)) { $1.value(SunSpecTable.Nameplate.rating, base: 1000) }
      ?? answer.sum(all(702)) { $1.value(SunSpecTable.Capacity.rating, base: 1000) }
      ?? maximum(answer)
    guard isOneInverter else { return }
    typealias Controls = SunSpecTable.Controls
    typealias Steering = SunSpecTable.Steering
    var shares: [Int64] = []
    if let words = answer.words(of: first(123)),
      let share = share(words, Controls.limit, enabled: Controls.enabled)
    {
      shares.append(share)
    }
    if let words = answer.words(of: first(704)),
      let share = share(words, Steering.limit, enabled: Steering.limitEnabled)
    {
      shares.append(share)
    }
    guard let least = shares.min() else { return }
    reading[.powerLimitPermille] = least
    reading[.powerLimit] = maximum(answer).flatMap {
      RegisterScale.rounded($0, times: least, over: 1000)
    }
  }

  /// The limit in ‰, 1000 while it is switched off; nil where that isn't known.
  private func share(
    _ words: SunSpecWords, _ limit: SunSpecPoint, enabled: SunSpecPoint
  ) -> Int64? {
    switch words.count(enabled) {
    case 0: return 1000
    case 1: return words.value(limit, base: 10).map { min(max($0, 0), 1000) }
    default: return nil
    }
  }

  /// What a limit in % is a share of, in mW: the maximum that the inverter is set to, else its
  /// rating.
  func maximum(_ answer: SunSpecAnswer) -> Int64? {
    let candidates: [(UInt16, SunSpecPoint)] = [
      (121, SunSpecTable.Settings.maximum), (702, SunSpecTable.Capacity.maximum),
      (120, SunSpecTable.Nameplate.rating), (702, SunSpecTable.Capacity.rating),
    ]
    for (id, point) in candidates {
      let known = answer.words(of: first(id))?.value(point, base: 1000)
      if let known, known > 0 { return known }
    }
    return nil
  }
}
