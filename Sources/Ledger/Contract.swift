import Quantities
import Sealing

/// An energy contract as the records of buyer and seller tell it.
///
/// ACCEPT ← CONFIRM ← BIND ← SETTLE ← ACKNOWLEDGE: each links the other side's record before it,
/// so each end proves what the other end had agreed to. No chain is ever locked.
public struct Contract: Hashable, Sendable {
  /// How far the two chains have brought it.
  public enum Stage: Int, Hashable, Comparable, Sendable {
    case accepted, confirmed, bound, settled, acknowledged

    public static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

  /// Identity of the buyer's ACCEPT.
  public let identifier: Digest
  public let buyer: PublicKey
  public let seller: PublicKey
  /// Identity of the seller's OFFER.
  public let offer: Digest
  public let slot: TimeSlot
  /// Agreed, the most that can be settled.
  public let energy: Energy
  public let price: Price
  public private(set) var stage = Stage.accepted
  /// Identity of the record that brought the present stage.
  public private(set) var last: Digest
  public private(set) var settlement: Settlement?

  /// What the seller's SETTLE states.
  public struct Settlement: Hashable, Sendable {
    public let energy: Energy
    public let amount: Credits
    /// Identities of the two METER statements that bear it out.
    public let sellerStatement: Digest
    public let buyerStatement: Digest

    public init(
      energy: Energy, amount: Credits, sellerStatement: Digest, buyerStatement: Digest
    ) {
      self.energy = energy
      self.amount = amount
      self.sellerStatement = sellerStatement
      self.buyerStatement = buyerStatement
    }

    /// The body of a SETTLE record.
    public var body: [CBORValue] {
      [
        .integer(energy.rawValue), .integer(amount.rawValue), .bytes(sellerStatement.bytes),
        .bytes(buyerStatement.bytes),
      ]
    }
  }

  /// How long after its slot a bound contract may wait for both meters: seven days.
  public static let settlementTimeOut = TimeSpan(minutes: 7 * 1440)

  /// The contract that an ACCEPT opens; nil when the record is none or out of range.
  public init?(accept record: Record) {
    guard record.kind == .accept, let seller = record.peer, seller != record.author,
      let offer = record.link, record.body.count == 3,
      let slot = record.body[0].integer, (0...magnitudeLimit / 900_000).contains(slot),
      let energy = record.body[1].integer, (1...1_000_000_000).contains(energy),
      let price = record.body[2].integer, (0...1_000_000_000).contains(price)
    else { return nil }
    identifier = record.identity
    buyer = record.author
    self.seller = seller
    self.offer = offer
    self.slot = TimeSlot(index: slot)
    self.energy = Energy(milliwattHours: energy)
    self.price = Price(millicreditsPerKilowattHour: price)
    last = record.identity
  }

  /// The body of an ACCEPT record.
  public static func acceptBody(slot: TimeSlot, energy: Energy, price: Price) -> [CBORValue] {
    [.integer(slot.index), .integer(energy.rawValue), .integer(price.rawValue)]
  }

  /// Who writes the next record.
  public var nextAuthor: PublicKey? {
    switch stage {
    case .accepted, .bound: seller
    case .confirmed, .settled: buyer
    case .acknowledged: nil
    }
  }

  /// The other side than `party`; nil for a stranger.
  public func counterpart(of party: PublicKey) -> PublicKey? {
    if party == buyer { return seller }
    return party == seller ? buyer : nil
  }

  /// Whether it can still become binding or be settled at `now`.
  ///
  /// What was not bound when its slot began has lapsed, and so has what was not settled within
  /// seven days: nobody owes anything.
  public func isLive(at now: Instant) -> Bool {
    switch stage {
    case .accepted, .confirmed: now < slot.start
    case .bound: now < slot.end + Self.settlementTimeOut
    case .settled: true
    case .acknowledged: false
    }
  }

  /// The most that the buyer may come to owe for it, beyond what is already acknowledged.
  public func exposure(at now: Instant) -> Credits {
    guard isLive(at: now), stage > .accepted else { return .zero }
    return settlement?.amount ?? price.cost(of: energy)
  }

  /// Applies the next record; returns false when it is not this contract's next step.
  public mutating func apply(_ record: Record) -> Bool {
    guard record.author == nextAuthor, record.link == last,
      record.peer == counterpart(of: record.author)
    else { return false }
    switch (stage, record.kind) {
    case (.accepted, .confirm): stage = .confirmed
    case (.confirmed, .bind):
      guard record.time < slot.start else { return false }
      stage = .bound
    case (.bound, .settle):
      guard let settlement = settlement(in: record.body) else { return false }
      self.settlement = settlement
      stage = .settled
    case (.settled, .acknowledge): stage = .acknowledged
    default: return false
    }
    last = record.identity
    return true
  }

  /// A SETTLE's figures, if they stay within what was agreed.
  private func settlement(in body: [CBORValue]) -> Settlement? {
    guard body.count == 4, let energy = body[0].integer,
      (0...self.energy.rawValue).contains(energy),
      let amount = body[1].integer,
      price.cost(of: Energy(milliwattHours: energy)).rawValue == amount,
      let sellerStatement = body[2].bytes.flatMap(Digest.init),
      let buyerStatement = body[3].bytes.flatMap(Digest.init)
    else { return nil }
    return Settlement(
      energy: Energy(milliwattHours: energy), amount: Credits(millicredits: amount),
      sellerStatement: sellerStatement, buyerStatement: buyerStatement)
  }
}
