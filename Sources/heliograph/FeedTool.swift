import Dispatch
import Glibc
import Planning
import Runners
import Synchronization

/// `heliograph feed`: works through one job's folder, for Slurm or by hand.
struct FeedTool: Equatable {
  static let names = ["feed"]

  static let helpText = """
    On a machine that computes for a household (Slurm runs it there):

      heliograph feed FOLDER --engine ADDRESS   works through a job's folder until it is done
        --slots N      requests at once where the engine does not say; else 1
        --wait 600     seconds to wait for an engine that is not there
      SIGTERM: short answers end, long ones are kept and gone on with later. Ends with 0 only
      when every request has its line.
    """

  /// Between lines about progress.
  private static let tellMilliseconds: Int64 = 10_000

  let folder: String
  let engine: String
  let slots: Int
  let waitMilliseconds: Int64

  /// Reads the arguments behind the tool's name.
  init(_ name: String, _ arguments: [String]) throws(Invocation.UsageError) {
    var options = try ToolArguments(tool: name, arguments)
    folder = try options.word("a job's folder")
    guard let engine = try options.value("--engine") else {
      throw Invocation.UsageError(
        text: "feed needs --engine and http://host:port or the path of a Unix socket")
    }
    self.engine = engine
    slots = Int(try options.number("--slots", in: 1...64) ?? 1)
    waitMilliseconds = (try options.number("--wait", in: 1...86_400) ?? 600) * 1000
    try options.finish()
  }

  /// Does it; the exit code.
  func run() -> Int32 {
    do {
      let teller = Teller()
      let feed = try BatchFeed(
        folder: folder, engine: InferenceEngine(address: engine, slots: slots)
      ) { teller.hear($0) }
      let signals = [SIGTERM, SIGINT].map { number in
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(
          signal: number, queue: DispatchQueue(label: "signals"))
        source.setEventHandler { feed.drain() }
        source.activate()
        return source
      }
      defer { for source in signals { source.cancel() } }
      switch feed.run(patienceMilliseconds: waitMilliseconds) {
      case .done(let progress):
        Terminal.say("done: \(Teller.words(progress))")
        return CommandLineTool.ExitCode.done
      case .drained(let progress):
        Terminal.say("stopped as asked: \(progress.map(Teller.words) ?? "nothing begun")")
        return CommandLineTool.ExitCode.refused
      case .failed(let reason):
        Terminal.complain("heliograph: \(reason)")
        return CommandLineTool.ExitCode.unreachable
      }
    } catch {
      Terminal.complain("heliograph: \(error.message)")
      return CommandLineTool.ExitCode.usage
    }
  }

  /// Says how far the work is, not more often than somebody might look.
  private final class Teller: Sendable {
    private let said = Mutex<ContinuousClock.Instant?>(nil)

    func hear(_ event: RunnerEvent) {
      switch event {
      case .progress(let progress):
        let now = ContinuousClock.now
        let isDue = said.withLock { said in
          if let said, now - said < .milliseconds(FeedTool.tellMilliseconds) { return false }
          said = now
          return true
        }
        if isDue { Terminal.say(Self.words(progress)) }
      case .engine(.ready(let slots, let name)):
        Terminal.say("engine \(name), \(slots) at once")
      case .engine(.unavailable(let reason)): Terminal.say("waits for the engine: \(reason)")
      case .engine(.unknown), .unloaded, .held: break
      }
    }

    static func words(_ progress: JobProgress) -> String {
      let failed = progress.failed > 0 ? ", \(progress.failed) failed" : ""
      return "\(progress.completed) answered\(failed), \(progress.completionTokens) tokens"
    }
  }
}
