import Glibc
import Simulation

/// A node that is killed again and again on a disk that loses what nobody waited for.
struct CrashRun {
  /// Enough for the lives of one directory; then a new one begins.
  private static let contracts = 400
  private static let livesPerDirectory: Int64 = 10
  /// A life that nobody ends takes at most so long.
  private static let patienceMilliseconds: Int64 = 60_000

  private let options: CrashCommand.Options
  private let root: String
  private let disk: CrashDisk
  private let check: CrashCheck
  private var signals: StreetSignals
  private var random: RandomSource
  private var promises: CrashPromises
  /// What the directory promised that a run may begin from.
  private var basePromises: CrashPromises
  private var lives: Int64 = 0

  private struct Tally {
    var kills = 0
    var pieces = 0
    var names = 0
    /// Kills after which something was lost.
    var losses = 0
    var promised = 0
    var looks = 0
  }
  private var tally = Tally()

  init(_ options: CrashCommand.Options, signals: StreetSignals) throws(StreetError) {
    self.options = options
    self.signals = signals
    random = RandomSource(seed: options.seed)
    root = StreetSystem.absolutePath(options.directory)
    try CrashDisk.make(root)
    disk = CrashDisk(root + "/node", log: root + "/node.log", options.programs)
    promises = try CrashPromises()
    basePromises = promises
    let trade = try CrashTrade(contracts: Self.contracts)
    check = try CrashCheck(trade: trade)
    try disk.renew()
    try trade.write(tradePath)
  }

  private var tradePath: String { root + "/trade" }
  private var copyPath: String { root + "/copy" }
  private var basePath: String { root + "/base" }

  /// Lives through everything; returns the exit code.
  mutating func live() -> Int32 {
    let begun = StreetSystem.uptime()
    do {
      let first = try points(from: nil, turns: options.turns)
      say("a new node: \(first) kills at each durable point of \(options.turns) turns")
      try makeBase()
      let second = try points(from: basePath, turns: (options.turns + 1) / 2)
      say("a node that was killed before: \(second) kills at each durable point")
      try moments()
      say("\(options.moments) kills at random moments")
    } catch {
      say("life \(lives): \(error)")
      say("What it left lies in \(StreetSystem.shortPath(root))")
      return 1
    }
    let seconds = (StreetSystem.uptime() - begun) / 1000
    say(
      """
      \(tally.kills) kills in \(seconds) s; after \(tally.losses) of them something was lost: \
      \(tally.pieces) pieces of files, \(tally.names) names
      \(tally.promised) records promised, looked for \(tally.looks) times: none lost, none doubled
      """)
    try? CrashDisk.remove(root)
    return 0
  }

  /// At once, also where standard output is a file.
  private func say(_ line: String) { _ = StreetSystem.write(line + "\n", to: STDOUT_FILENO) }

  // MARK: each durable point

  /// Kills a node before, after and within each durable point of a run from `base`, a fresh
  /// directory for each; returns how many kills that were.
  private mutating func points(from base: String?, turns: Int) throws(StreetError) -> Int {
    try begin(from: base)
    try liveOn(turns: turns)
    let letters = disk.points
    guard letters.contains("s") else { throw StreetError("a run has no durable points") }
    let before = tally.kills
    for (index, letter) in letters.enumerated() {
      for side in CrashDisk.Point.Side.allCases where side != .halfWritten || letter == "w" {
        let point = CrashDisk.Point(number: index + 1, side: side)
        do {
          try begin(from: base)
          let ending = try oneLife(turns: turns, killedAt: point)
          // The clock is real, so a run may come to its end a point earlier than the first.
          if ending == .exited(0) { continue }
          try takeLosses(ending)
          try liveOn(turns: 2)
        } catch {
          throw StreetError("killed \(side) point \(point.number) (\(letter)): \(error)")
        }
      }
    }
    return tally.kills - before
  }

  /// A directory as a killed node has left it, to begin from.
  private mutating func makeBase() throws(StreetError) {
    try begin(from: nil)
    let ending = try oneLife(turns: 1000, killedAt: CrashDisk.Point(number: 150, side: .after))
    try takeLosses(ending)
    basePromises = promises
    try CrashDisk.copy(disk.directory, to: basePath)
  }

  private mutating func begin(from base: String?) throws(StreetError) {
    try disk.renew()
    if let base { try CrashDisk.copy(base, to: disk.directory) }
    promises = base == nil ? try CrashPromises() : basePromises
  }

  // MARK: random moments

  private mutating func moments() throws(StreetError) {
    for moment in 0..<options.moments {
      if moment % Self.livesPerDirectory == 0 { try begin(from: nil) }
      // Half of them while it starts, and the others while it works, however slow the machine is.
      let ending = try oneLife(
        turns: 60, milliseconds: random.below(70), afterFirstPromise: random.below(2) == 0)
      do { try takeLosses(ending) } catch {
        throw StreetError("random moment \(moment + 1): \(error)")
      }
      if moment % Self.livesPerDirectory == Self.livesPerDirectory - 1 { try liveOn(turns: 2) }
    }
  }

  // MARK: lives

  /// Takes what the disk loses, and looks at a copy of what is left.
  private mutating func takeLosses(_ ending: StreetProcess.Ending) throws(StreetError) {
    guard ending == .killed(signal: SIGKILL) else { throw StreetError("the node \(ending.text)") }
    tally.kills += 1
    let loss = try disk.lose(random.next())
    tally.pieces += loss.pieces
    tally.names += loss.names
    if loss.pieces + loss.names > 0 { tally.losses += 1 }
    try look()
  }

  private mutating func look() throws(StreetError) {
    try CrashDisk.copy(disk.directory, to: copyPath)
    _ = try check.look(at: copyPath, for: promises)
    tally.looks += 1
  }

  /// A life that ends by itself: the node has gone on where it was.
  private mutating func liveOn(turns: Int) throws(StreetError) {
    let own = promises.ownCount
    let ending = try oneLife(turns: turns)
    guard ending == .exited(0) else { throw StreetError("the next life \(ending.text)") }
    guard promises.ownCount > own else { throw StreetError("the next life signs nothing") }
    try look()
  }

  /// One process from its start to its end; what it promises is noted.
  private mutating func oneLife(
    turns: Int, killedAt point: CrashDisk.Point? = nil, milliseconds: Int64? = nil,
    afterFirstPromise: Bool = false
  ) throws(StreetError) -> StreetProcess.Ending {
    guard signals.wait(milliseconds: 0) == nil else { throw StreetError("interrupted") }
    lives += 1
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw StreetError("no pipe: \(StreetSystem.errorText())") }
    defer { close(ends[0]) }
    var words = ["\(lives)", "\(turns)", tradePath]
    if options.promisesEarly { words.append("--early") }
    if milliseconds != nil { words.append("--wait") }
    let process: StreetProcess
    do {
      process = try disk.start(
        words, killedAt: point, ignoresSync: options.ignoresSync, output: ends[1])
    } catch {
      close(ends[1])
      throw error
    }
    close(ends[1])
    let said = Self.read(
      ends[0], for: milliseconds ?? Self.patienceMilliseconds, sinceFirst: afterFirstPromise
    ) { process.signal(SIGKILL) }
    let ending = process.waitForEnd()
    let before = promises.records.count
    try promises.take(said)
    tally.promised += promises.records.count - before
    return ending
  }

  /// All that is written to a pipe until its other end closes; `overdue` is called after so many
  /// milliseconds, which begin now or with the first byte.
  private static func read(
    _ pipe: Int32, for milliseconds: Int64, sinceFirst: Bool, overdue: () -> Void
  ) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var deadline =
      StreetSystem.uptime() + (sinceFirst ? patienceMilliseconds : milliseconds)
    var isOver = false
    while true {
      var wait = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
      let left = isOver ? -1 : max(0, deadline - StreetSystem.uptime())
      let ready = poll(&wait, 1, Int32(clamping: left))
      if ready == 0 {
        overdue()
        isOver = true
        continue
      }
      let count = Glibc.read(pipe, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      if sinceFirst, bytes.isEmpty { deadline = StreetSystem.uptime() + milliseconds }
      bytes += buffer.prefix(count)
    }
  }
}
