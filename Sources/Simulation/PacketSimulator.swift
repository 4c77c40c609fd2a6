import Quantities

/// The network between simulated nodes, seen as TLS links see it.
///
/// While a link is up its frames arrive whole and in order, some twice; each link has its own
/// delays, so frames of different links overtake each other. A lost packet that TCP could not
/// mend shows as a link that breaks: what was under way is gone, both ends are told, and they
/// connect again later. A partition breaks the links across it and forbids new ones until it heals.
public struct PacketSimulator: Sendable {
  /// How bad the network is.
  public struct Conditions: Hashable, Sendable {
    /// How long a frame is under way, in milliseconds.
    public var delay: ClosedRange<Int64> = 2...400
    /// How many of a thousand frames break their link instead of arriving.
    public var breakPermille: Int64 = 3
    /// How many of a thousand frames arrive twice.
    public var duplicatePermille: Int64 = 10
    /// How long the ends wait before they connect again, in milliseconds.
    public var reconnect: ClosedRange<Int64> = 500...30_000

    public init() {}

    /// A quiet network: short delays, nothing lost, nothing twice.
    public static var quiet: Conditions {
      var conditions = Conditions()
      conditions.delay = 1...5
      conditions.breakPermille = 0
      conditions.duplicatePermille = 0
      return conditions
    }
  }

  /// A pair of nodes, by their numbers.
  public struct Link: Hashable, Comparable, Sendable {
    public let low: Int
    public let high: Int

    public init(_ one: Int, _ other: Int) {
      low = min(one, other)
      high = max(one, other)
    }

    public static func < (left: Link, right: Link) -> Bool {
      (left.low, left.high) < (right.low, right.high)
    }

    /// Whether the link ends at this node.
    public func touches(_ node: Int) -> Bool { low == node || high == node }
  }

  /// What becomes of a frame.
  public enum Fate: Hashable, Sendable {
    /// It arrives; `generation` says in which life of the link, so what was under way when the
    /// link broke can be told from what was sent later.
    case arrives(at: Instant, generation: Int)
    /// The link breaks then.
    case breaks(at: Instant, generation: Int)
  }

  private struct State: Sendable {
    let link: Link
    var isUp = false
    var generation = 0
    /// The latest arrival in each direction: from low to high, and back.
    var latest: [Instant] = [.distantPast, .distantPast]
  }

  /// In order of link.
  private var states: [State]
  private let conditions: Conditions
  private var random: RandomSource
  /// The node's side of the partition; all equal when there is none.
  private var sides: [Int]

  /// A network in which the nodes know each other as `links` says; all links are down.
  public init(nodes: Int, links: [Link], conditions: Conditions, seed: UInt64) {
    states = Set(links).sorted().map { State(link: $0) }
    self.conditions = conditions
    random = RandomSource(seed: seed)
    sides = Array(repeating: 0, count: nodes)
  }

  public var links: [Link] { states.map(\.link) }

  /// The links that are up, in order.
  public var linksUp: [Link] { states.filter(\.isUp).map(\.link) }

  /// Whether the partition, if any, lets this pair see each other.
  public func isReachable(_ link: Link) -> Bool { sides[link.low] == sides[link.high] }

  /// On which side of the partition a node is; all are on side 0 when there is none.
  func side(of node: Int) -> Int { sides[node] }

  /// Whether the link is up.
  public func isUp(_ link: Link) -> Bool { index(of: link).map { states[$0].isUp } ?? false }

  /// Whether the link is up in this life of it.
  public func isUp(_ link: Link, generation: Int) -> Bool {
    guard let index = index(of: link) else { return false }
    return states[index].isUp && states[index].generation == generation
  }

  /// Brings a link up; false when it is up already, unknown, or across a partition.
  public mutating func connect(_ link: Link, at now: Instant) -> Bool {
    guard let index = index(of: link), !states[index].isUp, isReachable(link) else {
      return false
    }
    states[index].isUp = true
    states[index].generation += 1
    states[index].latest = [now, now]
    return true
  }

  /// Takes a link down, with everything under way on it; false when it was not up.
  public mutating func disconnect(_ link: Link) -> Bool {
    guard let index = index(of: link), states[index].isUp else { return false }
    states[index].isUp = false
    return true
  }

  /// When the ends of a link that was lost at `now` try again.
  public mutating func retry(after now: Instant) -> Instant {
    now + TimeSpan(milliseconds: random.within(conditions.reconnect))
  }

  /// Sends one frame: nothing when there is no link, otherwise its fate (two for a duplicate).
  public mutating func send(from sender: Int, to receiver: Int, at now: Instant) -> [Fate] {
    let link = Link(sender, receiver)
    guard let index = index(of: link), states[index].isUp else { return [] }
    let generation = states[index].generation
    let arrival = now + TimeSpan(milliseconds: random.within(conditions.delay))
    if random.happens(permille: conditions.breakPermille) {
      return [.breaks(at: arrival, generation: generation)]
    }
    let direction = sender == link.low ? 0 : 1
    let first = max(arrival, states[index].latest[direction])
    states[index].latest[direction] = first
    var fates = [Fate.arrives(at: first, generation: generation)]
    if random.happens(permille: conditions.duplicatePermille) {
      fates.append(.arrives(at: first, generation: generation))
    }
    return fates
  }

  /// Splits the nodes in two by chance, but for those that are `fixed` on a side (0 or 1); returns
  /// the links that must go down.
  public mutating func partition(fixed: [Int: Int] = [:]) -> [Link] {
    for node in sides.indices {
      let side = Int(random.below(2))
      sides[node] = fixed[node] ?? side
    }
    return linksUp.filter { !isReachable($0) }
  }

  /// Ends a partition; the ends may connect again.
  public mutating func heal() {
    for node in sides.indices { sides[node] = 0 }
  }

  private func index(of link: Link) -> Int? {
    var low = 0
    var high = states.count
    while low < high {
      let middle = (low + high) / 2
      if states[middle].link < link { low = middle + 1 } else { high = middle }
    }
    return low < states.count && states[low].link == link ? low : nil
  }
}
