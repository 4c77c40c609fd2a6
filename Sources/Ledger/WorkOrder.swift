import Planning
import Quantities
import Sealing

/// Which of a contract's two bodies of data: what is to be computed, or what came of it.
public enum WorkParcel: Int64, Hashable, Sendable {
  case work = 1
  case results = 2

  /// Bytes of a part, but for the last.
  public static let partLength = 256 << 10
  /// The most parts of one parcel: results may be longer than the work.
  public static let maximumParts: Int64 = 4096
}

/// A batch file of the household's, made ready to be computed elsewhere.
public struct StagedWork: Hashable, Sendable {
  public var batch: StagedBatch
  /// SHA-256 of the model's file, as the configuration names it.
  public var model: Digest
  /// BLAKE2b-256 of the file as it will be sent.
  public var work: Digest
  /// Its length in bytes.
  public var length: Int64
  /// The sum of what the answers may be long, in tokens.
  public var tokens: Int64

  public init(batch: StagedBatch, model: Digest, work: Digest, length: Int64, tokens: Int64) {
    self.batch = batch
    self.model = model
    self.work = work
    self.length = length
    self.tokens = tokens
  }
}

/// Something that the computing trade wants done with files; `folder` is below the jobs folder.
public enum WorkOrder: Hashable, Sendable {
  /// Say how many parts of a parcel are here; answered by `stored`.
  case look(contract: Digest, WorkParcel, folder: String)
  /// Read a part, seal it to this neighbour and send it.
  case send(contract: Digest, WorkParcel, folder: String, part: Int64, to: PublicKey)
  /// Open a sealed part and append it durably; answered by `stored` or `unusable`.
  case take(
    contract: Digest, WorkParcel, folder: String, part: Int64, count: Int64, sealed: [UInt8])
  /// Check the whole work against its terms and make a job of it for this model of the engine's;
  /// answered by `opened` or `unusable`.
  case open(contract: Digest, folder: String, ComputingTerms, model: String)
  /// Make the results of what a job has answered; answered by `gathered` or `unusable`.
  case gather(contract: Digest, folder: String)
  /// Check the whole results against the commitment, count their tokens again, compute the audited
  /// ones again where the engine has the model, and put the answers where the household looks for
  /// them; answered by `checked`.
  case check(
    contract: Digest, folder: String, ContractState.Commitment, audits: [Int64], ComputingTerms)
  /// Delete everything of the contract's that a neighbour sent.
  case discard(contract: Digest, folder: String)

  /// Where a neighbour's work is kept, below the jobs folder.
  public static func folder(of contract: Digest) -> String {
    "neighbour-" + String(contract.hexadecimal.prefix(16))
  }
}

/// What became of a `WorkOrder`.
public enum WorkOutcome: Hashable, Sendable {
  /// So many parts are here, of so many; nil while that is not known.
  case stored(contract: Digest, WorkParcel, parts: Int64, count: Int64?)
  case opened(contract: Digest, StagedBatch)
  case gathered(contract: Digest, root: Digest, answered: Int64, tokens: Int64)
  case checked(contract: Digest, ResultFindings)
  /// It can't be gone on with: what was sent is not what was agreed, or the disk refuses.
  case unusable(contract: Digest, WorkParcel, reason: String)
}

/// What a buyer found in the results.
public struct ResultFindings: Hashable, Sendable {
  /// Whether every line is the one that was committed to, and none is missing.
  public var areThoseCommitted: Bool
  /// Output tokens as counted again here, never more than the provider says of a line.
  public var tokens: Int64
  /// Audited results that came out alike when computed again, and those that did not; both zero
  /// where no engine here has the model.
  public var auditsPassed: Int64
  public var auditsFailed: Int64
  /// Where the household finds the answers; nil when there are none.
  public var file: String?

  public init(
    areThoseCommitted: Bool, tokens: Int64, auditsPassed: Int64 = 0, auditsFailed: Int64 = 0,
    file: String? = nil
  ) {
    self.areThoseCommitted = areThoseCommitted
    self.tokens = tokens
    self.auditsPassed = auditsPassed
    self.auditsFailed = auditsFailed
    self.file = file
  }
}
