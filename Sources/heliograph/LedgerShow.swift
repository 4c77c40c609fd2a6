import Daemon
import Glibc
import HeliographCore
import Ledger
import Quantities
import Sealing

/// `heliograph ledger show`: records in words, and statements of what was traded.
struct LedgerShow {
  struct Options: Equatable {
    /// A name, or the first digits of a key, a contract or a record.
    var wanted: String?
    var isTable = false
    /// Whose statement, as a key's first digits or a name.
    var party: String?
    var configuration: String?
  }

  private let options: Options
  private let words: RecordWords
  /// By time, each chain's in order.
  private let records: [Record]
  private let check: LedgerCheck
  private let own: PublicKey?

  /// Reads and checks all of it; what is wrong is not shown.
  init(_ source: LedgerSource, _ options: Options) throws {
    self.options = options
    var found: [Record] = []
    let check = try LedgerCheck(of: source)
    try source.records { bytes, _ in
      if let record = FoldedRun.record(of: bytes) { found.append(record) }
    }
    records = Self.byTime(found)
    self.check = check
    let head = try source.ownHead()
    own = head.flatMap { check.author(of: $0.head) }
    words = RecordWords(names: try Self.names(options.configuration, own: own))
  }

  private static func names(_ file: String?, own: PublicKey?) throws -> [PublicKey: String] {
    let path = file ?? InstallerTool.defaultConfiguration
    guard file != nil || access(path, R_OK) == 0 else { return [:] }
    let configuration = try Configuration(file: path)
    var names: [PublicKey: String] = [:]
    for peer in configuration.peers { names[peer.key] = peer.name }
    if let own { names[own] = configuration.name }
    return names
  }

  /// Clocks of different houses differ: a record is never before the one that it follows.
  private static func byTime(_ records: [Record]) -> [Record] {
    var times: [Digest: Instant] = [:]
    for record in records {
      let before = record.previous.flatMap { times[$0] } ?? .distantPast
      times[record.identity] = max(record.time, before)
    }
    let ordered = records.map { record in
      (record: record, time: times[record.identity] ?? record.time)
    }
    return ordered.sorted {
      ($0.time, $0.record.sequence, $0.record.identity)
        < ($1.time, $1.record.sequence, $1.record.identity)
    }.map(\.record)
  }

  /// A line for each record that was asked for.
  func lines() throws -> [String] {
    let lines = records.compactMap { record -> String? in
      let contract = check.accounts(of: record.community).contract(with: record.identity)
      guard isWanted(record, contract) else { return nil }
      return words.line(record, contract)
    }
    guard !lines.isEmpty || records.isEmpty else {
      throw LedgerSource.Failure(text: "nothing there has to do with \(options.wanted ?? "it")")
    }
    return lines
  }

  private func isWanted(_ record: Record, _ contract: Contract?) -> Bool {
    guard let wanted = options.wanted?.lowercased() else { return true }
    let keys = [record.author, record.peer].compactMap { $0 }
    if keys.contains(where: { isMeant($0, by: wanted) }) { return true }
    return record.identity.hexadecimal.hasPrefix(wanted)
      || contract?.identifier.hexadecimal.hasPrefix(wanted) == true
  }

  private func isMeant(_ key: PublicKey, by text: String) -> Bool {
    words.names[key]?.lowercased() == text.lowercased()
      || key.hexadecimal.hasPrefix(text.lowercased())
  }

  /// What moved a balance with a neighbour, as a table (CSV) in credits.
  func statement() throws -> [String] {
    let authors = Set(records.map(\.author)).sorted()
    let named = options.party.flatMap { party in authors.first { isMeant($0, by: party) } }
    guard let party = options.party == nil ? own : named else {
      let text =
        options.party.map { "no author there is called \($0)" }
        ?? "whose statement? Name it with --of KEY"
      throw LedgerSource.Failure(text: text, code: CommandLineTool.ExitCode.usage)
    }
    var statement = TradeStatement(of: party)
    for record in records { statement.take(record) }
    return [TradeStatement.heading]
      + statement.entries.filter { entry in
        options.wanted.map { isMeant(entry.neighbour, by: $0) } ?? true
      }.map { $0.line(name: words.name($0.neighbour)) }
  }
}
