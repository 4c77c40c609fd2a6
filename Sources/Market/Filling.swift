/// Serves the orders of one side one after another, each with as much as the network lets through.
///
/// What an order gets is never taken from it for a later one, but later ones may move earlier ones
/// to other partners. What sets of orders can be served together is a polymatroid, so to serve the
/// best first is not only quick but best: no other way of trading is worth more to this side.
/// Served from both sides, the two results fit one and the same trading (Mendelsohn and Dulmage
/// 1958), which therefore is the best pairing there is.
///
/// Trades shift along shortest ways. Labels say how many steps everyone is at least from somebody
/// with room left (Ahuja and Orlin 1991); they only ever grow, so they serve all orders. Near by,
/// looking in all directions is quicker, and finds groups that have no room at all; see
/// `Filling+Looking`.
struct Filling {
  let near: TrustNetwork.Side
  let far: TrustNetwork.Side
  let nearCount: Int
  let farCount: Int
  /// What each pair trades.
  private(set) var trades: [PairTrade]
  /// What each author of the far side still has, in mWh.
  private(set) var room: [Int64]
  /// Steps to room at least; odd for far authors, even for near ones.
  var nearLabels: [Int]
  var farLabels: [Int]
  /// Where each author's search along labels goes on among his pairs.
  var nearPlaces: [Int]
  var farPlaces: [Int]
  /// How each far author was reached: by a pair that would trade more; and each near one: by a
  /// pair that would trade less.
  var more: [Step]
  var less: [Step]
  /// Pairs looked at for new labels since all labels were set.
  var work = 0
  var looks: Looks

  /// What a pair trades and what it could trade more, in mWh.
  struct PairTrade {
    fileprivate(set) var flow: Int64
    fileprivate(set) var left: Int64

    fileprivate mutating func shift(_ part: Int64) {
      flow += part
      left -= part
    }
  }

  /// A pair, and its author from whom the other one was reached.
  struct Step {
    var pair = -1
    var from = -1
  }

  /// A label of whom no shifting will ever find room for.
  static let unreachable = Int.max / 2

  /// - Parameters:
  ///   - near: the side that is served.
  ///   - nearCount: how many of its authors, the first ones, will be.
  ///   - room: what each author of the other side has; only of the first of them.
  ///   - caps: what each pair may trade.
  init(
    _ near: TrustNetwork.Side, _ nearCount: Int, from far: TrustNetwork.Side, room: [Int64],
    caps: [Int64]
  ) {
    (self.near, self.far, self.room) = (near, far, room)
    self.nearCount = nearCount
    farCount = room.count
    trades = caps.map { PairTrade(flow: 0, left: $0) }
    nearLabels = [Int](repeating: 2, count: nearCount)
    farLabels = room.map { $0 > 0 ? 1 : 3 }
    nearPlaces = Array(near.starts.prefix(nearCount))
    farPlaces = Array(far.starts.prefix(farCount))
    more = [Step](repeating: Step(), count: farCount)
    less = [Step](repeating: Step(), count: nearCount)
    looks = Looks(nearCount, farCount)
  }

  /// Serves `energy` to `author` as far as it can be; returns how much.
  mutating func serve(_ energy: Int64, to author: Int) -> Int64 {
    var left = energy
    if nearLabels[author] == 2 { left -= serveDirectly(left, to: author) }
    while left > 0, nearLabels[author] < Self.unreachable {
      guard let end = findWay(from: author) else { break }
      left -= shift(from: author, to: end, most: left)
    }
    return energy - left
  }

  /// What the author's own partners have room for.
  private mutating func serveDirectly(_ energy: Int64, to author: Int) -> Int64 {
    var left = energy
    for place in near.starts[author]..<near.starts[author + 1] {
      let other = Int(near.others[place])
      guard other < farCount else { break }
      guard room[other] > 0 else { continue }
      let pair = Int(near.pairs[place])
      let part = min(left, min(trades[pair].left, room[other]))
      guard part > 0 else { continue }
      trades[pair].shift(part)
      take(part, from: other)
      left -= part
      if left == 0 { return energy }
    }
    nearLabels[author] = 4
    return energy - left
  }

  /// Who has no room left is three steps away from it at least.
  private mutating func take(_ part: Int64, from other: Int) {
    room[other] -= part
    guard room[other] == 0 else { return }
    farLabels[other] = 3
  }

  /// The far author with room to whom the shortest way leads; nil when there is none.
  ///
  /// At first everybody near by is looked at, then, if that was not enough, labels show the way,
  /// and all around is looked at again when they have cost as much.
  private mutating func findWay(from author: Int) -> Int? {
    var patience = 64
    switch lookAround(author, within: patience) {
    case .room(let end): return end
    case .nothing: return nil
    case .tooFar: break
    }
    var (one, isNear) = (author, true)
    var ownWork = 0
    while nearLabels[author] < Self.unreachable {
      if isNear {
        if let next = stepFromNear(one) {
          (one, isNear) = (next, false)
          continue
        }
        ownWork += near.starts[one + 1] - near.starts[one]
        if one != author { (one, isNear) = (less[one].from, false) }
      } else {
        if room[one] > 0 { return one }
        if let next = stepFromFar(one) {
          (one, isNear) = (next, true)
          continue
        }
        ownWork += far.starts[one + 1] - far.starts[one]
        (one, isNear) = (more[one].from, true)
      }
      if work > 2 * (trades.count + nearCount + farCount) {
        setLabels()
        (one, isNear) = (author, true)
      }
      guard ownWork > patience else { continue }
      patience = 4 * ownWork
      switch lookAround(author, within: patience) {
      case .room(let end): return end
      case .nothing: return nil
      case .tooFar: (one, isNear) = (author, true)
      }
    }
    return nil
  }

  /// One step on, to a partner with whom more could be traded; without one, a new label.
  private mutating func stepFromNear(_ author: Int) -> Int? {
    let start = near.starts[author]
    let end = near.starts[author + 1]
    let wanted = nearLabels[author] - 1
    var place = nearPlaces[author]
    while place < end {
      let other = Int(near.others[place])
      guard other < farCount else { break }
      if farLabels[other] == wanted {
        let pair = Int(near.pairs[place])
        if trades[pair].left > 0 {
          nearPlaces[author] = place
          more[other] = Step(pair: pair, from: author)
          return other
        }
      }
      place += 1
    }
    var least = Self.unreachable - 1
    for place in start..<end {
      let other = Int(near.others[place])
      guard other < farCount else { break }
      let pair = Int(near.pairs[place])
      if farLabels[other] < least, trades[pair].left > 0 { least = farLabels[other] }
    }
    nearLabels[author] = least + 1
    nearPlaces[author] = start
    work += end - start
    return nil
  }

  /// One step back, to somebody who could give up his trade for another; without, a new label.
  private mutating func stepFromFar(_ author: Int) -> Int? {
    let start = far.starts[author]
    let end = far.starts[author + 1]
    let wanted = farLabels[author] - 1
    var place = farPlaces[author]
    while place < end {
      let other = Int(far.others[place])
      guard other < nearCount else { break }
      if nearLabels[other] == wanted {
        let pair = Int(far.pairs[place])
        if trades[pair].flow > 0 {
          farPlaces[author] = place
          less[other] = Step(pair: pair, from: author)
          return other
        }
      }
      place += 1
    }
    var least = Self.unreachable - 1
    for place in start..<end {
      let other = Int(far.others[place])
      guard other < nearCount else { break }
      if nearLabels[other] < least, trades[Int(far.pairs[place])].flow > 0 {
        least = nearLabels[other]
      }
    }
    farLabels[author] = least + 1
    farPlaces[author] = start
    work += end - start
    return nil
  }

  /// Shifts as much as can be along the way that was found; returns how much.
  private mutating func shift(from author: Int, to end: Int, most: Int64) -> Int64 {
    var part = min(most, room[end])
    var step = more[end]
    while true {
      part = min(part, trades[step.pair].left)
      guard step.from != author else { break }
      let back = less[step.from]
      part = min(part, trades[back.pair].flow)
      step = more[back.from]
    }
    take(part, from: end)
    step = more[end]
    while true {
      trades[step.pair].shift(part)
      guard step.from != author else { break }
      let back = less[step.from]
      trades[back.pair].shift(-part)
      step = more[back.from]
    }
    return part
  }
}
