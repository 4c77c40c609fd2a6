extension Filling {
  /// Whom a look around has come to, and in how many steps.
  struct Looks {
    private(set) var number = 0
    fileprivate var nears: [Int]
    fileprivate var fars: [Int]
    fileprivate var nearTotal = 0
    fileprivate var farTotal = 0
    fileprivate var nearSteps: [Int]
    fileprivate var farSteps: [Int]
    /// In which look each was seen last.
    fileprivate var nearSeen: [Int]
    fileprivate var farSeen: [Int]

    init(_ nearCount: Int, _ farCount: Int) {
      nears = [Int](repeating: 0, count: nearCount)
      fars = [Int](repeating: 0, count: farCount)
      (nearSteps, nearSeen) = (nears, nears)
      (farSteps, farSeen) = (fars, fars)
    }

    fileprivate mutating func begin() {
      number += 1
      (nearTotal, farTotal) = (0, 0)
    }

    fileprivate mutating func addNear(_ author: Int, _ steps: Int) {
      nearSeen[author] = number
      nearSteps[author] = steps
      nears[nearTotal] = author
      nearTotal += 1
    }

    fileprivate mutating func addFar(_ author: Int, _ steps: Int) {
      farSeen[author] = number
      farSteps[author] = steps
      fars[farTotal] = author
      farTotal += 1
    }
  }

  enum Finding {
    case room(Int)
    case nothing
    case tooFar
  }

  /// Looks for room in all directions from `author`, at no more than about so many pairs.
  ///
  /// What it learns goes into the labels: whoever was reached from the author in so many steps is
  /// at most that much nearer to room than he is, and where there is none, all are out of reach.
  mutating func lookAround(_ author: Int, within most: Int) -> Finding {
    looks.begin()
    looks.addNear(author, 0)
    var looked = 0
    var head = 0
    while head < looks.nearTotal {
      let one = looks.nears[head]
      let steps = looks.nearSteps[one] + 1
      for place in near.starts[one]..<near.starts[one + 1] {
        let other = Int(near.others[place])
        guard other < farCount else { break }
        looked += 1
        guard looks.farSeen[other] != looks.number, farLabels[other] < Self.unreachable else {
          continue
        }
        let pair = Int(near.pairs[place])
        guard trades[pair].left > 0 else { continue }
        guard looked < most else { return .tooFar }
        looks.addFar(other, steps)
        more[other] = Step(pair: pair, from: one)
        if room[other] > 0 {
          learn(steps: steps + 1)
          return .room(other)
        }
        looked += queuePartners(of: other, steps + 1)
      }
      head += 1
    }
    for place in 0..<looks.nearTotal { nearLabels[looks.nears[place]] = Self.unreachable }
    for place in 0..<looks.farTotal { farLabels[looks.fars[place]] = Self.unreachable }
    return .nothing
  }

  /// Those who trade with a far author, and could look for another partner; returns how many
  /// pairs were looked at.
  private mutating func queuePartners(of author: Int, _ steps: Int) -> Int {
    let start = far.starts[author]
    let end = far.starts[author + 1]
    for place in start..<end {
      let other = Int(far.others[place])
      guard other < nearCount else { break }
      let pair = Int(far.pairs[place])
      guard trades[pair].flow > 0, looks.nearSeen[other] != looks.number else { continue }
      looks.addNear(other, steps)
      less[other] = Step(pair: pair, from: author)
    }
    return end - start
  }

  /// Room was found at so many steps from the author who looked.
  private mutating func learn(steps: Int) {
    for place in 0..<looks.nearTotal {
      let one = looks.nears[place]
      let label = steps - looks.nearSteps[one]
      guard nearLabels[one] < label else { continue }
      nearLabels[one] = label
      nearPlaces[one] = near.starts[one]
    }
    for place in 0..<looks.farTotal {
      let one = looks.fars[place]
      let label = steps - looks.farSteps[one]
      guard farLabels[one] < label else { continue }
      farLabels[one] = label
      farPlaces[one] = far.starts[one]
    }
  }

  /// Sets every label to the true number of steps, going backwards from where room is left.
  mutating func setLabels() {
    work = 0
    for author in 0..<nearCount {
      nearLabels[author] = Self.unreachable
      nearPlaces[author] = near.starts[author]
    }
    var ends: [Int] = []
    for author in 0..<farCount {
      farLabels[author] = room[author] > 0 ? 1 : Self.unreachable
      farPlaces[author] = far.starts[author]
      if room[author] > 0 { ends.append(author) }
    }
    var label = 1
    while !ends.isEmpty {
      ends = fars(before: nears(before: ends, label + 1), label + 2)
      label += 2
    }
  }

  private mutating func nears(before ends: [Int], _ label: Int) -> [Int] {
    var result: [Int] = []
    for author in ends {
      for place in far.starts[author]..<far.starts[author + 1] {
        let other = Int(far.others[place])
        guard other < nearCount else { break }
        let pair = Int(far.pairs[place])
        guard nearLabels[other] == Self.unreachable, trades[pair].left > 0 else { continue }
        nearLabels[other] = label
        result.append(other)
      }
    }
    return result
  }

  private mutating func fars(before sources: [Int], _ label: Int) -> [Int] {
    var result: [Int] = []
    for author in sources {
      for place in near.starts[author]..<near.starts[author + 1] {
        let other = Int(near.others[place])
        guard other < farCount else { break }
        guard farLabels[other] == Self.unreachable, trades[Int(near.pairs[place])].flow > 0 else {
          continue
        }
        farLabels[other] = label
        result.append(other)
      }
    }
    return result
  }
}
