import Quantities
import Sealing

/// A provider's answer to a request for computing: what it asks and when it will be done.
public struct ComputingQuote: Hashable, Sendable {
  public let provider: PublicKey
  /// For the whole job; ≥ 0. Owed only when results were delivered.
  public let price: Credits
  /// When the provider promises the last result.
  public let finish: Instant
  /// Of the signed quote; decides between equals.
  public let identity: Digest

  public init(provider: PublicKey, price: Credits, finish: Instant, identity: Digest) {
    self.provider = provider
    self.price = price
    self.finish = finish
    self.identity = identity
  }
}

/// What a household itself has seen of a provider; others' word is no part of it.
public struct ProviderExperience: Hashable, Sendable {
  /// Jobs delivered by the promised time, delivered later, and never delivered.
  public var inTime: Int64
  public var late: Int64
  public var failed: Int64
  /// Results computed again here: found right, and found wrong.
  public var auditsPassed: Int64
  public var auditsFailed: Int64

  /// The most that one count weighs: what was long ago must not hide what is.
  public static let maximumCount: Int64 = 1000

  public init(
    inTime: Int64 = 0, late: Int64 = 0, failed: Int64 = 0, auditsPassed: Int64 = 0,
    auditsFailed: Int64 = 0
  ) {
    self.inTime = inTime
    self.late = late
    self.failed = failed
    self.auditsPassed = auditsPassed
    self.auditsFailed = auditsFailed
  }

  /// Jobs whose end was seen.
  public var jobs: Int64 { inTime + late + failed }
}
