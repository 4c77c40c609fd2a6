import Ledger
import Mesh
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// Something that the station wants done outside.
///
/// The stores of one step are committed together before anything else of that step is performed.
/// What is large lies apart (`indirect`), as in `Event`.
public enum Effect: Sendable {
  case store(StoreWrite)
  case read(DeviceName)
  case send(to: PublicKey, bytes: [UInt8])
  /// Read these records from the store and send them in one frame; nothing where none is there.
  case sendRecords(to: PublicKey, RecordRequest)
  /// Fold the records of these contracts in the store, little by little; answered by `folded`.
  indirect case fold(Coverage)
  indirect case reply(to: TextMessage.Identifier, text: String)
  /// Check and copy a batch file; answered by `batchStaged` or `batchRefused`.
  indirect case stageBatch(BatchRequest, replyTo: TextMessage.Identifier)
  /// Take a new job in where it will run, without running it: a cluster shows what waits.
  indirect case prepareJob(JobNumber, folder: String, power: Power)
  /// Feed the job's requests to the engine; what is done already is skipped.
  case startJob(JobNumber, folder: String)
  /// Feed nothing more; requests in flight finish, or are broken off.
  case pauseJob(JobNumber, PauseKind)
  /// Let requests in flight finish, feed nothing more and close the result files for this reason.
  indirect case closeJob(JobNumber, folder: String, JobEnding)
  /// Check a batch file and make it ready for a neighbour to compute; answered by `workStaged` or
  /// `batchRefused`.
  indirect case stageWork(BatchRequest, replyTo: TextMessage.Identifier)
  /// Do something with the files of a contract for computing; answered by `work`.
  indirect case work(WorkOrder)
  /// Remove a checked batch that no job came of.
  case discardBatch(folder: String)
  /// Start, stop, freeze or limit the engine's program; answered by `engineProcess`.
  indirect case controlEngine(EngineOrder)
  /// Ask the computing side's sensor; answered by `computingPower` or `computingPowerUnknown`.
  case measureComputing
  /// Switch a relay's coil; an order to switch on is void some seconds after `at`, so that none
  /// that waited for the store takes anybody by surprise. Answered by `relayFailed` alone.
  case turnRelay(String, on: Bool, at: Instant)
  case showLight(StatusLight)
  case setTimer(TimerName, at: Instant)
  /// Write to a device so that it does what it is told; answered by `steered`.
  indirect case steer(SteeringOrder)
  /// The node was told that it stops, and every device goes its own way or could not be brought to.
  case atRest
  /// A decision or a change worth a line in the journal and on the screen.
  indirect case report(Decision)
}

/// One durable change of the node's database.
public enum StoreWrite: Hashable, Sendable {
  case record(StoredRecord)
  /// Sets a small value; keys are ASCII, at most 128 bytes, values at most 64 KiB.
  case put(key: String, value: [UInt8])
  case remove(key: String)
  /// Tags and accounts of all records that were stored so far, in this commit too.
  case index(LedgerIndex)
}

/// A signed record as it was received, with what the database finds it by.
public struct StoredRecord: Hashable, Sendable {
  public let community: [UInt8]
  public let author: PublicKey
  public let sequence: Int64
  public let identity: Digest
  /// The record's bytes; or those of an item that has what is left of the records before it too,
  /// see `FoldedRun`.
  public let bytes: [UInt8]

  public init(
    community: [UInt8], author: PublicKey, sequence: Int64, identity: Digest, bytes: [UInt8]
  ) {
    self.community = community
    self.author = author
    self.sequence = sequence
    self.identity = identity
    self.bytes = bytes
  }
}

/// Everything that the database holds, as the station gets it at a start.
public struct StoredState: Sendable {
  /// Chains and accounts as far as they were read already; nil for an empty ledger.
  public var ledger: CommunityLedger?
  /// Records that `ledger` does not have yet; each author's in order.
  public var records: [StoredRecord]
  /// In order of key.
  public var entries: [Entry]
  /// The own chain's head as the marker outside the database tells it.
  public var ownHead: OwnHead?

  /// How long the own chain was when the marker was written.
  public struct OwnHead: Hashable, Sendable {
    public let count: Int64
    public let head: Digest

    public init(count: Int64, head: Digest) {
      self.count = count
      self.head = head
    }
  }

  public struct Entry: Hashable, Sendable {
    public let key: String
    public let value: [UInt8]
    public init(key: String, value: [UInt8]) {
      self.key = key
      self.value = value
    }
  }

  public init(
    ledger: CommunityLedger? = nil, records: [StoredRecord] = [], entries: [Entry] = [],
    ownHead: OwnHead? = nil
  ) {
    self.ledger = ledger
    self.records = records
    self.entries = entries
    self.ownHead = ownHead
  }
}
