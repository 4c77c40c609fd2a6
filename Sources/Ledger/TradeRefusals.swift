import Quantities
import Sealing

/// Which refusals of the present quarter of an hour have been told: one for each buyer.
///
/// Whoever may write ACCEPTs could otherwise fill the journal, and push every decision that the
/// owner may want to read out of `WHY`.
struct TradeRefusals: Sendable {
  /// The most that are told in a quarter of an hour; records may name any number of authors.
  static let maximumTold = 16

  private var slot = TimeSlot(index: 0)
  private var told: Set<PublicKey> = []

  /// Whether a refusal of this buyer is worth a line.
  mutating func isFirst(of buyer: PublicKey, at now: Instant) -> Bool {
    if TimeSlot(containing: now) != slot {
      slot = TimeSlot(containing: now)
      told = []
    }
    guard told.count < Self.maximumTold else { return false }
    return told.insert(buyer).inserted
  }
}
