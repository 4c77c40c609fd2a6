import Sealing

/// Who may be owed, and by whom.
struct CreditPair: Hashable, Comparable, Sendable {
  let creditor: PublicKey
  let debtor: PublicKey

  static func < (left: CreditPair, right: CreditPair) -> Bool {
    (left.creditor, left.debtor) < (right.creditor, right.debtor)
  }
}
