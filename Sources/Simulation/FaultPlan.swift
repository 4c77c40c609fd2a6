/// Which requests to a simulated device are hit by which fault: the same for the same seed.
///
/// Each fault strikes once in every so many requests, at a place in each stretch of that length
/// that the seed chooses; where two would strike at once, the second waits for the next request.
public struct FaultPlan: Sendable {
  /// One fault and how often it strikes.
  public struct Entry: Hashable, Sendable {
    /// How often, when nobody says: once in this many requests.
    public static let usual = 40

    public let fault: HouseFault
    /// Requests to one strike, 1 to 1,000,000; without meaning for what lasts.
    public let every: Int

    /// Traps outside the range of `every`.
    public init(_ fault: HouseFault, every: Int = Entry.usual) {
      precondition((1...1_000_000).contains(every), "a fault strikes once in 1 to 1000000 requests")
      self.fault = fault
      self.every = every
    }

    /// Reads "torn" or "torn@25"; nil for anything else.
    public init?(text: String) {
      let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
      guard let word = parts.first, let fault = HouseFault(rawValue: String(word)) else {
        return nil
      }
      guard parts.count == 2 else {
        self.init(fault)
        return
      }
      guard let every = Int(parts[1]), (1...1_000_000).contains(every) else { return nil }
      self.init(fault, every: every)
    }
  }

  public let entries: [Entry]
  private let seed: UInt64
  /// How many requests go by before the first strike.
  private let quiet: Int64
  private var hasEnded = false
  private var requests: Int64 = 0
  /// Struck and still to come, at most each entry once.
  private var waiting: [Int] = []
  /// How often each entry has struck, for the one who counts afterwards.
  private var struck: [Int]

  /// - Parameters:
  ///   - entries: each fault at most once; a second one of a kind is left out.
  ///   - seed: decides the places.
  ///   - quiet: how many requests go by unharmed at first.
  public init(_ entries: [Entry] = [], seed: UInt64, quiet: Int = 0) {
    var kept: [Entry] = []
    for entry in entries where !kept.contains(where: { $0.fault == entry.fault }) {
      kept.append(entry)
    }
    self.entries = kept
    self.seed = seed
    self.quiet = Int64(quiet)
    struck = Array(repeating: 0, count: kept.count)
  }

  /// Whether `fault` goes on all the time.
  public func lasts(_ fault: HouseFault) -> Bool {
    fault.isLasting && !hasEnded && entries.contains { $0.fault == fault }
  }

  /// What hits the next request; nil is nothing.
  public mutating func next() -> HouseFault? {
    guard !hasEnded else { return nil }
    defer { requests += 1 }
    let requests = self.requests - quiet
    guard requests >= 0 else { return nil }
    for (index, entry) in entries.enumerated() where !entry.fault.isLasting {
      let every = Int64(entry.every)
      let place = Noise.value(
        seed: seed, stream: 100 + UInt64(index), place: requests / every, below: every)
      if requests % every == place, !waiting.contains(index) { waiting.append(index) }
    }
    guard !waiting.isEmpty else { return nil }
    let index = waiting.removeFirst()
    struck[index] += 1
    return entries[index].fault
  }

  /// From now on nothing strikes and nothing lasts.
  public mutating func end() { hasEnded = true }

  /// How often `fault` has struck.
  public func strikes(of fault: HouseFault) -> Int {
    entries.firstIndex { $0.fault == fault }.map { struck[$0] } ?? 0
  }

  /// A number from 0 to `bound` − 1 that goes with the latest request, for what a fault has to
  /// choose.
  public func choice(below bound: Int) -> Int {
    Int(Noise.value(seed: seed, stream: 99, place: requests, below: Int64(bound)))
  }
}
