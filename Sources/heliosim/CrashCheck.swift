import Daemon
import HeliographCore
import Ledger
import Quantities
import Sealing
import Simulation
import Storage

/// Looks at a directory that a crash has left: whether everything that was promised is there.
struct CrashCheck {
  let trade: CrashTrade
  private let configuration: StationConfiguration

  init(trade: CrashTrade) throws(StreetError) {
    self.trade = trade
    configuration = try CrashNode.configuration()
  }

  /// Throws the first thing that is not as it must be; returns how many records are there.
  ///
  /// It opens the database, which repairs it as a start does: give it a copy.
  func look(at directory: String, for promises: CrashPromises) throws(StreetError) -> Int {
    let store: RecordStore
    let stored: [StoredRecord]
    var ledger = configuration.emptyLedger
    let marker: StoredState.OwnHead?
    do {
      store = try RecordStore(path: directory + "/" + CrashNode.databaseName)
      stored = try store.load().records
      let restoration = try store.restore(&ledger)
      guard restoration.damaged == 0 else { throw StreetError("records are damaged") }
      marker = try HeadMarker(directory: directory).read()
    } catch { throw StreetError("\(error)") }
    let records = try chains(stored, promises)
    try compare(ledger, with: records)
    try compare(marker, with: records, promises)
    return records.count
  }

  /// Every chain without a gap and without a second record of any place, neighbours' records as
  /// they were sent, and all that was promised.
  private func chains(
    _ stored: [StoredRecord], _ promises: CrashPromises
  ) throws(StreetError) -> [Record] {
    var records: [Record] = []
    var ends: [PublicKey: Record] = [:]
    var missing = promises.records
    for item in stored {
      let name = "record \(item.sequence) of \(item.author.short)"
      let isOwn = item.author == configuration.keys.publicKey
      let record: Record
      do { record = try Record(decoding: item.bytes, verifying: isOwn) } catch {
        throw StreetError("\(name): \(error.text)")
      }
      let last = ends[record.author]
      guard record.sequence == (last?.sequence ?? -1) + 1, record.previous == last?.identity else {
        throw StreetError("\(name) is doubled, or one before it is missing")
      }
      let digest = Digest(of: item.bytes)
      let sent = trade.digests[record.author]?.dropFirst(Int(record.sequence)).first
      guard isOwn || sent == digest else { throw StreetError("\(name) is not what was sent") }
      let place = CrashPromises.Place(author: record.author, sequence: record.sequence)
      if let promised = missing.removeValue(forKey: place), promised != digest {
        throw StreetError("\(name) is not what was promised")
      }
      ends[record.author] = record
      records.append(record)
    }
    let lost = missing.keys.map { "\($0.sequence) of \($0.author.short)" }.sorted()
    guard let first = lost.first else { return records }
    throw StreetError("\(lost.count) promised records are lost, as record \(first)")
  }

  /// The accounts that a start reads against two recomputations.
  private func compare(
    _ restored: CommunityLedger, with records: [Record]
  ) throws(StreetError) {
    var again = configuration.emptyLedger
    for record in records {
      guard case .taken = again.receive(record, isGenuine: true) else {
        throw StreetError("record \(record.sequence) of \(record.author.short) is not taken again")
      }
    }
    let latest = records.map(\.time).max() ?? .distantPast
    var ledger = restored
    for end in [latest, latest + TimeSpan.hour] {
      ledger.retire(at: end)
      again.retire(at: end)
    }
    guard ledger.recordCount == records.count, ledger.forkers.isEmpty, again.forkers.isEmpty,
      ledger.accounts.encoded == again.accounts.encoded
    else { throw StreetError("the accounts that a start reads are not those of the records") }
    let recounted = RecountedAccounts(of: records)
    for party in ledger.accounts.parties {
      guard ledger.accounts.balance(of: party) == recounted.balance(of: party) else {
        throw StreetError("the balance of \(party.short) does not follow from the records")
      }
    }
  }

  /// The marker tells of a record that is there, and of every own one that was promised.
  private func compare(
    _ marker: StoredState.OwnHead?, with records: [Record], _ promises: CrashPromises
  ) throws(StreetError) {
    let own = records.filter { $0.author == configuration.keys.publicKey }
    let count = marker?.count ?? 0
    guard count >= promises.ownCount else {
      throw StreetError("the head marker tells of \(count) records, promised \(promises.ownCount)")
    }
    guard let marker else { return }
    guard count <= Int64(own.count), own[Int(count) - 1].identity == marker.head else {
      throw StreetError("the head marker is ahead of the database: \(count) against \(own.count)")
    }
  }
}
