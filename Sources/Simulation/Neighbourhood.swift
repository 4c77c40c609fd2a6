import HeliographCore
import Planning
import Quantities
import Sealing

/// Many real stations in one simulated neighbourhood, stepped from one seeded queue of events.
///
/// The stations are the very ones that run on boards; houses, sky, network, disks, engines and
/// clocks around them are simulated, with their faults. Nothing here looks at a clock or draws
/// chance from outside, so a seed replays to the byte. After every step the rules that must always
/// hold are checked; the first that does not ends the run with a `BrokenInvariant`.
public struct Neighbourhood: Sendable {
  /// Something that is to happen at a moment.
  enum Happening: Sendable {
    /// The station of `node` is told, unless it has crashed since. Apart, as events are large.
    indirect case event(node: Int, life: Int, Event)
    case timer(node: Int, life: Int, TimerName, setting: Int64)
    case reading(node: Int, life: Int, device: String)
    case commit(node: Int, life: Int)
    case request(node: Int, SimulatedRunner.Request)
    case frame(from: Int, to: Int, generation: Int, [UInt8])
    case linkBreaks(PacketSimulator.Link, generation: Int)
    case linkTries(PacketSimulator.Link)
    case crash(node: Int)
    case restart(node: Int)
    case split
    case heal
    /// The owner of `node` looks after the errands that are still open.
    case owner(node: Int)
    /// An adversary does something.
    case adversary(Int)
    /// A whole minute: the street's books are checked, at each full hour those of credits again.
    case minute
    /// A moment of a slot at which the audit must know exactly what the meters show.
    case marks
  }

  public let plan: SimulationPlan
  public internal(set) var now: Instant
  /// How many events stations were stepped with.
  public internal(set) var steps: Int64 = 0
  public internal(set) var tally = SimulationTally()
  /// The latest lines of what happened, oldest first, for whoever looks for a fault's cause.
  public internal(set) var lastLines: [String] = []

  var nodes: [SimulatedNode] = []
  var network: PacketSimulator
  var audit: LedgerAudit
  let weather: Weather
  /// How many next ones in the ring each node knows.
  let neighboursAhead: Int
  var random: RandomSource
  /// The steps of the houses' registers, by number.
  let resolutions: [Energy]
  var queue = EventQueue<Happening>()
  var trace = Trace()
  var errands: [[OwnerErrand]] = []
  /// The houses that cheat, by number.
  var adversaries: [Int: Adversary] = [:]
  /// How each node cheats, if it does: asked at every step, and an adversary is long to copy.
  let roles: [AdversaryKind?]
  /// The houses that may come to have a copy: the nodes after the houses', in this order.
  var copies: [Int] = []
  /// What honest houses have at risk, by number; empty where nobody cheats.
  var books: [HonestBook] = []
  /// Frames that each node has sent since the last full hour.
  var framesSent: [Int] = []
  /// Each node's number, by key.
  let numbers: [PublicKey: Int]
  /// What frames say, and which signatures were found genuine.
  var frames = FrameMemo()
  private var happeningsNow = 0

  /// More happenings than this in the queue are a leak: no node may cause so many.
  static let queueLimit = 20_000
  /// More happenings than this at one moment are a loop that would never end.
  static let momentLimit = 50_000
  static let linesKept = 40

  public init(_ plan: SimulationPlan) {
    self.plan = plan
    now = plan.start
    random = RandomSource(seed: plan.seed)
    weather = Weather(seed: random.next())
    let cast = Adversary.cast(of: plan)
    // A copied house is a gap in a ring: two of them would keep the honest apart for good.
    neighboursAhead = max(plan.neighboursAhead, cast.values.count { $0.kind.hasCopy })
    var pairs: Set<PacketSimulator.Link> = []
    for node in 0..<plan.houses {
      for ahead in 1...neighboursAhead where ahead < plan.houses {
        pairs.insert(PacketSimulator.Link(node, (node + ahead) % plan.houses))
      }
    }
    let links = pairs.sorted()
    adversaries = cast
    let copies = cast.keys.sorted().filter { cast[$0]?.kind.hasCopy == true }
    self.copies = copies
    roles = ((0..<plan.houses) + copies).map { cast[$0]?.kind }
    let all = links + Self.links(ofCopies: copies, among: links, houses: plan.houses)
    var conditions = PacketSimulator.Conditions()
    if !plan.crashes { conditions.breakPermille = 0 }
    network = PacketSimulator(
      nodes: plan.houses + copies.count, links: all, conditions: conditions, seed: random.next())
    nodes = SimulatedNode.neighbours(of: plan, links: links, weather: weather, random: &random)
    audit = LedgerAudit(
      authors: nodes.map(\.keys.publicKey), clockTolerance: SimulationPlan.clockTolerance,
      dishonest: Set(adversaries.keys))
    resolutions = nodes.map(\.house.equipment.registerResolution)
    numbers = Dictionary(
      nodes.map { ($0.keys.publicKey, $0.number) }, uniquingKeysWith: { first, _ in first })
    for node in nodes.indices {
      nodes[node].openWorkshop(lying: roles[node] == .inflatedTokens)
      errands.append(
        OwnerErrand.errands(
          of: nodes[node], among: nodes, links: links, days: plan.days, random: &random))
    }
    if neighboursAhead > 1 {
      for (node, errand) in OwnerErrand.circle(among: nodes, random: &random) {
        errands[node].append(errand)
      }
    }
    if !adversaries.isEmpty { admitAdversaries() }
    begin()
  }

  /// How many records that may move a balance there were when balances were last checked.
  var movementsChecked = 0

  /// The digest of everything that has happened so far.
  public var digest: Digest { trace.value }

  public var isOver: Bool { now >= plan.end }

  /// Lets everything happen up to `instant`, and checks the rules on the way.
  public mutating func run(until instant: Instant) throws(BrokenInvariant) {
    while let next = queue.next, next <= instant { try step() }
    now = max(now, instant)
  }

  /// Lets what comes next happen, if anything does.
  mutating func step() throws(BrokenInvariant) {
    guard let (at, happening) = queue.removeFirst() else { return }
    if at > now { happeningsNow = 0 }
    now = max(now, at)
    happeningsNow += 1
    guard happeningsNow < Self.momentLimit else {
      throw BrokenInvariant(
        .bounded, "\(happeningsNow) happenings at one moment: time stands still")
    }
    guard queue.count < Self.queueLimit + 100 * nodes.count else {
      throw BrokenInvariant(.bounded, "\(queue.count) happenings wait at once")
    }
    try perform(happening)
    try checkStep()
  }

  /// Lets all days pass, then checks that the neighbours have come to agree.
  public mutating func runToEnd() throws(BrokenInvariant) {
    try run(until: plan.end)
    try checkAgreement()
  }

  private mutating func begin() {
    for node in 0..<plan.houses {
      let offset = TimeSpan(milliseconds: random.below(20_000))
      queue.add(.restart(node: node), at: now + offset)
      queue.add(.owner(node: node), at: now + offset + .minute)
      if plan.crashes { scheduleCrash(of: node) }
    }
    if plan.crashes {
      queue.add(.split, at: now + TimeSpan(minutes: random.within(60...720)))
    }
    queue.add(.minute, at: now)
  }

  private mutating func perform(_ happening: Happening) throws(BrokenInvariant) {
    switch happening {
    case .event(let node, let life, let event):
      if nodes[node].life == life { try tell(event, to: node) }
    case .timer(let node, let life, let name, let setting):
      if nodes[node].life == life, nodes[node].fires(name, setting: setting) {
        try tell(.timer(name), to: node)
      }
    case .reading(let node, let life, let device):
      if nodes[node].life == life { try read(device, of: node) }
    case .commit(let node, let life):
      if nodes[node].life == life { try commit(node) }
    case .request(let node, let request): try finish(request, of: node)
    case .frame(let sender, let receiver, let generation, let bytes):
      let link = PacketSimulator.Link(sender, receiver)
      if network.isUp(link, generation: generation), receives(bytes, receiver) {
        try deliver(bytes, from: sender, to: receiver)
      }
    case .linkBreaks(let link, let generation):
      if network.isUp(link, generation: generation) { try lose(link, why: "connection reset") }
    case .linkTries(let link): try connect(link)
    case .crash(let node): try arrangeCrash(of: node)
    case .restart(let node): try start(node)
    case .split: try split()
    case .heal:
      network.heal()
      note(tag: 10, [now.rawValue], "the network heals")
    case .owner(let node): try runErrands(of: node)
    case .adversary(let node): try act(node)
    case .minute:
      try checkMinute()
    case .marks: try markMeters()
    }
  }

  /// Adds to the trace, and to the lines that are kept.
  mutating func note(tag: UInt8, _ numbers: [Int64], _ line: String) {
    trace.add(tag, numbers, line)
    if lastLines.count >= 2 * Self.linesKept { lastLines.removeFirst(Self.linesKept) }
    lastLines.append(LocalTime.utc.clock(at: now) + " " + line)
  }
}
