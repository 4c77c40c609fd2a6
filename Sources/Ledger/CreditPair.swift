import Sealing

/// Who may be owed, and by whom.
public struct CreditPair: Hashable, Comparable, Sendable {
  public let creditor: PublicKey
  public let debtor: PublicKey

  public init(creditor: PublicKey, debtor: PublicKey) {
    self.creditor = creditor
    self.debtor = debtor
  }

  public static func < (left: CreditPair, right: CreditPair) -> Bool {
    (left.creditor, left.debtor) < (right.creditor, right.debtor)
  }
}
