import Daemon
import Glibc
import HeliographCore
import Ledger
import Sealing
import Storage

/// `heliograph ledger`: checks, shows and hands on signed records, with no node at work.
struct LedgerTool: Equatable {
  enum Task: Equatable {
    case verify
    case show(LedgerShow.Options)
    case export(to: String?)
    case takeIn
  }

  static let name = "ledger"

  static let helpText = """
      heliograph ledger verify [FILE|DATABASE]   recompute everything: forms, signatures, chains,
                                                 contracts, balances; says the first thing wrong
      heliograph ledger show [FILE|DATABASE] [NAME|KEY|CONTRACT]   records in words, newest last
        --csv          a statement of what was traded: with one neighbour, or all
        --of KEY       whose statement; else the node's own
        --config FILE  neighbours' names; else \(InstallerTool.defaultConfiguration)
      heliograph ledger export [DATABASE] [--output FILE]   the records as they are (CBOR sequence)
      heliograph ledger import FILE              puts in what is valid and missing, all or nothing
      A node that runs holds its database: stop it first.
    """

  let task: Task
  /// The first word after the task; nil where there was none.
  let path: String?

  init(_ arguments: [String]) throws(Invocation.UsageError) {
    guard let first = arguments.first else {
      throw Invocation.UsageError(text: "ledger needs verify, show, export or import")
    }
    var rest = Array(arguments.dropFirst())
    let isTable = first == "show" && rest.contains("--csv")
    rest.removeAll { isTable && $0 == "--csv" }
    var options = try ToolArguments(tool: "ledger \(first)", rest)
    var words = options.rest()
    switch first {
    case "verify": task = .verify
    case "export": task = .export(to: try options.value("--output"))
    case "import":
      task = .takeIn
      guard !words.isEmpty else {
        throw Invocation.UsageError(text: "ledger import needs a FILE that was exported")
      }
    case "show":
      // A word that is no file is what to look for.
      let wanted = words.last.flatMap { access($0, F_OK) == 0 ? nil : $0 }
      if wanted != nil { words.removeLast() }
      task = .show(
        LedgerShow.Options(
          wanted: wanted, isTable: isTable, party: try options.value("--of"),
          configuration: try options.value("--config")))
    default:
      throw Invocation.UsageError(
        text: "ledger knows verify, show, export and import, not \(first)")
    }
    path = words.isEmpty ? nil : words.removeFirst()
    if let word = words.first {
      throw Invocation.UsageError(text: "ledger \(first): \(word) is one word too many")
    }
    try options.finish()
  }

  /// Does it; the exit code.
  func run(node: String) -> Int32 {
    do {
      switch task {
      case .verify: try verify(LedgerSource(path, node: node))
      case .show(let options):
        let show = try LedgerShow(LedgerSource(path, node: node), options)
        for line in try options.isTable ? show.statement() : show.lines() { Terminal.say(line) }
      case .export(let output): try export(LedgerSource(path, node: node), to: output)
      case .takeIn: try importFile(LedgerSource(path, node: node), node: node)
      }
      return CommandLineTool.ExitCode.done
    } catch let failure as LedgerSource.Failure {
      Terminal.complain("heliograph: \(failure.text)")
      return failure.code
    } catch {
      Terminal.complain("heliograph: \(error)")
      return CommandLineTool.ExitCode.refused
    }
  }

  private func verify(_ source: LedgerSource) throws {
    let check = try LedgerCheck(of: source)
    if let own = try source.ownHead(), !check.holds(own.head) {
      throw LedgerSource.Failure(
        text: "\(source.path): it ends before this node's record \(own.count - 1), which the head "
          + "marker beside it names. The node gets its records back from its neighbours when it "
          + "runs, and signs nothing before")
    }
    Terminal.say(check.summary)
  }

  private func export(_ source: LedgerSource, to output: String?) throws {
    guard output != nil || isatty(1) == 0 else {
      throw LedgerSource.Failure(
        text: "records are no text: name a file with --output FILE, or send them to a program",
        code: CommandLineTool.ExitCode.usage)
    }
    let file = output.map { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640) } ?? 1
    let name = output ?? "standard output"
    guard file >= 0 else {
      throw LedgerSource.Failure(
        text: "\(name): can't be made: \(String(cString: strerror(errno)))")
    }
    defer { if output != nil { close(file) } }
    var count = 0
    try source.records { bytes, _ in
      count += 1
      var rest = RecordSequence.item(bytes)[...]
      while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard written > 0 else {
          throw LedgerSource.Failure(
            text: "\(name): can't be written: \(String(cString: strerror(errno)))")
        }
        rest = rest.dropFirst(written)
      }
    }
    guard output != nil else { return }
    guard fsync(file) == 0 else {
      throw LedgerSource.Failure(
        text: "\(name): can't be written: \(String(cString: strerror(errno)))")
    }
    Terminal.say("\(name): \(count) records")
  }

  private func importFile(_ file: LedgerSource, node: String) throws {
    let target = try LedgerSource(nil, node: node)
    guard target.isDatabase, !file.isDatabase else {
      let wrong = target.isDatabase ? file.path : target.path
      throw LedgerSource.Failure(
        text: "\(wrong): import puts an exported file into a node's database (--node DIR)")
    }
    let store = try LedgerSource.stopped(target.path)
    let added = try LedgerImport(store: store, target: target.path).take(file)
    Terminal.say("\(target.path): \(added) records were missing and are there now")
  }
}

extension LedgerCheck {
  /// Everything that was recomputed, in one line.
  var summary: String {
    let books = communities.map { accounts(of: $0) }
    var counts: [ContractState.Stage: Int] = [:]
    for contract in books.flatMap(\.contracts) { counts[contract.stage, default: 0] += 1 }
    let states = counts.keys.sorted { $0.rawValue < $1.rawValue }
      .map { "\(counts[$0] ?? 0) \($0)" }
    let contracts = states.isEmpty ? "none" : states.joined(separator: ", ")
    let proofs = forks.map { "\($0.author.short) at sequence \($0.sequence)" }
    let forked = proofs.isEmpty ? "" : "; forked: \(proofs.joined(separator: ", "))"
    let folded = foldedCount > 0 ? " (and \(foldedCount) folded)" : ""
    return
      "in order: \(recordCount) records\(folded) of \(authorCount) authors; contracts: "
      + "\(contracts); pairs with a balance: \(books.map(\.pairCount).reduce(0, +))\(forked)"
  }

  /// Whether any chain has a record with this identity.
  func holds(_ identity: Digest) -> Bool { author(of: identity) != nil }
}

extension Accounts {
  /// Pairs of neighbours of whom one owes the other something.
  fileprivate var pairCount: Int {
    parties.reduce(0) { sum, party in
      sum + partners(of: party).filter { party < $0 && balance(of: party, with: $0) != .zero }.count
    }
  }
}
