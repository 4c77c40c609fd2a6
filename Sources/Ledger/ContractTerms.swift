import Market
import Quantities
import Sealing

/// What a buyer and a seller agree on: the body of an ACCEPT.
public enum ContractTerms: Hashable, Sendable {
  case energy(EnergyTerms)
  /// Lies elsewhere: thousands of contracts for energy are remembered, which have no use for the
  /// three times larger room.
  indirect case computing(ComputingTerms)

  /// Reads an ACCEPT's body; nil when a field is missing, of another kind or out of range.
  public init?(body: [CBORValue]) {
    switch body.first?.integer {
    case EnergyTerms.good:
      guard let terms = EnergyTerms(body: body) else { return nil }
      self = .energy(terms)
    case ComputingTerms.good:
      guard let terms = ComputingTerms(body: body) else { return nil }
      self = .computing(terms)
    default: return nil
    }
  }

  public var body: [CBORValue] {
    switch self {
    case .energy(let terms): terms.body
    case .computing(let terms): terms.body
    }
  }

  /// The most that can be settled: mWh of energy, or tokens.
  public var quantity: Int64 {
    switch self {
    case .energy(let terms): terms.energy.rawValue
    case .computing(let terms): terms.tokens
    }
  }

  /// What `quantity` (mWh or tokens) costs, rounded toward zero to a millicredit.
  public func cost(of quantity: Int64) -> Credits {
    switch self {
    case .energy(let terms): terms.price.cost(of: Energy(rawValue: quantity))
    case .computing(let terms): terms.price.cost(ofTokens: quantity)
    }
  }

  /// What all of it costs.
  public var cost: Credits { cost(of: quantity) }

  /// When delivery is over: the slot's end, or the deadline.
  public var due: Instant {
    switch self {
    case .energy(let terms): terms.slot.end
    case .computing(let terms): terms.deadline
    }
  }
}

/// An amount of energy in one slot at one price.
public struct EnergyTerms: Hashable, Sendable {
  /// Where it is measured that energy went from one house to the other.
  public enum Metering: Hashable, Sendable {
    /// Each house by its own meter to a grid that all share: what the seller gave and what the
    /// buyer drew need not be equal, and the lesser of both counts.
    case sharedGrid
    /// A link of the two houses' own, with a meter at each end: both measure the same flow, so far
    /// as the link loses no more than these thousandths (0…500) of it.
    case link(loss: Int64)
  }

  static let good: Int64 = 1

  public let slot: TimeSlot
  /// The most that is sold: 1 mWh…1 MWh.
  public let energy: Energy
  public let price: Price
  public let metering: Metering

  public init(slot: TimeSlot, energy: Energy, price: Price, metering: Metering = .sharedGrid) {
    self.slot = slot
    self.energy = energy
    self.price = price
    self.metering = metering
  }

  init?(body: [CBORValue]) {
    guard body.count == 5,
      let slot = body[1].integer, (0...magnitudeLimit / 900_000).contains(slot),
      let energy = body[2].integer, (1...Order.maximumEnergy.rawValue).contains(energy),
      let price = body[3].integer, (0...Order.maximumPrice.rawValue).contains(price)
    else { return nil }
    switch body[4] {
    case .bytes([]): metering = .sharedGrid
    case .integer(let loss) where (0...500).contains(loss): metering = .link(loss: loss)
    default: return nil
    }
    self.slot = TimeSlot(index: slot)
    self.energy = Energy(milliwattHours: energy)
    self.price = Price(millicreditsPerKilowattHour: price)
  }

  /// The body of an ACCEPT record.
  public var body: [CBORValue] {
    let loss: CBORValue =
      switch metering {
      case .sharedGrid: .bytes([])
      case .link(let loss): .integer(loss)
      }
    return [
      .integer(Self.good), .integer(slot.index), .integer(energy.rawValue),
      .integer(price.rawValue), loss,
    ]
  }
}

/// A batch of inference requests, computed by a deadline for at most so many tokens.
public struct ComputingTerms: Hashable, Sendable {
  /// The most requests of one contract, as of one batch.
  public static let maximumRequests: Int64 = 50_000
  /// The most tokens of one contract.
  public static let maximumTokens: Int64 = 1_000_000_000

  static let good: Int64 = 2

  /// SHA-256 of the model's file, as the provider's allow-list and its publisher name it.
  public let model: Digest
  /// Identity of the work: the BLAKE2b-256 digest of the batch file, which itself is sent sealed.
  public let work: Digest
  /// How many requests it holds.
  public let requests: Int64
  /// The most output tokens that can be settled, all requests together.
  public let tokens: Int64
  public let price: TokenPrice
  /// A COMMIT that was written later has no effect.
  public let deadline: Instant

  public init(
    model: Digest, work: Digest, requests: Int64, tokens: Int64, price: TokenPrice,
    deadline: Instant
  ) {
    self.model = model
    self.work = work
    self.requests = requests
    self.tokens = tokens
    self.price = price
    self.deadline = deadline
  }

  init?(body: [CBORValue]) {
    guard body.count == 7,
      let model = body[1].bytes.flatMap(Digest.init),
      let work = body[2].bytes.flatMap(Digest.init),
      let requests = body[3].integer, (1...Self.maximumRequests).contains(requests),
      let tokens = body[4].integer, (1...Self.maximumTokens).contains(tokens),
      let price = body[5].integer, (0...TokenPrice.maximum.rawValue).contains(price),
      let deadline = body[6].integer, (0...magnitudeLimit).contains(deadline)
    else { return nil }
    self.model = model
    self.work = work
    self.requests = requests
    self.tokens = tokens
    self.price = TokenPrice(rawValue: price)
    self.deadline = Instant(rawValue: deadline)
  }

  /// The body of an ACCEPT record.
  public var body: [CBORValue] {
    [
      .integer(Self.good), .bytes(model.bytes), .bytes(work.bytes), .integer(requests),
      .integer(tokens), .integer(price.rawValue), .integer(deadline.rawValue),
    ]
  }
}
