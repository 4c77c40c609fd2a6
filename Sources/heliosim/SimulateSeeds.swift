import Glibc
import Quantities
import Simulation

/// Many seeds side by side, each in a process of its own, one for each processor.
///
/// So a seed that traps is named like one that breaks a rule, and nothing of a neighbourhood is
/// ever shared between threads.
struct SimulateSeeds {
  /// A seed under way: what its process has said so far.
  private struct Run {
    let seed: UInt64
    let stream: UnsafeMutablePointer<FILE>
    var text: [UInt8] = []
  }

  private let options: SimulateOptions
  /// This very program.
  private let program: String
  private let began = ContinuousClock().now
  private var next = 0
  private var running: [Run] = []
  private var sum = SeedNumbers()
  private var done = 0
  /// Of the seeds that failed the lowest, and what its process said.
  private var failure: (seed: UInt64, text: String)?

  /// Runs the seeds that `options` asks for and returns the exit status.
  static func run(_ options: SimulateOptions) -> Int32 {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &path, path.count - 1)
    let program = path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
    var seeds = SimulateSeeds(options, program: String(decoding: program, as: UTF8.self))
    return seeds.run()
  }

  private init(_ options: SimulateOptions, program: String) {
    self.options = options
    self.program = program
  }

  private mutating func run() -> Int32 {
    let workers = max(1, min(options.seeds, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))))
    for _ in 0..<workers { begin() }
    while !running.isEmpty { listen() }
    if let failure {
      SimulateCommand.writeError(failure.text)
      return 1
    }
    let taken = began.duration(to: ContinuousClock().now)
    print(
      "\(done) seeds held: \(sum.bound) contracts bound, \(sum.settled) settled;"
        + " \(sum.crashes) crashes, \(sum.steps) steps;"
        + " \(SimulateReport.rate(Int64(done), in: taken)) seeds/s,"
        + " \(SimulateReport.rate(sum.steps, in: taken)) steps/s")
    if !sum.tally.acts.isEmpty { print(SimulateReport.adversaries(sum.tally)) }
    return 0
  }

  /// Starts the next seed, unless one has failed.
  private mutating func begin() {
    guard next < options.seeds, failure == nil else { return }
    let seed = options.seed &+ UInt64(next)
    next += 1
    // A quote in the path would end the word; nobody installs it there.
    let command = "exec '\(program)' \(options.arguments(of: seed)) --numbers 2>&1"
    guard let stream = popen(command, "r") else {
      return fail(seed, "heliosim: seed \(seed) can't be started: errno \(errno)")
    }
    running.append(Run(seed: seed, stream: stream))
  }

  /// Waits for what any of them says, and takes those that have ended.
  private mutating func listen() {
    var polls = running.map { pollfd(fd: fileno($0.stream), events: Int16(POLLIN), revents: 0) }
    guard poll(&polls, nfds_t(polls.count), -1) > 0 else { return }
    var ended: [Run] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    for (index, poll) in polls.enumerated() where poll.revents != 0 {
      let count = read(poll.fd, &buffer, buffer.count)
      if count > 0 {
        running[index].text += buffer.prefix(count)
      } else if count == 0 || errno != EINTR {
        ended.append(running[index])
      }
    }
    for run in ended {
      running.removeAll { $0.seed == run.seed }
      end(run)
      begin()
    }
  }

  private mutating func end(_ run: Run) {
    let status = pclose(run.stream)
    let text = String(decoding: run.text, as: UTF8.self)
    guard status == 0, let numbers = SeedNumbers(text) else {
      // One that broke a rule has said all; one that trapped knows nothing of its seed.
      if text.contains("replay it with: ") { return fail(run.seed, text) }
      let signal = status & 0x7F
      let how = signal == 0 ? "ended with \(status >> 8)" : "was ended by signal \(signal)"
      return fail(
        run.seed,
        """
        \(text)heliosim: seed \(run.seed) \(how)
        replay it with: \(options.replay(of: run.seed))
        """)
    }
    done += 1
    sum.add(numbers)
    guard done % 20 == 0 else { return }
    let taken = began.duration(to: ContinuousClock().now)
    SimulateCommand.show(
      "\(done) of \(options.seeds) seeds, \(sum.settled) settled,"
        + " \(SimulateReport.rate(Int64(done), in: taken)) seeds/s")
  }

  private mutating func fail(_ seed: UInt64, _ text: String) {
    if failure.map({ seed < $0.seed }) ?? true { failure = (seed, text) }
  }
}

/// What is added up of seeds, as one line of numbers from process to process.
struct SeedNumbers {
  private(set) var steps: Int64 = 0
  private(set) var bound = 0
  private(set) var settled = 0
  private(set) var crashes = 0
  private(set) var tally = SimulationTally()

  init() {}

  init(of street: Neighbourhood) {
    steps = street.steps
    bound = street.tally.contractsBound
    settled = street.tally.contractsSettled
    crashes = street.tally.crashes
    tally.add(street.tally)
  }

  /// Reads `line`; nil when it is none.
  init?(_ line: String) {
    let words = line.split { $0 == " " || $0 == "\n" }
    let numbers = words.compactMap { Int64($0) }
    let kinds = AdversaryKind.allCases
    guard words.count == numbers.count, numbers.count == 6 + kinds.count else { return nil }
    steps = numbers[0]
    bound = Int(numbers[1])
    settled = Int(numbers[2])
    crashes = Int(numbers[3])
    tally = SimulationTally(
      amongHonest: Int(numbers[4]), withAdversaries: Int(numbers[5]),
      acts: Dictionary(
        uniqueKeysWithValues: zip(kinds, numbers.dropFirst(6).map { Int($0) }).filter { $0.1 > 0 }))
  }

  var line: String {
    let acts = AdversaryKind.allCases.map { Int64(tally.acts[$0] ?? 0) }
    let numbers =
      [steps] + [bound, settled, crashes].map { Int64($0) }
      + [Int64(tally.settledAmongHonest), Int64(tally.settledWithAdversaries)] + acts
    return numbers.map(String.init).joined(separator: " ")
  }

  mutating func add(_ other: SeedNumbers) {
    steps += other.steps
    bound += other.bound
    settled += other.settled
    crashes += other.crashes
    tally.add(other.tally)
  }
}
